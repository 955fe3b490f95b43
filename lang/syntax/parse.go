package syntax

import (
	"github.com/alecthomas/participle/v2/lexer"

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
	for lines := x.view.lines; len(lines) > 0; {
		n := nextUnit(lines)
		t.Body = append(t.Body, x.parseUnit(lines[:n])...)
		lines = lines[n:]
	}
	t.origins = x.origins()
	t.Asked = Asked{ConfigID: x.asked.id, Random: x.asked.random, Dir: x.asked.dir, IDs: x.asked.ids, EnvVars: x.asked.env}
	return t, x.sink.finish()
}

// parseUnit reads one top-level statement.
func (x *expander) parseUnit(lines []logicalLine) []*Statement {
	lex, err := lexer.Upgrade(&lineLexer{lines: lines})
	if err == nil {
		var u *unit
		if u, err = grammar.ParseFromLexer(lex); err == nil {
			x.resolve(u.Body)
			return u.Body
		}
	}
	x.sink.add(diag.Diagnostic{
		Rule: "unexpected-brace", Severity: diag.Error, Span: x.view.span(lines[0].offset, len(lines[0].text)),
		Message: "the braces from here on cannot be made out: " + err.Error(),
		Help:    "check that each { has its }",
	})
	return nil
}

// resolve turns the offsets of the expanded view into places in files.
func (x *expander) resolve(body []*Statement) {
	for _, s := range body {
		s.Span = x.resolved(s.Span)
		s.Head.Span = x.resolved(s.Head.Span)
		for i := range s.Args {
			s.Args[i].Span = x.resolved(s.Args[i].Span)
		}
		if s.Block != nil {
			s.Block.Open = x.resolved(s.Block.Open)
			s.Block.Close = x.resolved(s.Block.Close)
			x.resolve(s.Block.Body)
		}
	}
}

// resolved returns the place of a stretch of the expanded view.
func (x *expander) resolved(s source.Span) source.Span {
	if s.Start < 0 {
		return source.Span{}
	}
	o := x.view.origin(s.Start)
	delta := o.Span.Start - o.Offset
	if o.Out == nil && s.End+delta <= o.Span.End {
		return source.Span{File: o.Span.File, Start: s.Start + delta, End: s.End + delta}
	}
	return x.view.span(s.Start, s.End-s.Start)
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
