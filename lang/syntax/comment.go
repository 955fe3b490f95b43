package syntax

import "strings"

// Bytes that need a closer look in a raw line; everything else passes at one table look-up a byte.
const (
	plain = iota
	quoteByte
	commentByte
	escapeByte
	braceByte
	dollarByte
	nulByte
	highByte
)

// classes sorts the bytes of a raw line.
var classes = byteClasses()

func byteClasses() (t [256]uint8) {
	t['"'], t['#'], t['!'], t['\\'] = quoteByte, commentByte, commentByte, escapeByte
	t['{'], t['}'], t['$'], t[0] = braceByte, braceByte, dollarByte, nulByte
	for i := 0x80; i < 0x100; i++ {
		t[i] = highByte
	}
	return t
}

// lineFacts is what one look over a raw line finds out.
type lineFacts struct {
	// end is where the comment starts, or the length of the line.
	end int
	// openQuote is the place of a double quote that is never closed, -1 where all are.
	openQuote int
	// What occurs before the comment.
	quote, escape, brace, dollar, nul, high bool
}

// scanLine looks over a raw line as keepalived's comment scanner does: # and ! start a comment unless
// they stand in double quotes or behind a backslash; within quotes a backslash protects the next byte.
func scanLine(s string) lineFacts {
	f := lineFacts{end: len(s), openQuote: -1}
	for i := 0; i < len(s); i++ {
		switch classes[s[i]] {
		case plain:
		case quoteByte:
			f.quote = true
			if f.openQuote < 0 {
				f.openQuote = i
			} else {
				f.openQuote = -1
			}
		case commentByte:
			if f.openQuote < 0 {
				f.end = i
				return f
			}
		case escapeByte:
			f.escape = true
			if i++; i < len(s) {
				f.pair(s[i])
			}
		case braceByte:
			f.brace = true
		case dollarByte:
			f.dollar = true
		case nulByte:
			f.nul = true
		case highByte:
			f.high = true
		}
	}
	return f
}

// pair notes what stands behind a backslash: it is protected from the comment scanner, and from nothing else.
func (f *lineFacts) pair(b byte) {
	switch classes[b] {
	case quoteByte:
		f.quote = true
	case braceByte:
		f.brace = true
	case dollarByte:
		f.dollar = true
	case nulByte:
		f.nul = true
	case highByte:
		f.high = true
	}
}

// composed is a line whose text no longer stands in its file in one piece: src tells for each byte the
// place in the raw line that it comes from.
type composed struct {
	text []byte
	src  []int
}

// compose starts from a whole raw line.
func compose(s string) composed {
	c := composed{text: []byte(s), src: make([]int, len(s))}
	for i := range c.src {
		c.src[i] = i
	}
	return c
}

// strip removes the comment and resolves \# and \!. A backslash at the very end of the line is kept even
// where a comment stands before it, and loses the blanks before it.
func (c composed) strip() composed {
	out := composed{text: make([]byte, 0, len(c.text)), src: make([]int, 0, len(c.src))}
	body := c.text
	last := len(body) - 1
	tail := last >= 0 && body[last] == '\\'
	if tail {
		body = body[:last]
	}
	quoted := false
scan:
	for i := 0; i < len(body); i++ {
		switch b := body[i]; {
		case b == '"':
			quoted = !quoted
		case (b == '#' || b == '!') && !quoted:
			break scan
		case b == '\\' && i+1 < len(body):
			if next := body[i+1]; quoted || next != '#' && next != '!' {
				out.push(c, i)
			}
			i++
		}
		out.push(c, i)
	}
	out.trim()
	if tail {
		out.push(c, last)
	}
	return out
}

func (c *composed) push(from composed, i int) {
	c.text = append(c.text, from.text[i])
	c.src = append(c.src, from.src[i])
}

// trim removes the blanks at the end.
func (c *composed) trim() {
	n := len(strings.TrimRight(string(c.text), blanks))
	c.text, c.src = c.text[:n], c.src[:n]
}
