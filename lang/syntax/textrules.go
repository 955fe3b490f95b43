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
	key := directiveKey{kind: "not-text", file: x.reading[len(x.reading)-1].file}
	if x.directives[key] {
		return
	}
	x.directives[key] = true
	d := diag.Diagnostic{
		Rule: "not-text", Severity: diag.Error, Span: x.view.span(off+strings.IndexByte(s, 0), 1),
		Message: "the line holds a NUL byte, so keepalived drops it as a whole",
		Help:    "remove the byte; if the file is UTF-16, save it as UTF-8",
	}
	if others := nulLines(key.file) - 1; others > 0 {
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

// directiveKey tells the first use of a directive in a file from later ones.
type directiveKey struct {
	kind string
	file *source.File
}

// directive reports a use of the text level that this release does not read: the first one of each kind
// in each file, for they have one cause.
func (x *expander) directive(kind string, off, n int, what, help string) {
	key := directiveKey{kind: kind, file: x.reading[len(x.reading)-1].file}
	if x.directives[key] {
		return
	}
	x.directives[key] = true
	x.sink.add(diag.Diagnostic{
		Rule: "text-directive", Severity: diag.Error, Span: x.view.span(off, n),
		Message: fmt.Sprintf("this release does not read %s: %s", kind, what),
		Help:    help,
	})
}

// condition is the stage of @id and @^id: the line counts only on the node of that name.
func (x *expander) condition(p *piece) bool {
	if p.text[0] != '@' {
		return false
	}
	n := strings.IndexAny(p.text, blanks)
	if n < 0 {
		n = len(p.text)
	}
	id := p.text[1:n]
	x.directive("conditions", p.offset, n, fmt.Sprintf("%q makes the line depend on the node", p.text[:n]),
		"write one file for each node")
	name, not := strings.CutPrefix(id, "^")
	if (name == x.opt.ConfigID) == not && !x.surface {
		return true
	}
	p.text, p.offset = p.text[n:], p.offset+n
	p.trimLeft()
	return p.text == ""
}

// definition is the stage of $NAME=value.
func (x *expander) definition(p *piece) bool {
	name, ok := definedName(p.text)
	if !ok {
		return false
	}
	x.directive("parameters", p.offset, len(name)+2, fmt.Sprintf(`"$%s=" defines one`, name),
		"write the value where the parameter is used")
	x.inDefinition = strings.HasSuffix(p.text, `\`)
	return true
}

// sequence is the stage of ~SEQ and ~LST. A line that starts with any other tilde is ordinary text.
func (x *expander) sequence(p *piece) bool {
	if p.text[0] != '~' || !strings.HasPrefix(p.text, "~SEQ") && !strings.HasPrefix(p.text, "~LST") {
		return false
	}
	x.directive("sequences", p.offset, 4, fmt.Sprintf("%q repeats the line", p.text[:4]),
		"write the lines out")
	return !x.surface
}

// references is the stage of ${NAME} and $NAME. An undefined $NAME stays as it is for keepalived too (it
// may belong to a script), so it is reported only where the name is one that keepalived sets itself.
func (x *expander) references(p *piece) bool {
	if !p.facts.dollar || p.text[0] == '~' {
		return false
	}
	quoted := false
	for i := 0; i < len(p.text); i++ {
		if p.text[i] == '"' {
			quoted = !quoted
		}
		if p.text[i] != '$' {
			continue
		}
		ref, ok := referenceAt(p.text, i)
		if !ok || (quoted || !ref.braces) && !isPredefined(ref.name) {
			continue
		}
		x.directive("parameters", p.offset+ref.start, ref.end-ref.start,
			fmt.Sprintf("%q refers to one", p.text[ref.start:ref.end]), "write the value in its place")
		return false
	}
	return false
}

func isPredefined(name string) bool {
	for _, p := range predefined {
		if p == name {
			return true
		}
	}
	return false
}
