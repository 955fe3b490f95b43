package syntax

import (
	"bytes"
	"strings"

	"ka/lang/diag"
	"ka/lang/source"
)

// Expand returns the text of main after includes, conditions, parameters and loops, comments gone: each
// logical line on a line of its own, an opening brace behind the words in front of it, indented by the
// depth. Reading it again gives the same logical lines. The findings are those of Parse.
func Expand(main *source.File, opt Options) ([]byte, diag.List) {
	x := expand(main, opt)
	p := linePrinter{id: opt.ConfigID}
	for i, l := range x.view.lines {
		p.line(l, i > 0 && x.view.lines[i-1].kind == textLine)
	}
	p.end()
	tree, list := Parse(main, opt)
	tree.Annotate(list)
	list.Sort()
	return p.out.Bytes(), list
}

// linePrinter writes logical lines as text.
type linePrinter struct {
	out bytes.Buffer
	// id is the config id of the text.
	id    string
	depth int
	// open is the length of the line that is not ended yet; includes says that it would be read as an
	// include line if a brace stood behind it.
	open     int
	includes bool
	// gap stands before a brace: nothing behind a "$NAME" that was not replaced, since a blank would end the
	// name and make it one that is.
	gap string
}

func (p *linePrinter) end() {
	if p.open > 0 {
		p.out.WriteByte('\n')
	}
	p.open = 0
}

func (p *linePrinter) line(l logicalLine, behindText bool) {
	switch {
	case l.kind == openLine && behindText && p.open+2 <= maxLineBytes && !p.includes:
		p.out.WriteString(p.gap + "{")
		p.end()
	case l.kind == closeLine:
		p.depth = max(0, p.depth-1)
		p.start(l.text)
	default:
		text := l.text
		if l.kind == textLine {
			text = escapeComments(text)
			if n := len(text); n > 1 && text[n-1] == '\\' && isSpace(text[n-2]) {
				text += " " // a backslash that ends its line would lose the blank before it
			}
			if text[0] == '@' {
				text = "@" + p.id + " " + text // only one condition is read in a line: this one holds
			}
		}
		p.start(text)
		_, _, p.includes = includeHead(text + " {")
		p.gap = " "
		if strings.Contains(text[strings.LastIndexAny(text, whiteSpace)+1:], "$") {
			p.gap = ""
		}
	}
	if l.kind == openLine {
		p.depth++
	}
}

// start writes a line, without its end and indented as far as its length allows.
func (p *linePrinter) start(text string) {
	p.end()
	if n := p.depth * len(indentation); n+len(text)+2 <= maxLineBytes {
		p.out.WriteString(strings.Repeat(indentation, min(p.depth, maxNesting)))
		p.open = n
	}
	p.out.WriteString(text)
	p.open += len(text)
}

// escapeComments writes \# and \! for signs outside of double quotes that start no comment: they can stand
// only where comments are stripped once.
func escapeComments(s string) string {
	if !strings.ContainsAny(s, "#!") {
		return s
	}
	var b strings.Builder
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && i+1 < len(s):
			b.WriteByte(c)
			i++
		case !quoted && (c == '#' || c == '!'):
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// ConfigIDs returns the ids that the conditions of main and its includes name, whichever of them holds.
func ConfigIDs(main *source.File, opt Options) []string {
	if opt.Reader == nil && bytes.IndexByte(main.Data, '@') < 0 {
		return nil
	}
	ids := expand(main, opt).asked.ids
	for i := 0; i < len(ids); i++ {
		opt.ConfigID = ids[i]
		for _, id := range expand(main, opt).asked.ids {
			found := false
			for _, have := range ids {
				found = found || have == id
			}
			if !found && len(ids) < maxIDs {
				ids = append(ids, id)
			}
		}
	}
	return ids
}
