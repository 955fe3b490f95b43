package syntax

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/source"
)

// opener is an open block while the braces are balanced.
type opener struct {
	// head and open are the indexes of its line and its brace in the balanced lines; head is -1 for a
	// brace that follows no keyword, and is dropped with its partner.
	head, open int
	// column is the width of the indentation of the head, -1 where it does not start its raw line.
	column int
	// inner is the context of what stands in the block; known says that the table has it.
	inner string
	known bool
}

// balancer repairs the braces of a text whose braces do not match, so that every line lands in the block
// that its author meant, and reports each mistake once, where the brace is probably missing.
type balancer struct {
	x   *expander
	in  []logicalLine
	out []logicalLine
	// stack are the open blocks.
	stack []opener
	// budget is the number of closing braces that the text lacks.
	budget int
	// surplus is the number of closing braces that the text has too many.
	surplus int
	// region is the index in out of the last top-level statement that the table knows as a block.
	region int
	// lastClosed is the context inside of the block closed last, lastClose its brace in out.
	lastClosed string
	lastClose  int
	found      int
	// broken are the places in the expanded view where a mistake was found.
	broken []int
}

// balance makes the braces of the expanded view match. Where they do already, which is nearly always,
// nothing happens.
func (x *expander) balance() []int {
	if x.invisible {
		x.joinOverInvisible()
	}
	if len(x.splits) > 0 {
		x.splitBlocks()
	}
	broken := x.joinTemplates()
	lacking, ok := countBraces(x.view.lines)
	if ok {
		return broken
	}
	b := &balancer{x: x, in: x.view.lines, budget: lacking, lastClose: -1, broken: broken}
	for i := range b.in {
		switch b.in[i].kind {
		case openLine:
			b.surplus--
		case closeLine:
			b.surplus++
		}
	}
	b.run()
	x.view.lines = b.out
	return b.broken
}

// countBraces returns how many closing braces lack at the end, and whether nothing at all is wrong.
func countBraces(lines []logicalLine) (lacking int, ok bool) {
	depth, ok := 0, true
	for i := range lines {
		switch lines[i].kind {
		case openLine:
			depth++
			ok = ok && i > 0 && lines[i-1].kind == textLine
		case closeLine:
			if depth--; depth < 0 {
				depth, ok = 0, false
			}
		}
	}
	return depth, ok && depth == 0
}

// joinOverInvisible drops lines of nothing but invisible characters between a keyword and its brace: they
// are reported, and the brace belongs to the keyword.
func (x *expander) joinOverInvisible() {
	out := make([]logicalLine, 0, len(x.view.lines))
	for i, l := range x.view.lines {
		if l.kind == textLine && len(out) > 0 && out[len(out)-1].kind == textLine && i+1 < len(x.view.lines) &&
			x.view.lines[i+1].kind == openLine && strings.TrimSpace(visible(l.text)) == "" {
			continue
		}
		out = append(out, l)
	}
	x.view.lines = out
}

func (b *balancer) run() {
	b.out = make([]logicalLine, 0, len(b.in)+8)
	for i := range b.in {
		b.step(b.in[i], i+1 < len(b.in) && b.in[i+1].kind == openLine)
	}
	for len(b.stack) > 0 {
		b.closeMissing(logicalLine{offset: -1}, "the file ends here")
	}
}

// step takes one line to the output; opens says that an opening brace follows it.
func (b *balancer) step(l logicalLine, opens bool) {
	switch l.kind {
	case textLine:
		for n := b.lateClosings(l, opens); n > 0; n-- {
			b.closeMissing(l, fmt.Sprintf("%q does not belong into it", firstWord(l.text)))
		}
		if len(b.stack) == 0 {
			if k := schema.Lookup("", firstWord(l.text)); k != nil && k.Kind.HasBlock() {
				b.region = len(b.out)
			}
		}
		b.out = append(b.out, l)
	case openLine:
		b.open(l)
	case closeLine:
		for b.closesOuter(l) {
			b.closeMissing(l, `the next "}" stands below the start of an outer block`)
		}
		b.close(l)
	}
}

// open takes an opening brace.
func (b *balancer) open(l logicalLine) {
	o := opener{head: len(b.out) - 1, open: len(b.out), column: -1}
	if o.head < 0 || b.out[o.head].kind != textLine {
		b.report(diag.Diagnostic{
			Rule: "unexpected-brace", Span: b.x.view.span(l.offset, 1),
			Message: `this "{" follows no keyword`,
			Help:    `remove it and its "}", or write the keyword in front of it`,
		}, l.offset)
		o.head = -1
		o.inner, o.known = b.context()
		b.stack = append(b.stack, o)
		return
	}
	o.inner, o.known = b.innerOf(b.out[o.head].text)
	o.column = b.column(b.out[o.head])
	b.stack = append(b.stack, o)
	b.out = append(b.out, l)
}

// context returns the context of the innermost block.
func (b *balancer) context() (path string, known bool) {
	if len(b.stack) == 0 {
		return "", true
	}
	top := b.stack[len(b.stack)-1]
	return top.inner, top.known
}

// innerOf returns the context inside a block that starts with the line text.
func (b *balancer) innerOf(text string) (path string, known bool) {
	outer, known := b.context()
	if !known {
		return "", false
	}
	k := schema.Lookup(outer, firstWord(text))
	if k == nil || !k.Kind.HasBlock() {
		return "", false
	}
	return k.Inner(), true
}

// close takes a closing brace that somebody wrote.
func (b *balancer) close(l logicalLine) {
	if len(b.stack) == 0 && !b.repairExtra(l) {
		return
	}
	top := b.stack[len(b.stack)-1]
	b.stack = b.stack[:len(b.stack)-1]
	if top.head < 0 {
		return
	}
	b.lastClosed, b.lastClose = top.inner, len(b.out)
	b.out = append(b.out, l)
}

// lateClosings returns how many of the open blocks must have ended before the line l, because its word
// is a keyword of a block further out and none of the innermost one.
func (b *balancer) lateClosings(l logicalLine, opens bool) int {
	if b.budget == 0 || len(b.stack) == 0 {
		return 0
	}
	head := firstWord(l.text)
	for n := 0; n <= len(b.stack) && n <= b.budget; n++ {
		path, known := "", true
		if at := len(b.stack) - 1 - n; at >= 0 {
			path, known = b.stack[at].inner, b.stack[at].known
		}
		if !known {
			continue
		}
		if k := schema.Lookup(path, head); k != nil && (n == 0 || k.Kind.HasBlock() == opens) {
			return n
		}
	}
	return 0
}

// closesOuter reports whether the brace l stands in the column of a block around the innermost one, and
// left of that.
func (b *balancer) closesOuter(l logicalLine) bool {
	if b.budget == 0 || len(b.stack) < 2 {
		return false
	}
	column, top := b.column(l), b.stack[len(b.stack)-1]
	if column < 0 || top.column <= column || top.head < 0 {
		return false
	}
	for _, o := range b.stack[:len(b.stack)-1] {
		if o.column == column {
			return true
		}
	}
	return false
}

// closeMissing closes the innermost block before the line at, and reports that its brace lacks.
func (b *balancer) closeMissing(at logicalLine, why string) {
	top := b.stack[len(b.stack)-1]
	b.stack = b.stack[:len(b.stack)-1]
	b.budget = max(0, b.budget-1)
	if top.head < 0 || b.takeBack(top) {
		return
	}
	head := b.out[top.head]
	b.lastClosed, b.lastClose = top.inner, len(b.out)
	b.out = append(b.out, logicalLine{kind: closeLine, offset: -1})
	if b.x.tooDeep {
		return
	}
	note := diag.Note{Message: why, Span: b.x.view.span(at.offset, len(at.text))}
	if at.offset < 0 {
		note.Span = b.endOfText()
	}
	b.report(diag.Diagnostic{
		Rule: "unclosed-block", Span: b.x.view.span(head.offset, len(head.text)),
		Message: fmt.Sprintf("the block %q is never closed", shorten(head.text)),
		Help:    closeHelp(note.Span, at.offset >= 0 && note.Span.File == b.x.view.place(head.offset).File),
		Related: []diag.Note{note},
	}, head.offset)
}

// takeBack drops the opening brace of a block that is never closed and whose keyword takes none: there never was
// a block. It reports false where the keyword takes one, or is not known.
func (b *balancer) takeBack(top opener) bool {
	head, brace := b.out[top.head], b.out[top.open]
	path, known := b.context()
	k := schema.Lookup(path, firstWord(head.text))
	if !known || k == nil || k.Kind.HasBlock() || b.x.tooDeep {
		return false
	}
	b.out = slices.Delete(b.out, top.open, top.open+1)
	if b.lastClose > top.open {
		b.lastClose--
	}
	b.report(diag.Diagnostic{
		Rule: "unexpected-brace", Span: b.x.view.span(brace.offset, 1),
		Message: fmt.Sprintf("%q takes no block", firstWord(head.text)),
		Help:    "remove the brace",
	}, brace.offset)
	return true
}

func closeHelp(s source.Span, before bool) string {
	if !before {
		return `write "}" behind its last line`
	}
	return fmt.Sprintf(`write "}" before line %d`, s.Position().Line)
}

// endOfText is the place behind the last line of the main file.
func (b *balancer) endOfText() source.Span {
	f := b.x.view.origins[0].Span.File
	return f.LineSpan(max(1, f.Lines()))
}

// repairExtra looks for the reason of a closing brace that closes nothing: a block keyword whose opening
// brace lacks, or earlier braces that are of a password or came too soon. It returns true where the brace l now has a block
// to close.
func (b *balancer) repairExtra(l logicalLine) bool {
	if b.found < maxPerRule && b.region < len(b.out) {
		if b.dropSecrets(l) || b.openMissing(l) || b.dropEarly(l) {
			return len(b.stack) > 0
		}
	}
	if l.offset < 0 {
		return false // nobody wrote it
	}
	b.report(diag.Diagnostic{
		Rule: "unexpected-brace", Span: b.x.view.span(l.offset, 1),
		Message: `this "}" closes no block`,
		Help:    "remove it",
	}, l.offset)
	return false
}

// openMissing finds a block keyword without its brace since the last top-level block began, and gives it
// one.
func (b *balancer) openMissing(l logicalLine) bool {
	tail := append([]logicalLine(nil), b.out[b.region:]...)
	b.out, b.stack = b.out[:b.region], b.stack[:0]
	repaired := false
	for i, line := range tail {
		opens := i+1 < len(tail) && tail[i+1].kind == openLine
		b.replay(line)
		if repaired || line.kind != textLine || opens {
			continue
		}
		path, known := b.context()
		k := schema.Lookup(path, firstWord(line.text))
		if !known || k == nil || !k.Kind.HasBlock() {
			continue
		}
		repaired = true
		b.report(diag.Diagnostic{
			Rule: "unexpected-brace", Span: b.x.view.span(line.offset, len(line.text)),
			Message: fmt.Sprintf(`the block %q is never opened: no "{" follows`, shorten(line.text)),
			Help:    `write "{" behind it`,
			Related: []diag.Note{{Message: `so this "}" is one too many`, Span: b.x.view.span(l.offset, 1)}},
		}, line.offset)
		b.open(logicalLine{kind: openLine, offset: -1})
	}
	return repaired
}

// replay takes a line that was balanced before, now perhaps one level deeper.
func (b *balancer) replay(l logicalLine) {
	switch l.kind {
	case textLine:
		b.out = append(b.out, l)
	case openLine:
		b.open(l)
	case closeLine:
		if len(b.stack) > 0 {
			b.close(l)
		}
	}
}

// dropSecrets finds closing braces at the end of a password, which are meant as a part of it where there are too
// many of them.
func (b *balancer) dropSecrets(l logicalLine) bool {
	tail := slices.Clone(b.out[b.region:])
	for i, line := range tail {
		head, n := firstWord(line.text), 0
		for end := line.offset + len(line.text); i+1+n < len(tail) && tail[i+1+n].kind == closeLine && tail[i+1+n].offset == end+n && n < b.surplus; {
			n++
		}
		if n == 0 || line.kind != textLine || len(head) == len(line.text) || !schema.IsSecret(head) {
			continue
		}
		b.surplus -= n
		from := strings.LastIndexFunc(line.text, unicode.IsSpace) + 1
		size := len(line.text) - from
		b.report(diag.Diagnostic{
			Rule: "brace-in-word", Span: b.x.view.span(line.offset+len(line.text), n),
			Message: fmt.Sprintf(`this %q stands in a word: keepalived takes it for that of a block, and reads %d of the %d bytes of %q`, strings.Repeat("}", n), size, size+n, head),
			Help:    "put the whole value into double quotes",
			Related: []diag.Note{{Message: `so this "}" closes no block`, Span: b.x.view.span(l.offset, 1)}},
			Fixes:   []diag.Fix{b.x.quoteFix(line.offset, from, len(line.text)+n, false)},
		}, line.offset)
		b.reopen(slices.Delete(tail, i+1, i+1+n))
		return true
	}
	return false
}

// dropEarly finds a closing brace behind which the block goes on: the next line is a keyword of the
// block just closed and none of where it stands.
func (b *balancer) dropEarly(l logicalLine) bool {
	tail := append([]logicalLine(nil), b.out[b.region:]...)
	b.out, b.stack = b.out[:b.region], b.stack[:0]
	dropped := false
	for i, line := range tail {
		if !dropped && line.kind == textLine && i > 0 && tail[i-1].kind == closeLine && b.belongsToClosed(line) {
			early := b.out[b.lastClose]
			b.report(diag.Diagnostic{
				Rule: "unexpected-brace", Span: b.x.view.span(early.offset, 1),
				Message: fmt.Sprintf(`this "}" comes too early: %q belongs into the block that it closes`, firstWord(line.text)),
				Help:    "remove it",
				Related: []diag.Note{{Message: `so this "}" closes no block`, Span: b.x.view.span(l.offset, 1)}},
			}, early.offset)
			dropped = true
			b.reopen(tail[:i-1])
		}
		b.replay(line)
	}
	return dropped
}

// belongsToClosed reports whether line is a keyword of the block closed just before it only.
func (b *balancer) belongsToClosed(line logicalLine) bool {
	if b.lastClose != len(b.out)-1 || b.lastClose < 0 || b.lastClosed == "" {
		return false
	}
	head := firstWord(line.text)
	path, known := b.context()
	return known && schema.Lookup(path, head) == nil && schema.Lookup(b.lastClosed, head) != nil
}

// reopen takes back the last closing brace by reading the lines before it again.
func (b *balancer) reopen(lines []logicalLine) {
	b.out, b.stack = b.out[:b.region], b.stack[:0]
	for _, l := range lines {
		b.replay(l)
	}
}

// report adds a finding about the structure. Where lines were left out before (for they stand too deep, or
// conditions and loops are not carried out), the braces say nothing.
func (b *balancer) report(d diag.Diagnostic, off int) {
	b.found++
	b.broken = append(b.broken, off)
	if b.x.surface && b.x.directed || b.x.stopped {
		return
	}
	d.Severity = diag.Error
	b.x.sink.add(d)
}

// column returns the width of the indentation of a line, -1 where it does not start its raw line. A tab
// goes to the next multiple of eight.
func (b *balancer) column(l logicalLine) int {
	if l.offset < 0 {
		return -1
	}
	at := b.x.view.place(l.offset)
	if b.x.view.origin(l.offset).Out != nil {
		return -1
	}
	data, width := at.File.Data, 0
	for i := lineStart(at); i < at.Start; i++ {
		switch data[i] {
		case ' ':
			width++
		case '\t':
			width += 8 - width%8
		default:
			return -1
		}
	}
	return width
}

// shorten cuts a line for a message.
func shorten(s string) string {
	const longest = 60
	if diag.HasSecret(s) {
		s = firstWord(s)
	}
	if len(s) <= longest {
		return s
	}
	return strings.ToValidUTF8(s[:longest], "") + "…"
}
