package lsp

import (
	"strings"

	"ka/lang/schema"
	"ka/lang/source"
	"ka/lang/syntax"
)

// Cursor is a place in a text: which block it is in, and which words stand before it on its line. It is
// found from the text in front of the place alone, so what is missing behind it does not matter.
type Cursor struct {
	// Context is the block's, nil in a block that keepalived does not know.
	Context *schema.Context
	// Words are those of the statement before the word at the cursor.
	Words []string
	// Word is the part of the word in front of the cursor, empty where none is begun.
	Word source.Span
	// Text is Word without its quote.
	Text string
	// Comment says that the place is in a comment.
	Comment bool
}

// opened is a block that is open at the cursor.
type opened struct {
	context *schema.Context
	known   bool
}

// FindCursor looks at the text of f in front of offset. base is the block that the file is included in,
// the top level's context where it is in none.
func FindCursor(f *source.File, offset int, base *schema.Context) Cursor {
	from := blockStart(f, offset, base)
	prefix := source.New(f.Name, f.Data[from:offset])
	surface, _ := syntax.NewSurface(prefix)
	w := walker{file: prefix, stack: []opened{{base, base != nil}}}
	for _, t := range surface.Tokens {
		w.token(t)
	}
	w.endOfLine(offset - from)
	c := Cursor{Context: w.top().context, Words: w.words, Word: source.Span{File: f, Start: offset, End: offset}}
	if n := len(surface.Comments); n > 0 && surface.Comments[n-1].Span.End == offset-from {
		c.Comment = true
	}
	if n := len(c.Words); n > 0 && w.end == offset-from {
		// The last word touches the cursor: it is being typed.
		c.Words, c.Word.Start, c.Text = c.Words[:n-1], from+w.start, c.Words[n-1]
		if strings.HasPrefix(c.Text, `"`) {
			c.Word.Start, c.Text = c.Word.Start+1, unquote(c.Text)
		}
	}
	return c
}

// blockStart returns the start of the nearest line in front of offset that begins with a block of the top
// level alone: nothing in front of it counts for what follows, however large the file is.
func blockStart(f *source.File, offset int, base *schema.Context) int {
	if base == nil || base.Path != "" {
		return 0
	}
	for line := f.LineOf(offset); line > 1; line-- {
		span := f.LineSpan(line)
		words := strings.FieldsFunc(string(f.Data[span.Start:min(span.End, span.Start+maxHeadBytes)]), func(r rune) bool { return r == ' ' || r == '\t' || r == '{' })
		if len(words) == 0 || !onlyTopLevel(words[0]) || strings.HasSuffix(f.LineSpan(line-1).Text(), `\`) {
			continue
		}
		return span.Start
	}
	return 0
}

// maxHeadBytes is how much of a line is looked at for its first word.
const maxHeadBytes = 200

// onlyTopLevel reports whether name is a block of the top level and nothing anywhere else.
func onlyTopLevel(name string) bool {
	k := schema.Lookup("", name)
	return k != nil && k.Kind.HasBlock() && len(schema.BlocksWith(name)) == 1
}

// walker keeps the open blocks and the words of the last statement while it goes over tokens.
type walker struct {
	file  *source.File
	stack []opened
	// words are those of the statement so far; start and end are the place of the last one.
	words      []string
	start, end int
}

func (w *walker) top() opened { return w.stack[len(w.stack)-1] }

func (w *walker) token(t syntax.Token) {
	text := t.Span.Text()
	switch t.Kind {
	case syntax.OpenToken:
		w.open()
	case syntax.CloseToken:
		if len(w.stack) > 1 {
			w.stack = w.stack[:len(w.stack)-1]
		}
		w.words = nil
	case syntax.OpaqueToken:
		w.words = nil
	case syntax.WordToken:
		w.endOfLine(t.Span.Start)
		if len(w.words) == 0 && strings.HasPrefix(text, "@") {
			return // a condition in front of the statement
		}
		w.words = append(w.words, text)
		w.start, w.end = t.Span.Start, t.Span.End
		if len(w.words) == 2 || len(w.words) == 1 && w.file.LineSpan(w.file.LineOf(t.Span.Start)).End != t.Span.End {
			w.recover(w.words[0])
		}
	}
}

// endOfLine ends the statement where a line ends between it and the place at.
func (w *walker) endOfLine(at int) {
	if len(w.words) > 0 && w.file.LineOf(w.end) != w.file.LineOf(at) {
		w.words = nil
	}
}

// open enters the block of the last statement; the brace may stand on a line of its own.
func (w *walker) open() {
	var head string
	if len(w.words) > 0 {
		head = w.words[0]
	} else if w.end > 0 {
		head = w.headBefore()
	}
	w.words = nil
	w.recover(head)
	k := w.top().context.Keyword(head)
	if k == nil || !k.Kind.HasBlock() {
		w.stack = append(w.stack, opened{})
		return
	}
	context := schema.At(k.Inner())
	w.stack = append(w.stack, opened{context: context, known: context != nil})
}

// headBefore is the first word of the line that the last word stands on.
func (w *walker) headBefore() string {
	line := w.file.LineSpan(w.file.LineOf(w.start)).Text()
	if words := strings.Fields(line); len(words) > 0 {
		return words[0]
	}
	return ""
}

// recover leaves the blocks that somebody forgot to close: a block that the innermost one does not know
// and an outer one does belongs to the outer one.
func (w *walker) recover(head string) {
	if top := w.top(); !top.known || top.context.Keyword(head) != nil {
		return
	}
	for i := len(w.stack) - 2; i >= 0; i-- {
		if k := w.stack[i].context.Keyword(head); k != nil && k.Kind.HasBlock() {
			w.stack = w.stack[:i+1]
			return
		}
	}
}

// Expected is what may stand at a cursor.
type Expected struct {
	// Keywords start a statement, or are words of its line.
	Keywords []*schema.Keyword
	// Items are values, those of the keyword For.
	Items []schema.Item
	For   *schema.Keyword
	// Directives says that a line of the text level may start here.
	Directives bool
}

// Expect says what may stand at c by the keyword table.
func (c Cursor) Expect() Expected {
	switch {
	case c.Comment || c.Context == nil:
		return Expected{}
	case isLineContext(c.Context):
		return c.expectLine()
	case len(c.Words) == 0:
		return Expected{Keywords: words(c.Context), Directives: true}
	}
	k := c.Context.Keyword(c.Words[0])
	if k == nil {
		return Expected{}
	}
	behind := unquoted(c.Words[1:])
	return Expected{Items: k.Spec().Next(behind), For: k, Keywords: options(k, behind)}
}

// expectLine is Expect in a list block: words that stand for themselves, options, and their values.
func (c Cursor) expectLine() Expected {
	var out Expected
	open, line := true, unquoted(c.Words)
	for i, word := range line {
		k := c.Context.Keyword(word)
		if k == nil || !k.IsWord() {
			continue
		}
		if next := k.Spec().Next(line[i+1:]); len(next) > 0 {
			out.Items, out.For = next, k
			open = optional(next)
		}
	}
	if !open {
		return out
	}
	for _, k := range c.Context.Keywords() {
		switch {
		case k.IsWord():
			if len(c.Words) > 0 || !onlyBehindName(c.Context) {
				out.Keywords = append(out.Keywords, k)
			}
		case len(c.Words) == 0 || k.Repeatable:
			out.Items, out.For = append(out.Items, k.Spec().Next(nil)...), k
		}
	}
	return out
}

// optional reports whether all items may be left out.
func optional(items []schema.Item) bool {
	for _, it := range items {
		if !it.Optional {
			return false
		}
	}
	return true
}

// onlyBehindName reports whether the lines of a context begin with a name or an address, behind which
// the options stand. Where the table has a choice for the first word, options can come first.
func onlyBehindName(c *schema.Context) bool {
	for _, k := range c.Keywords() {
		if !k.IsWord() {
			spec := k.Spec()
			return len(spec) > 0 && spec[0].Choice == nil
		}
	}
	return false
}

// isLineContext reports whether c holds the words of a list's lines.
func isLineContext(c *schema.Context) bool {
	list := c.Keywords()
	return len(list) > 0 && list[0].Kind == schema.LineToken
}

func words(c *schema.Context) []*schema.Keyword {
	var out []*schema.Keyword
	for _, k := range c.Keywords() {
		if k.IsWord() {
			out = append(out, k)
		}
	}
	return out
}

// options are the words of a keyword's own that are not written yet; where the word before takes a value
// there are none.
func options(k *schema.Keyword, written []string) []*schema.Keyword {
	context := schema.ArgumentWords(k)
	if context == nil {
		return nil
	}
	if n := len(written); n > 0 {
		if last := context.Keyword(written[n-1]); last != nil && len(last.Spec()) > 0 {
			return nil
		}
	}
	return words(context)
}

// unquoted takes the quotes off words.
func unquoted(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = unquote(w)
	}
	return out
}

func unquote(word string) string {
	if !strings.HasPrefix(word, `"`) {
		return word
	}
	return strings.TrimSuffix(word[1:], `"`)
}
