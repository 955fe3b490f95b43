package syntax

import (
	"fmt"
	"slices"
	"sort"

	"ka/lang/diag"
	"ka/lang/source"
)

// Asked is what a text asked its environment for. The rest of the environment does not change its meaning.
type Asked struct {
	// ConfigID says that a condition or ${_INSTANCE} was read, Random that a number was drawn, Dir that
	// ${_PWD} was used.
	ConfigID, Random, Dir bool
	// IDs are the ids that conditions name, in reading order.
	IDs []string
	// EnvVars are the environment variables that were asked for, with what they gave.
	EnvVars map[string]string
}

// maxNotes is the number of notes that a finding gets about where its text came from.
const maxNotes = 3

// treeOrigins finds where the text of a place came from.
type treeOrigins struct {
	// expansions and unresolved are those of each file, by place.
	expansions map[*source.File][]*Expansion
	unresolved map[*source.File][]source.Span
	// via is the include line that first brought a file in.
	via map[*source.File]*Include
}

// origins sorts what the expander noted.
func (x *expander) origins() treeOrigins {
	o := treeOrigins{
		expansions: map[*source.File][]*Expansion{}, unresolved: map[*source.File][]source.Span{},
		via: map[*source.File]*Include{},
	}
	for _, e := range x.expansions {
		o.expansions[e.Use.File] = append(o.expansions[e.Use.File], e)
	}
	for _, list := range o.expansions {
		slices.SortFunc(list, compareExpansions)
	}
	for _, s := range x.unresolved {
		o.unresolved[s.File] = append(o.unresolved[s.File], s)
	}
	for _, list := range o.unresolved {
		slices.SortFunc(list, func(a, b source.Span) int { return a.Start - b.Start })
	}
	for _, inc := range x.view.includes {
		for _, f := range inc.Files {
			if o.via[f] == nil {
				o.via[f] = inc
			}
		}
	}
	return o
}

// compareExpansions sorts by use, outer ones before inner ones, and by definition.
func compareExpansions(a, b *Expansion) int {
	switch {
	case a.Use.Start != b.Use.Start:
		return a.Use.Start - b.Use.Start
	case a.depth() != b.depth():
		return a.depth() - b.depth()
	case a.Name != b.Name && a.Name < b.Name:
		return -1
	case a.Name != b.Name:
		return 1
	}
	return a.Defined.Start - b.Defined.Start
}

func overlap(a, b source.Span) bool {
	return a.File == b.File && a.Start < max(b.End, b.Start+1) && b.Start < max(a.End, a.Start+1)
}

func useStart(e *Expansion) int { return e.Use.Start }

// near returns those of list, sorted by their start, that can touch the place at. A reference is no longer than
// a line, so only those that start within one line's length in front of it can: findings and references may both
// be a hundred thousand, and are not to be held each against each.
func near[T any](list []T, at source.Span, start func(T) int) []T {
	from := sort.Search(len(list), func(i int) bool { return start(list[i]) >= at.Start-maxLineBytes })
	to := from + sort.Search(len(list)-from, func(i int) bool { return start(list[from+i]) >= max(at.End, at.Start+1) })
	return list[from:to]
}

// Unresolved reports whether the place holds a reference that was not replaced, because it is reported or
// nobody told its value: what the words there mean is not known.
func (t *Tree) Unresolved(at source.Span) bool {
	for _, s := range near(t.origins.unresolved[at.File], at, func(s source.Span) int { return s.Start }) {
		if overlap(s, at) {
			return true
		}
	}
	return false
}

// Expanded reports whether the place holds text that came out of a parameter: it cannot be edited there.
func (t *Tree) Expanded(at source.Span) bool {
	for _, e := range near(t.origins.expansions[at.File], at, useStart) {
		if overlap(e.Use, at) {
			return true
		}
	}
	return false
}

// Annotate adds to each finding the notes about where its text came from: the definition of a parameter,
// the head of a loop, the include line of a file. Fixes that would edit what came out of a parameter are
// taken away. A finding that has a note already does not get it again.
func (t *Tree) Annotate(list diag.List) {
	if len(t.origins.expansions) == 0 && len(t.origins.via) == 0 {
		return
	}
	for i := range list {
		d := &list[i]
		if d.Span.File == nil {
			continue
		}
		d.Fixes = t.editable(d.Fixes)
		notes := append(t.definitions(d.Span), t.inclusions(d.Span.File)...)
		for _, n := range notes {
			if !slices.ContainsFunc(d.Related, func(have diag.Note) bool { return overlap(have.Span, n.Span) }) {
				d.Related = append(d.Related[:len(d.Related):len(d.Related)], n)
			}
		}
	}
}

func (t *Tree) editable(fixes []diag.Fix) []diag.Fix {
	if len(fixes) == 0 {
		return fixes
	}
	return slices.DeleteFunc(slices.Clone(fixes), func(f diag.Fix) bool {
		return slices.ContainsFunc(f.Edits, func(e diag.Edit) bool { return t.Expanded(e.Span) })
	})
}

// definitions are the notes about the parameters used at a place.
func (t *Tree) definitions(at source.Span) []diag.Note {
	var notes []diag.Note
	for _, e := range near(t.origins.expansions[at.File], at, useStart) {
		if len(notes) == maxNotes {
			break
		}
		if !overlap(e.Use, at) || !e.Defined.IsValid() {
			continue
		}
		message := fmt.Sprintf("%q is defined here", e.Name)
		if e.Loop {
			message = fmt.Sprintf("%q is set by this loop", e.Name)
		}
		if note := (diag.Note{Message: message, Span: e.Defined}); !slices.Contains(notes, note) {
			notes = append(notes, note)
		}
	}
	return notes
}

// inclusions are the notes about the include lines that brought a file in, the innermost first.
func (t *Tree) inclusions(f *source.File) []diag.Note {
	var notes []diag.Note
	for inc := t.origins.via[f]; inc != nil && len(notes) < maxNotes; inc = inc.via {
		notes = append(notes, diag.Note{Message: "included from here", Span: inc.Span})
	}
	return notes
}
