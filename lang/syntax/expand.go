package syntax

import (
	"bytes"
	"cmp"
	"math/rand/v2"
	"strings"

	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/source"
)

// Bounds of what is read. keepalived has only the one on the length of a line.
const (
	// maxLineBytes is the longest raw line without its newline; of a longer one keepalived drops the
	// first maxLineBytes+1 bytes and reads the rest as a line.
	maxLineBytes = 1022
	// maxNesting is how many blocks may be open, and how many files may include one another.
	maxNesting = 32
	// maxLines is the number of logical lines.
	maxLines = 1_000_000
	// maxFiles and maxBytes bound what includes bring in, each reading counted.
	maxFiles = 10_000
	maxBytes = 256 << 20
)

// piece is what is left of a line on its way through the stages: text and its place in the expanded view.
type piece struct {
	text   string
	offset int
	facts  lineFacts
	// indirect says what the text stands behind on its line, "" where it starts it: an include there is
	// read twice.
	indirect string
	// after are the further lines of a value of several lines, read behind this one.
	after []piece
}

// What the number of logical lines is guessed from.
var newline, openBrace = []byte("\n"), []byte("{")

// stages takes a line through the steps between its comment and its braces, in keepalived's order:
// conditions, definitions, loops, references, includes. What follows a brace takes them again. It returns
// true where one of them used the line up. A line without their signs skips them.
func (x *expander) stages(p *piece) bool {
	if p.text[0] == '@' && x.condition(p) {
		return true
	}
	if p.facts.dollar && p.text[0] == '$' && x.definition(p) {
		return true
	}
	if p.text[0] == '~' && x.sequence(p) {
		return true
	}
	if p.facts.dollar && x.references(p) {
		return true
	}
	return p.text[0] == 'i' && x.include(p)
}

// frame is a file that is being read.
type frame struct {
	file *source.File
	via  *Include
	// checks are the failures of plain include lines that make keepalived give up (include_check).
	checks includeChecks
}

// expander makes the expanded view of a text.
type expander struct {
	opt  Options
	view *view
	sink *sink
	// reading are the files being read, the main file first.
	reading []frame
	// byName are the files that were read; a file included twice is one.
	byName map[string]*source.File
	// depth is the number of open blocks, topHead the word in front of the outermost one.
	depth   int
	topHead string
	// inDefinition says that the previous raw line of a definition ended in a backslash, defining which
	// definition that is, gap where an empty line interrupts it.
	inDefinition bool
	defining     *parameter
	gap          gap
	parameters   map[string]*parameter
	// expansions are the uses of parameters, each kept once; unresolved the places of those that were
	// not replaced.
	expansions map[Expansion]*Expansion
	unresolved []source.Span
	// lastUnknown is the place of the last reference that was not replaced.
	lastUnknown source.Span
	// undefined are the names without a definition, undefinedAt the index of each.
	undefined   []undefined
	undefinedAt map[string]int
	splits      []conditionSplit
	// work counts the steps of expansion.
	work, maxWork int
	asked         asked
	rng           *rand.Rand
	reported      map[reportKey]bool
	notTexts      map[*source.File]bool
	// surface says that the raw file is looked at, not what keepalived makes of it: conditions and loops
	// are text with braces like any other. What cannot be touched then is listed in opaque, the places of
	// comments in comments, both in order.
	// Whether there are such is directed: then the braces on the surface prove nothing.
	surface, directed bool

	opaque   []int
	comments []source.Span
	// features are the directives and predefined parameters met so far.
	features []Feature
	// residue are the placeholders found so far.
	residue residues
	// invisible, tooDeep and stopped are set once something of the kind was found, foreign once a line may be no
	// configuration.
	invisible, tooDeep, stopped, foreign bool
	read                                 int
}

// expand reads main and its includes.
func expand(main *source.File, opt Options) *expander {
	x := newExpander(main, opt)
	x.readFile(main, nil)
	return x
}

func newExpander(main *source.File, opt Options) *expander {
	x := &expander{
		opt: opt, view: &view{}, sink: newSink(), maxWork: cmp.Or(opt.MaxWork, maxWork),
		byName: map[string]*source.File{main.Name: main}, parameters: map[string]*parameter{},
		expansions: map[Expansion]*Expansion{}, reported: map[reportKey]bool{}, notTexts: map[*source.File]bool{},
	}
	x.view.lines = make([]logicalLine, 0, min(maxLines, bytes.Count(main.Data, newline)+bytes.Count(main.Data, openBrace)+8))
	return x
}

// readFile sends the lines of f through the pipeline.
func (x *expander) readFile(f *source.File, via *Include) {
	x.read += len(f.Data)
	if x.read > maxBytes {
		x.tooLarge(source.Span{File: f}, "the files are larger than 256 MB together")
		return
	}
	here := frame{file: f, via: via}
	if len(x.reading) > 0 {
		here.checks = x.reading[len(x.reading)-1].checks
	}
	x.reading = append(x.reading, here)
	text := string(f.Data)
	base := x.view.add(source.Span{File: f, End: len(text)}, via)
	for at := 0; at < len(text) && !x.stopped; {
		end := strings.IndexByte(text[at:], '\n')
		if end < 0 {
			end = len(text) - at
		}
		x.rawLine(text[at:at+end], base+at)
		at += end + 1
	}
	x.inDefinition, x.gap = false, gap{}
	x.reading = x.reading[:len(x.reading)-1]
}

// rawLine takes one raw line, without its newline, to its logical lines.
func (x *expander) rawLine(s string, off int) {
	if len(s) > maxLineBytes {
		x.opaque = append(x.opaque, off)
		s, off = x.cutLong(s, off)
	}
	if x.inDefinition {
		x.opaque = append(x.opaque, off)
	}
	for len(s) > 0 && s[len(s)-1] == '\r' {
		s = s[:len(s)-1]
	}
	whole := len(s)
	for len(s) > 0 && (s[0] == ' ' || s[0] == '\t') {
		s, off = s[1:], off+1
	}
	if s == "" {
		if x.inDefinition {
			x.emptyInDefinition(off, 0, false)
		}
		return
	}
	facts := scanLine(s)
	if facts.nul || facts.end < len(s) && strings.IndexByte(s[facts.end:], 0) >= 0 {
		x.opaque = append(x.opaque, off)
		x.notText(s, off)
		return
	}
	if x.surface && facts.end < len(s) {
		x.comments = append(x.comments, x.view.span(off+facts.end, len(s)-facts.end))
	}
	if facts.high && HasInvisible(s[:facts.end]) {
		x.reportInvisible(s, facts.end, off)
	}
	if facts.high {
		x.reportTypographic(s[:facts.end], off)
	}
	x.findResidue(s, facts.end, off)
	if facts.end < len(s) {
		x.commentInWord(s, facts.end, off)
	}
	if facts.brace {
		x.braceInWord(s[:facts.end], off)
	}
	text := trimBlanks(s[:facts.end])
	if s[len(s)-1] == '\\' || facts.escape && hasCommentEscape(text) {
		text, off = x.recompose(s, off)
	}
	if x.inDefinition && text == "" {
		x.emptyInDefinition(off, len(s), true)
		return
	}
	if text == "" || x.inDefinition && x.definitionLine(text, off, len(s) < whole) {
		return
	}
	if facts.quote {
		x.checkQuotes(text, off, facts.openQuote >= 0)
	}
	if !facts.brace && !facts.dollar && !startsStage(text[0]) {
		x.text(text, off) // nearly always
		return
	}
	x.logical(piece{text: text, offset: off, facts: facts})
}

// startsStage reports whether a line that starts with b may be one for a stage (a condition, a loop, an include),
// or has further white space in front.
func startsStage(b byte) bool { return b == 'i' || b == '@' || b == '~' || isSpace(b) }

func hasCommentEscape(s string) bool { return strings.Contains(s, `\#`) || strings.Contains(s, `\!`) }

// cutLong reports a line that is too long and returns what keepalived reads of it.
func (x *expander) cutLong(s string, off int) (string, int) {
	drop := len(s) / (maxLineBytes + 1) * (maxLineBytes + 1)
	x.sink.add(diag.Diagnostic{
		Rule: "line-too-long", Severity: diag.Error, Span: x.view.span(off, len(s)),
		Message: longMessage(len(s), s[drop:]),
		Help:    "cut the line, comments included, to at most 1022 bytes",
	})
	return s[drop:], off + drop
}

// recompose strips the comment of a line with escapes by the book. Outside global_defs and the flags at
// the top, keepalived's processes read a copy that was stripped once, and strip it again.
func (x *expander) recompose(s string, off int) (string, int) {
	c := compose(s).strip()
	if !x.readOnce(string(c.text)) {
		c = c.strip()
	}
	c.trim()
	base := x.view.next
	for i := 0; i < len(c.src); {
		j := i + 1
		for j < len(c.src) && c.src[j] == c.src[j-1]+1 {
			j++
		}
		span := x.view.span(off+c.src[i], j-i)
		x.view.origins = append(x.view.origins, Origin{Offset: base + i, Span: span, Via: x.reading[len(x.reading)-1].via})
		i = j
	}
	x.view.next = base + len(c.src) + 1
	return string(c.text), base
}

// readOnce reports whether only the parent process reads the line text: it stands in global_defs, or is
// a flag at the top level.
func (x *expander) readOnce(text string) bool {
	if x.depth > 0 {
		return x.topHead == kw.GlobalDefs
	}
	head, _, _ := strings.Cut(firstWord(text), "{")
	if head == kw.GlobalDefs {
		return true
	}
	k := schema.Lookup("", head)
	return k != nil && !k.Kind.HasBlock()
}

// logical takes a line through the stages, and what several lines of values give behind it.
func (x *expander) logical(p piece) {
	splits := len(x.splits)
	x.cut(&p)
	for i := splits; i < len(x.splits); i++ {
		x.splits[i].to = len(x.view.lines)
	}
	for _, next := range p.after {
		if x.stopped {
			return
		}
		x.logical(next)
	}
}

// cut takes a line, or what follows a brace in it, through the stages, cuts it at the next brace and goes
// on with the rest.
func (x *expander) cut(p *piece) {
	for !x.stopped {
		p.trimLeft()
		if p.text == "" || x.stages(p) {
			return
		}
		i := -1
		if p.facts.brace {
			i = nextBrace(p.text, p.facts.dollar)
		}
		if i < 0 {
			x.text(p.text, p.offset)
			return
		}
		x.text(p.text[:i], p.offset)
		x.brace(p.text[i:i+1], p.offset+i)
		p.text, p.offset, p.indirect = p.text[i+1:], p.offset+i+1, "a brace"
	}
}

func (p *piece) trimLeft() {
	for len(p.text) > 0 && isSpace(p.text[0]) {
		p.text, p.offset = p.text[1:], p.offset+1
	}
}

// nextBrace returns the place of the first brace in s outside double quotes, -1 where there is none. The
// braces of a reference ${NAME} belong to it. Behind a quote that is never closed keepalived sees none;
// a brace that ends such a line is taken all the same, so that one missing quote does not also look like
// a missing brace.
func nextBrace(s string, dollar bool) int {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '}':
			return i
		case c == '$' && dollar:
			if ref, ok := referenceAt(s, i); ok {
				i = ref.end - 1
			}
		}
	}
	if quoted && (strings.HasSuffix(s, "{") || strings.HasSuffix(s, "}")) && len(s) > 1 {
		return len(s) - 1
	}
	return -1
}

// text adds a logical line of words.
func (x *expander) text(s string, off int) {
	for len(s) > 0 && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	for len(s) > 0 && isSpace(s[0]) {
		s, off = s[1:], off+1
	}
	if s == "" {
		return
	}
	if x.depth == 0 {
		x.topHead = firstWord(s)
	} else if x.depth == 1 && x.topHead == kw.GlobalDefs && strings.HasPrefix(s, kw.IncludeCheck) {
		x.includeCheck(s, off)
	}
	x.foreign = x.foreign || mayBeForeign(s)
	x.emit(logicalLine{text: s, offset: off, kind: textLine})
}

// brace adds a logical line that is a brace, and counts the depth.
func (x *expander) brace(s string, off int) {
	if s == "{" {
		x.depth++
		if x.depth == maxNesting+1 && !x.tooDeep {
			x.tooDeep = true
			x.sink.add(diag.Diagnostic{
				Rule: "nesting-too-deep", Severity: diag.Error, Span: x.view.span(off, 1),
				Message: `this "{" is the 33rd that is open; at most 32 blocks may stand in one another`,
				Help:    `close the blocks with "}" (keepalived's own nest four deep)`,
			})
		}
		x.emit(logicalLine{text: s, offset: off, kind: openLine})
		return
	}
	x.emit(logicalLine{text: s, offset: off, kind: closeLine})
	x.depth = max(0, x.depth-1)
}

// emit adds a logical line, unless it stands too deep to be read.
func (x *expander) emit(l logicalLine) {
	if x.depth > maxNesting {
		return
	}
	if len(x.view.lines) >= maxLines {
		x.tooLarge(x.view.span(l.offset, len(l.text)), "the text has more than 1000000 lines and braces")
		return
	}
	x.view.lines = append(x.view.lines, l)
}

// tooLarge reports once that the rest is not read.
func (x *expander) tooLarge(at source.Span, why string) {
	if x.stopped {
		return
	}
	x.stopped = true
	x.sink.add(diag.Diagnostic{
		Rule: "too-large", Severity: diag.Error, Span: at,
		Message: why + "; the rest is not read",
		Help:    "check that this is a keepalived configuration",
	})
}
