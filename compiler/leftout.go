package compiler

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ka/compiler/plan"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/syntax"
)

// leaveOut lists a statement as one that keepalived does not act on.
func (c *compilation) leaveOut(s *syntax.Statement, reason string) {
	if !c.opt.AsKeepalived {
		return
	}
	c.plan.LeftOut = append(c.plan.LeftOut, plan.LeftOut{
		Origin: c.origin(s), Text: shownLine(s), Reason: reason,
	})
}

// leaveOutRest names what keepalived ignores of lines that count otherwise: each error that is not the
// end of the compilation has an entry of its line.
func (c *compilation) leaveOutRest() {
	left := func(d diag.Diagnostic) bool { return d.Severity == diag.Error && mended(d) }
	if !c.opt.AsKeepalived || !slices.ContainsFunc(c.list, left) {
		return // nearly always: the lines of a large file are not looked up for nothing
	}
	named := map[plan.Origin]bool{}
	entries := map[plan.LeftOut]bool{} // without their text
	for _, l := range c.plan.LeftOut {
		named[l.Origin] = true
		entries[plan.LeftOut{Origin: l.Origin, Reason: l.Reason}] = true
	}
	lines, outer := map[plan.Origin]*syntax.Statement{}, map[plan.Origin]plan.Origin{}
	c.lines(c.tree.Body, plan.Origin{}, lines, outer)
	for _, d := range c.list {
		at, reason := c.originAt(d.Span), d.Message+" ["+d.Rule+"]"
		whole := entries[plan.LeftOut{Origin: outer[at], Reason: reason}] // its block went, for this line
		if s := lines[at]; left(d) && !named[at] && !whole && s != nil {
			named[at] = true
			c.leaveOut(s, reason)
		}
	}
}

// lines notes the statement of each line and the line of the block around it.
func (c *compilation) lines(body []*syntax.Statement, around plan.Origin, lines map[plan.Origin]*syntax.Statement, outer map[plan.Origin]plan.Origin) {
	for _, s := range body {
		at := c.origin(s)
		lines[at], outer[at] = s, around
		c.lines(s.Children(), at, lines, outer)
	}
}

// shownLine is the text of a statement without what is secret in it: nothing behind a secret keyword,
// wherever it stands on the line.
func shownLine(s *syntax.Statement) string {
	words := []string{s.Head.Text}
	for _, w := range s.Args {
		words = append(words, w.Text)
	}
	for i, w := range words[:len(words)-1] {
		if schema.IsSecret(w) {
			return strings.Join(words[:i+1], " ") + " ***"
		}
	}
	if s.Raw != "" {
		return strings.TrimSpace(s.Raw)
	}
	return strings.Join(words, " ")
}

// sortLeftOut puts the lines in the order of the files.
func (c *compilation) sortLeftOut() {
	at := map[string]int{}
	for i, src := range c.plan.Sources {
		at[src.File] = i
	}
	slices.SortStableFunc(c.plan.LeftOut, func(a, b plan.LeftOut) int {
		return cmp.Or(cmp.Compare(at[a.Origin.File], at[b.Origin.File]), cmp.Compare(a.Origin.Line, b.Origin.Line))
	})
}

// reason finds the diagnostic that explains why the check pass dropped a statement.
func (c *compilation) reason(s *syntax.Statement) string {
	if !c.opt.AsKeepalived {
		return ""
	}
	c.collectReasons()
	if s.Span.File != nil {
		if r := c.reasons[place{s.Span.File, s.Span.File.LineOf(s.Span.Start)}]; r != "" {
			return r
		}
	}
	if s.Keyword == nil && !syntax.HasInvisible(s.Head.Text) && strings.Count(s.Raw, `"`)%2 == 0 {
		return fmt.Sprintf("unknown keyword %q", s.Head.Text)
	}
	return "a character or a quote on the line keeps keepalived from reading it"
}

// collectReasons collects what the check pass said of each line, once.
func (c *compilation) collectReasons() {
	if c.reasons != nil {
		return
	}
	c.reasons = map[place]string{}
	for _, d := range c.tree.Checked {
		if d.Span.File == nil {
			continue
		}
		at := place{d.Span.File, d.Span.File.LineOf(d.Span.Start)}
		if c.reasons[at] == "" {
			c.reasons[at] = fmt.Sprintf("%s [%s]", d.Message, d.Rule)
		}
	}
}

// hiddenBlock reports a block behind a word that keepalived does not know: it reads what is in it as part
// of the surrounding block, and AsKeepalived does not follow it there.
func (c *compilation) hiddenBlock(s *syntax.Statement) {
	if !c.opt.AsKeepalived || s.Block == nil || s.Keyword != nil {
		return
	}
	c.notCompiled(s.Head, fmt.Sprintf("what keepalived makes of the block behind %q: it reads the contents as part of the surrounding block", s.Head.Text))
}
