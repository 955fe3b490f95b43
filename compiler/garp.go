package compiler

import (
	"fmt"
	"time"

	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// secondsAndAll reads "all" and the seconds of garp_extra_if; wrong is the first word that is neither,
// or the keyword where there are no seconds.
func secondsAndAll(s *syntax.Statement) (interval time.Duration, all bool, wrong *syntax.Word) {
	timed := false
	for i, w := range s.Args {
		d, ok := schema.ParseSeconds(w.Text, 0)
		ok = ok && s.Keyword.Spec().Fits(w.Text)
		switch {
		case w.Text == kw.All:
			all = true
		case ok:
			interval, timed = d, true
		case wrong == nil:
			wrong = &s.Args[i]
		}
	}
	if !timed && wrong == nil {
		wrong = &s.Head
	}
	return interval, all, wrong
}

// extraInterfaces reads garp_extra_if, which keepalived ignores as a whole where a word is wrong.
func (c *compilation) extraInterfaces(s *syntax.Statement) (interval time.Duration, all, ok bool) {
	interval, all, wrong := secondsAndAll(s)
	if wrong == nil {
		return interval, all, true
	}
	c.drop(s, diag.Diagnostic{
		Rule: ruleInvalid, Severity: diag.Error, Span: wrong.Span,
		Message: fmt.Sprintf("%q needs a number of seconds; keepalived ignores the line", s.Head.Text),
		Help:    fmt.Sprintf("write \"%s %s 10\"", s.Head.Text, kw.All),
	})
	return 0, false, false
}
