package syntax

import (
	"fmt"
	"strings"

	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
)

// passwordBytes is how much of a password counts in VRRP (RFC 2338, 5.3.6.2).
const passwordBytes = 8

// commentInWord reports a comment that starts in the middle of a word, at s[end], where its author did not
// mean one: in a password, in single quotes, in a path.
func (x *expander) commentInWord(s string, end, off int) {
	if x.surface || end == 0 {
		return
	}
	text := s[:end]
	head := firstWord(text)
	glued := !isSpace(s[end-1])
	if !glued && s[end] == '#' && strings.IndexByte(text, '\'') < 0 {
		return
	}
	secret := len(head) < len(text) && schema.IsSecret(head)
	from := end
	for from > 0 && !isSpace(s[from-1]) {
		from--
	}
	to := end
	for to < len(s) && !isSpace(s[to]) {
		to++
	}
	open := openSingle(text)
	sign := s[end : end+1]
	d := diag.Diagnostic{Rule: "comment-in-word", Severity: diag.Warning, Span: x.view.span(off+end, 1)}
	switch {
	case secret && !glued:
		if to-end < 2 || sign == "#" || strings.TrimSpace(text) != head {
			return // nothing but a comment
		}
		d.Message = fmt.Sprintf("%s starts a comment: nothing is left of the value of %q", sign, head)
	case secret && head == kw.AuthPass && end-from > passwordBytes:
		return // what counts is cut off before the comment, and another rule says so
	case secret:
		read := len(strings.TrimRight(s[from:end], "}")) // braces at the end close blocks
		d.Message = fmt.Sprintf("%s starts a comment: keepalived reads %d of the %d bytes of %q", sign, read, to-from, head)
	case open >= 0 && strings.IndexByte(s[end:], '\'') > 0:
		from, to = open, end+strings.IndexByte(s[end:], '\'')+1
		d.Message = fmt.Sprintf("%s starts a comment: single quotes protect nothing, and the rest of the line is lost", sign)
	case from < end && to-end > 1 && strings.IndexByte(s[from:end], '/') >= 0 && isNameByte(s[end+1], 1):
		d.Message = fmt.Sprintf("%s starts a comment in the middle of %q", sign, shorten(s[from:to]))
	default:
		return
	}
	d.Help = "put the whole value into double quotes"
	if !strings.Contains(s[from:to], `"`) {
		d.Fixes = []diag.Fix{x.quoteFix(off, from, to, s[from] == '\'')}
	}
	x.sink.add(d)
}

// quoteFix puts double quotes around the bytes from..to of the raw line at off, in place of single ones.
func (x *expander) quoteFix(off, from, to int, single bool) diag.Fix {
	n := 0
	if single {
		n = 1
	}
	return diag.Fix{Kind: diag.Intent, Title: "put double quotes around the value", Edits: []diag.Edit{
		{Span: x.view.span(off+from, n), New: `"`},
		{Span: x.view.span(off+to-n, n), New: `"`},
	}}
}

// openSingle returns the place of a single quote that is open at the end of text and starts a word, -1 where
// none is.
func openSingle(text string) int {
	open, quoted := -1, false
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '"':
			quoted = !quoted
		case quoted || text[i] != '\'':
		case open >= 0:
			open = -1
		case i > 0 && isSpace(text[i-1]):
			open = i
		}
	}
	return open
}

// ownBraces reports whether the braces of text[from:to] match, or those of the whole line do not: else they
// match others of the line, and are meant as what they are.
func ownBraces(text string, from, to int) bool {
	depth := func(s string) int { return strings.Count(s, "{") - strings.Count(s, "}") }
	return depth(text[from:to]) == 0 || depth(text) != 0
}

// goesOn reports whether the word of the closing braces that s starts with goes on behind them: braces at its
// end close blocks, however many there are.
func goesOn(s string) bool {
	s = strings.TrimLeft(visible(s), "}")
	return s != "" && !isSpace(s[0])
}

// braceInSecret returns the word of a password that the brace text[i] stands in. Closing braces at its end that no
// opening one of the word belongs to close blocks, and so does the brace of a word of its own.
func braceInSecret(text, head string, i int) (word stretch, ok bool) {
	starts := i > len(head) && isSpace(text[i-1])
	switch {
	case i <= len(head):
		return word, false
	case starts && (strings.TrimSpace(text[:i]) != head || i+1 == len(text) || isSpace(text[i+1]) || !goesOn(text[i+1:])):
		return word, false
	case !starts && text[i] == '}' && !goesOn(text[i:]):
		return word, false
	case !schema.IsSecret(head): // last, because it looks for words that are nearly one
		return word, false
	}
	word = stretch{i, i}
	for word.from > 0 && !isSpace(text[word.from-1]) {
		word.from--
	}
	for word.to < len(text) && !isSpace(text[word.to]) {
		word.to++
	}
	w := text[word.from:word.to]
	for n := strings.Count(w, "}") - strings.Count(w, "{"); n > 0 && text[word.to-1] == '}'; n-- {
		word.to--
	}
	return word, word.to > i
}

// braceInWord reports a brace in a password or in single quotes, which keepalived takes for that of a block,
// and notes the word, so that the line is put together again.
func (x *expander) braceInWord(text string, off int) {
	if n := len(x.residue.cut); x.surface || n > 0 && x.residue.cut[n-1].from >= off {
		return // a placeholder holds the brace
	}
	head := firstWord(text)
	quoted := false
	for i := 0; i < len(text); i++ {
		if text[i] == '"' {
			quoted = !quoted
		}
		if quoted || text[i] != '{' && text[i] != '}' {
			continue
		}
		held, ok := holding(text, head, i)
		if !ok {
			return // the brace of a block: what follows is another line
		}
		d := diag.Diagnostic{
			Rule: "brace-in-word", Severity: diag.Error, Span: x.view.span(off+i, 1),
			Message: fmt.Sprintf("this %q stands in a word: %s", text[i:i+1], held.what),
			Help:    held.help,
		}
		if !strings.Contains(text[held.from:held.to], `"`) {
			d.Fixes = []diag.Fix{x.quoteFix(off, held.from, held.to, text[held.from] == '\'')}
		}
		x.sink.add(d)
		x.residue.cut = append(x.residue.cut, stretch{off + held.from, off + held.to})
		i, quoted = held.to-1, false
	}
}

// heldBrace is the text that a brace outside of double quotes stands in, and what to say of it.
type heldBrace struct {
	stretch
	what, help string
}

// holding returns the text around the brace text[i] that was to protect it: quotes that keepalived does not see as
// such, or the word of a password.
func holding(text, head string, i int) (heldBrace, bool) {
	if s, ok := escapedQuotes(text, i); ok {
		return heldBrace{s, `\" ends the quotes for keepalived, which takes it for that of a block`, "write single quotes inside of the double ones"}, true
	}
	const help = "put the whole value into double quotes"
	open, end := openSingle(text[:i]), i+strings.IndexByte(text[i:], '\'')
	if open >= 0 && end > i && ownBraces(text, open, end) {
		return heldBrace{stretch{open, end + 1}, "single quotes protect nothing, and keepalived takes it for that of a block", help}, true
	}
	w, ok := braceInSecret(text, head, i)
	if !ok {
		return heldBrace{}, false
	}
	what := fmt.Sprintf("keepalived takes it for that of a block, and reads %d of the %d bytes of %q", i-w.from, w.to-w.from, head)
	return heldBrace{w, what, help}, true
}

// escapedQuotes returns the double-quoted text around text[i] as a shell or C would see it, where a backslash keeps a
// quote from ending it. For keepalived nothing does (reference language 10).
func escapedQuotes(text string, i int) (stretch, bool) {
	open, escapes := -1, false
	for j := 0; j < len(text); j++ {
		switch {
		case open >= 0 && text[j] == '\\':
			escapes = escapes || j+1 < len(text) && text[j+1] == '"'
			j++
		case text[j] != '"':
		case open < 0:
			open, escapes = j, false
		case open < i && i < j:
			return stretch{open, j + 1}, escapes
		default:
			open = -1
		}
		if j >= i && open < 0 {
			return stretch{}, false
		}
	}
	return stretch{}, false
}
