package syntax

import (
	"fmt"
	"strings"

	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/source"
)

// region is a run of raw lines that are no configuration.
type region struct {
	kind        *foreignKind
	first, last source.Span
	lines       int
	// start is the index of its first logical line.
	start int
	// held are its logical lines, depth the braces among them that are open.
	held  []logicalLine
	depth int
}

// span reaches over all lines of the region.
func (r *region) span() source.Span {
	s := r.first
	if s.File == r.last.File {
		s.End = max(s.End, r.last.End)
	}
	return s
}

// foreigner finds text that was pasted into a configuration and is none.
type foreigner struct {
	x     *expander
	out   []logicalLine
	stack []foreignBlock
	// open is the region that the next line may belong to; its lines are left out. conflict is the merge
	// conflict being read; only its markers are left out, keepalived reads both sides.
	open, conflict *region
	// at is the index of the first logical line of the raw line being looked at.
	at int
	// last is the text in front of the next brace.
	last string
}

// foreignBlock is an open block: where the table looks up what stands in it, and whether its lines are free
// text or unknown.
type foreignBlock struct {
	path string
	free bool
}

// dropForeign leaves out what is no configuration and reports each region of it once: keepalived reports
// every line, and takes the braces for its own.
func (x *expander) dropForeign() {
	lines := x.view.lines
	if x.surface || !x.foreign {
		return // nearly always
	}
	f := &foreigner{x: x}
	for i := 0; i < len(lines); {
		n := f.rawLine(lines[i:])
		f.at = i
		f.take(lines[i : i+n])
		i += n
	}
	f.finish()
	f.report(f.conflict)
	if f.out != nil {
		x.view.lines = f.out
	}
}

// rawLine returns how many of the lines stand on the raw line of the first. Only a brace ends a logical line
// before its raw line ends, so a text line without one behind it stands alone.
func (f *foreigner) rawLine(lines []logicalLine) int {
	n := 1
	for n < len(lines) && (lines[n].kind != textLine || lines[n-1].kind != textLine) && f.x.oneRawLine(lines[0].offset, lines[n].offset) {
		n++
	}
	return n
}

// take looks at the logical lines of one raw line.
func (f *foreigner) take(lines []logicalLine) {
	kind := f.kindOf(lines)
	if kind == &mergeKind {
		f.finish()
		f.marker(lines)
		return
	}
	switch {
	case kind != nil && (f.open == nil || f.open.kind != kind || !kind.grows):
		f.finish()
		f.open = &region{kind: kind, first: f.place(lines), start: f.at}
		f.extend(lines)
	case kind != nil || f.belongs(lines):
		f.extend(lines)
	default:
		f.finish()
		f.keep(lines)
	}
	if f.conflict != nil {
		f.conflict.last = f.place(lines)
	}
}

// extend adds the lines of a raw line to the open region.
func (f *foreigner) extend(lines []logicalLine) {
	r := f.open
	r.last = f.place(lines)
	r.lines++
	r.held = append(r.held, lines...)
	for _, l := range lines {
		switch l.kind {
		case openLine:
			r.depth++
		case closeLine:
			r.depth--
		}
	}
}

// marker takes a line that a merge left behind.
func (f *foreigner) marker(lines []logicalLine) {
	here := f.place(lines)
	if f.conflict == nil || lines[0].text[0] == '<' {
		f.report(f.conflict)
		f.conflict = &region{kind: &mergeKind, first: here}
	}
	f.conflict.last = here
	if lines[0].text[0] == '>' {
		f.report(f.conflict)
		f.conflict = nil
	}
	f.drop(f.at)
}

// kindOf returns what the raw line looks like, nil where it may be configuration.
func (f *foreigner) kindOf(lines []logicalLine) *foreignKind {
	l := lines[0]
	if l.kind != textLine || l.offset < 0 {
		return nil
	}
	if !mayBeForeign(l.text) {
		return nil
	}
	odd := !f.block().free && !f.keyword(l.text)
	if isMarker(l.text) {
		return &mergeKind
	}
	at := f.x.view.place(l.offset)
	raw := strings.TrimSpace(at.File.LineSpan(at.File.LineOf(at.Start)).Text())
	for i := range foreignKinds {
		k := &foreignKinds[i]
		if (k.anywhere || odd) && k.matches(raw) && (k.anywhere || !f.misplaced(l.text)) {
			return k
		}
	}
	return nil
}

// belongs reports whether a line that does not show what it is goes on with the region before it.
func (f *foreigner) belongs(lines []logicalLine) bool {
	r := f.open
	if r == nil || !r.kind.grows || f.block().free {
		return false
	}
	const most = 1000
	if lines[0].kind != textLine {
		return r.depth > 0 && r.lines < most
	}
	return !f.keyword(lines[0].text) && !f.misplaced(lines[0].text)
}

// keyword reports whether a line starts with a keyword of the block it stands in, or with a directive.
func (f *foreigner) keyword(text string) bool {
	head := firstWord(text)
	return schema.Lookup(f.block().path, head) != nil || schema.IsDirective(head)
}

// misplaced reports whether a line starts with a keyword of some other block: that is no pasted text.
func (f *foreigner) misplaced(text string) bool { return len(schema.BlocksWith(firstWord(text))) > 0 }

// block is the innermost open block.
func (f *foreigner) block() foreignBlock {
	if len(f.stack) == 0 {
		return foreignBlock{}
	}
	return f.stack[len(f.stack)-1]
}

func (f *foreigner) place(lines []logicalLine) source.Span {
	last := lines[len(lines)-1]
	return f.x.view.span(lines[0].offset, last.offset+len(last.text)-lines[0].offset)
}

// keep takes the lines to the output and follows their blocks.
func (f *foreigner) keep(lines []logicalLine) {
	if f.out != nil {
		f.out = append(f.out, lines...)
	}
	for i, l := range lines {
		if l.kind == textLine {
			f.last = l.text
		}
		switch {
		case l.kind == closeLine && len(f.stack) > 0:
			f.stack = f.stack[:len(f.stack)-1]
		case l.kind == openLine:
			f.enter(lines[:i])
		}
	}
}

// enter opens a block, whose keyword is the line before the brace.
func (f *foreigner) enter(before []logicalLine) {
	inner := foreignBlock{path: "?", free: true}
	head := f.last
	if len(before) > 0 {
		head = before[len(before)-1].text
	}
	if k := schema.Lookup(f.block().path, firstWord(head)); k != nil && k.Kind.HasBlock() && !f.block().free {
		inner = foreignBlock{path: k.Inner(), free: k.Kind == schema.ListBlock || k.Kind == schema.WordBlock}
	}
	f.stack = append(f.stack, inner)
}

// drop leaves out what starts at the logical line start. Up to the first such line the output is the input:
// it is found by its index, for offsets do not grow along the lines (an include or a value stands elsewhere).
func (f *foreigner) drop(start int) {
	if f.out == nil {
		all := f.x.view.lines
		f.out = append(make([]logicalLine, 0, len(all)), all[:start]...)
	}
}

// finish reports the region that ends here.
// Its braces stay where they do not match: then they may be those of the configuration around it.
func (f *foreigner) finish() {
	r := f.open
	f.open = nil
	f.report(r)
	switch {
	case r == nil:
	case r.kind.read || r.depth != 0:
		f.keep(r.held)
	default:
		f.drop(r.start)
	}
}

func (f *foreigner) report(r *region) {
	if r == nil {
		return
	}
	what := r.kind.what
	if r.lines > 1 {
		what = fmt.Sprintf("%s (%d lines)", what, r.lines)
	}
	f.x.sink.add(diag.Diagnostic{
		Rule: "not-configuration", Severity: diag.Error, Span: r.span(),
		Message: what + " is no configuration; " + r.kind.effect,
		Help:    r.kind.help,
	})
}
