package syntax

import (
	"fmt"

	"ka/lang/diag"
)

// maxPerRule is the number of findings of one rule that are listed; a last one counts the rest.
const maxPerRule = 100

// sink gathers findings and keeps their number within bounds: a megabyte of garbage is one mistake.
type sink struct {
	list diag.List
	seen map[string]int
	// over holds, for a rule past its bound, the finding that stands for all further ones.
	over map[string]*diag.Diagnostic
	// order keeps the rules of over as they came up.
	order []string
}

func newSink() *sink { return &sink{seen: map[string]int{}, over: map[string]*diag.Diagnostic{}} }

// add takes d in, or counts it. The fixes of counted findings are kept: one application repairs all.
func (s *sink) add(d diag.Diagnostic) {
	s.seen[d.Rule]++
	if s.seen[d.Rule] <= maxPerRule {
		s.list = append(s.list, d)
		return
	}
	rest, ok := s.over[d.Rule]
	if !ok {
		d.Related = nil
		s.over[d.Rule] = &d
		s.order = append(s.order, d.Rule)
		return
	}
	if len(rest.Fixes) > 0 && len(d.Fixes) > 0 && rest.Fixes[0].Kind == d.Fixes[0].Kind && sameFile(rest, &d) {
		rest.Fixes[0].Edits = append(rest.Fixes[0].Edits, d.Fixes[0].Edits...)
	}
}

func sameFile(a, b *diag.Diagnostic) bool { return a.Span.File == b.Span.File }

// full reports whether further findings of rule are only counted.
func (s *sink) full(rule string) bool { return s.seen[rule] > maxPerRule }

// count notes a further finding of a rule that is full, without its text.
func (s *sink) count(rule string) { s.seen[rule]++ }

// finish returns the findings, the counting ones last.
func (s *sink) finish() diag.List {
	for _, rule := range s.order {
		d := *s.over[rule]
		if n := s.seen[rule] - maxPerRule; n > 1 {
			d.Message = fmt.Sprintf("%s, and %d more like this", d.Message, n-1)
		}
		s.list = append(s.list, d)
	}
	s.order = nil
	return s.list
}
