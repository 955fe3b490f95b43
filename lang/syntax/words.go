package syntax

import "strings"

// blanks are what keepalived drops at the ends of a raw line; whiteSpace is what separates words. A
// no-break space is neither.
const (
	blanks     = " \t"
	whiteSpace = " \t\n\v\f\r"
)

func isSpace(b byte) bool { return b == ' ' || b >= '\t' && b <= '\r' }

// trimBlanks removes the blanks at the end. (strings.TrimRight makes a table of what to remove at each call,
// which for the few bytes of a line takes most of its time.)
func trimBlanks(s string) string {
	for len(s) > 0 && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

// appendWords splits the logical line at offset off of the expanded view into words. A double quote
// starts a word of its own wherever it stands and ends at the next one; nothing escapes it. A quote
// that is never closed takes the rest of the line (keepalived loses it; the line is reported). The
// spans hold offsets of the expanded view until they are resolved.
func appendWords(words []Word, s string, off int) []Word {
	for i := 0; i < len(s); {
		switch {
		case isSpace(s[i]):
			i++
		case s[i] == '"':
			n := strings.IndexByte(s[i+1:], '"')
			text, end := "", 0
			if n < 0 {
				text, end = strings.TrimRight(s[i+1:], whiteSpace), len(s)
			} else {
				text, end = s[i+1:i+1+n], i+n+2
			}
			words = append(words, word(text, off+i, end-i, true))
			i = end
		default:
			j := i + 1
			for j < len(s) && s[j] != '"' && !isSpace(s[j]) {
				j++
			}
			words = append(words, word(s[i:j], off+i, j-i, false))
			i = j
		}
	}
	return words
}

func word(text string, off, n int, quoted bool) Word {
	w := Word{Text: text, Quoted: quoted}
	w.Span.Start, w.Span.End = off, off+n
	return w
}

// firstWord returns the first word of s as it stands, quotes not looked at.
func firstWord(s string) string {
	for len(s) > 0 && isSpace(s[0]) {
		s = s[1:]
	}
	for i := 1; i < len(s) && s[0] != '"'; i++ {
		if isSpace(s[i]) || s[i] == '"' {
			return s[:i]
		}
	}
	return s
}

// unclosedQuote returns the place of a double quote in s that no other closes, -1 where all are closed.
// The word splitter knows no escapes.
func unclosedQuote(s string) int {
	last, open := -1, false
	for i := 0; i < len(s); i++ {
		if s[i] == '"' {
			last, open = i, !open
		}
	}
	if open {
		return last
	}
	return -1
}
