package syntax

import (
	"bytes"
	"fmt"
	"strings"

	"ka/lang/diag"
	"ka/lang/source"
)

// notText reports a line with a NUL byte, which keepalived drops: the first one of each file, with the
// number of the others, for they have one cause.
func (x *expander) notText(s string, off int) {
	file := x.reading[len(x.reading)-1].file
	if x.notTexts[file] {
		return
	}
	x.notTexts[file] = true
	d := diag.Diagnostic{
		Rule: "not-text", Severity: diag.Error, Span: x.view.span(off+strings.IndexByte(s, 0), 1),
		Message: "the line holds a NUL byte, so keepalived drops it as a whole",
		Help:    "remove the byte; if the file is UTF-16, save it as UTF-8",
	}
	if others := nulLines(file) - 1; others > 0 {
		d.Message += fmt.Sprintf(", and %d more like it", others)
		d.Help = "save the file as plain text; if it is UTF-16, as UTF-8"
	}
	x.sink.add(d)
}

// nulLines counts the lines that hold a NUL byte.
func nulLines(f *source.File) int {
	n := 0
	for rest := f.Data; ; n++ {
		at := bytes.IndexByte(rest, 0)
		if at < 0 {
			return n
		}
		end := bytes.IndexByte(rest[at:], '\n')
		if end < 0 {
			return n + 1
		}
		rest = rest[at+end:]
	}
}

// longMessage says what becomes of a line of n bytes of which keepalived drops some and reads the rest.
func longMessage(n int, rest string) string {
	msg := fmt.Sprintf("the line has %d bytes, at most 1022 are allowed; keepalived drops the first %d", n, n-len(rest))
	if rest = strings.TrimSpace(rest); rest == "" {
		return msg
	}
	return msg + " and reads the rest as a line of its own"
}

// checkQuotes reports a double quote that is never closed, and a quoted word that keepalived takes for
// a brace. The comment scanner and the word splitter disagree about \", so either may find the first.
func (x *expander) checkQuotes(text string, off int, open bool) {
	at := unclosedQuote(text)
	if at < 0 && open {
		at = strings.LastIndexByte(text, '"')
	}
	if at >= 0 {
		x.opaque = append(x.opaque, off)
		if x.sink.full("unclosed-quote") {
			x.sink.count("unclosed-quote")
			return
		}
		x.sink.add(diag.Diagnostic{
			Rule: "unclosed-quote", Severity: diag.Error, Span: x.view.span(off+at, len(text)-at),
			Message: `this double quote is never closed; keepalived loses the rest of the line`,
			Help:    `write a second " behind the text (\" does not stand for a quote)`,
		})
		return
	}
	for _, brace := range []string{`"{"`, `"}"`} {
		if i := strings.Index(text, brace); i >= 0 && strings.Count(text[:i], `"`)%2 == 0 {
			x.sink.add(diag.Diagnostic{
				Rule: "unexpected-brace", Severity: diag.Error, Span: x.view.span(off+i, len(brace)),
				Message: fmt.Sprintf("a word that is only a quoted brace, %s, is taken for a brace all the same", brace),
				Help:    "put more than the brace into the quotes",
			})
		}
	}
}
