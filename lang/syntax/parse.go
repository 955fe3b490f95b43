package syntax

import (
	"ka/lang/diag"
	"ka/lang/source"
)

// Parse reads main and the files that it includes into a tree, which is never nil: after each mistake
// reading goes on behind it. The findings are those about the text itself (braces, quotes, includes,
// invisible characters, bounds); what the words mean is for package check.
func Parse(main *source.File, opt Options) (*Tree, diag.List) {
	x := expand(main, opt)
	x.dropForeign()
	x.balance()
	x.reportResidues()
	t := &Tree{Main: main, Files: append([]*source.File{main}, x.view.files...)}
	for _, inc := range x.view.includes {
		t.Includes = append(t.Includes, *inc)
	}
	t.Body = x.parseUnits()
	t.origins, t.Features = x.origins(), x.features
	t.Asked = Asked{ConfigID: x.asked.id, Random: x.asked.random, Dir: x.asked.dir, IDs: x.asked.ids, EnvVars: x.asked.env}
	return t, x.sink.finish()
}

// sideBySide is the number of logical lines from which on a text is parsed in parts, each by a goroutine of
// its own; below it, the start of a goroutine costs more than it saves.
const (
	sideBySide = 20_000
	parseParts = 4
)

// parseUnits parses the logical lines, whose braces are balanced.
func (x *expander) parseUnits() []*Statement {
	parts := [][]logicalLine{x.view.lines}
	if len(x.view.lines) >= sideBySide {
		parts = inParts(x.view.lines, parseParts)
	}
	parsers := make([]unitParser, len(parts))
	done := make(chan struct{})
	for i := range parts {
		p := &parsers[i]
		p.view = *x.view
		if len(parts) == 1 {
			p.parse(parts[0])
			break
		}
		go func() {
			p.parse(parts[i])
			done <- struct{}{}
		}()
	}
	if len(parts) > 1 {
		for range parts {
			<-done
		}
	}
	var body []*Statement
	for i := range parsers {
		body = append(body, parsers[i].body...)
		for _, d := range parsers[i].list {
			x.sink.add(d)
		}
	}
	return body
}

// inParts cuts lines into at most n runs of whole units, of about the same length.
func inParts(lines []logicalLine, n int) [][]logicalLine {
	var parts [][]logicalLine
	for left := n; len(lines) > 0; left-- {
		end := 0
		for end < len(lines) && (left <= 1 || end < len(lines)/left) {
			end += nextUnit(lines[end:])
		}
		parts = append(parts, lines[:end])
		lines = lines[end:]
	}
	return parts
}

// unitParser parses a run of logical lines. Each has the view for itself: looking a place up remembers it.
type unitParser struct {
	view   view
	window window
	body   []*Statement
	list   diag.List
}

func (p *unitParser) parse(lines []logicalLine) {
	for len(lines) > 0 {
		n := nextUnit(lines)
		p.body = append(p.body, p.unit(lines[:n])...)
		lines = lines[n:]
	}
}

// unit reads some top-level statements.
func (p *unitParser) unit(lines []logicalLine) []*Statement {
	lex, err := p.window.over(lines)
	if err == nil {
		var u *unit
		if u, err = grammar.ParseFromLexer(lex); err == nil {
			p.resolve(u.Body)
			return u.Body
		}
	}
	p.list = append(p.list, diag.Diagnostic{
		Rule: "unexpected-brace", Severity: diag.Error, Span: p.view.span(lines[0].offset, len(lines[0].text)),
		Message: "the braces from here on cannot be made out: " + err.Error(),
		Help:    "check that each { has its }",
	})
	return nil
}

// resolve turns the offsets of the expanded view into places in files.
func (p *unitParser) resolve(body []*Statement) {
	for _, s := range body {
		s.Span = p.resolved(s.Span)
		s.Head.Span = p.resolved(s.Head.Span)
		for i := range s.Args {
			s.Args[i].Span = p.resolved(s.Args[i].Span)
		}
		if s.Block != nil {
			s.Block.Open = p.resolved(s.Block.Open)
			s.Block.Close = p.resolved(s.Block.Close)
			p.resolve(s.Block.Body)
		}
	}
}

// resolved returns the place of a stretch of the expanded view.
func (p *unitParser) resolved(s source.Span) source.Span {
	if s.Start < 0 {
		return source.Span{}
	}
	o := p.view.origin(s.Start)
	delta := o.Span.Start - o.Offset
	if o.Out == nil && s.End+delta <= o.Span.End {
		return source.Span{File: o.Span.File, Start: s.Start + delta, End: s.End + delta}
	}
	return p.view.span(s.Start, s.End-s.Start)
}

// ExpandedLines returns the logical lines of main and its includes: words as written, each brace a line
// of its own. Braces are not repaired.
func ExpandedLines(main *source.File, opt Options) []string {
	x := expand(main, opt)
	lines := make([]string, len(x.view.lines))
	for i, l := range x.view.lines {
		lines[i] = l.text
	}
	return lines
}
