package syntax

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"ka/lang/diag"
)

// typographic are the characters that word processors and input methods write in place of the ones that
// keepalived knows, with the one that was meant.
var typographic = map[rune]string{
	'“': `"`, '”': `"`, '„': `"`, '‟': `"`, '«': `"`, '»': `"`, '″': `"`, '＂': `"`,
	'‘': `"`, '’': `"`, '‚': `"`, '‛': `"`, '＇': `"`,
	'｛': "{", '｝': "}", '＃': "#", '，': ",", '．': ".", '／': "/", '：': ":", '－': "-", '＝': "=", '＿': "_",
	'–': "-", '—': "-", '−': "-",
}

// typographicChar is such a character in a line.
type typographicChar struct {
	at, end int
	meant   string
}

// HasTypographic reports whether s holds a typographic quote or full-width punctuation outside of double
// quotes, in a place where nobody means it.
func HasTypographic(s string) bool { return len(typographicChars(s)) > 0 }

// typographicChars finds the characters. An apostrophe between letters is none, nor is a dash that stands
// before anything but a digit: names may hold both.
func typographicChars(s string) []typographicChar {
	var found []typographicChar
	quoted := false
	for i, r := range s {
		if r == '"' {
			quoted = !quoted
		}
		if r < utf8.RuneSelf || quoted {
			continue
		}
		meant, ok := typographic[r]
		if r >= '０' && r <= '９' {
			meant, ok = string('0'+r-'０'), true
		}
		end := i + utf8.RuneLen(r)
		if !ok {
			continue
		}
		starts := i == 0 || isSpace(s[i-1])
		ends := end == len(s) || isSpace(s[end])
		switch r {
		case '‘', '’', '‚', '‛', '＇':
			ok = starts || ends
		case '–', '—', '−':
			ok = starts && !ends && s[end] >= '0' && s[end] <= '9'
		}
		if ok {
			found = append(found, typographicChar{at: i, end: end, meant: meant})
		}
	}
	return found
}

// reportTypographic reports the characters of the text of a raw line: one finding, with the fix for all.
func (x *expander) reportTypographic(text string, off int) {
	found := typographicChars(text)
	if len(found) == 0 {
		return
	}
	first := found[0]
	shown := text[first.at:first.end]
	r, _ := utf8.DecodeRuneInString(shown)
	d := diag.Diagnostic{
		Rule: "typographic-quote", Severity: diag.Error, Span: x.view.span(off+first.at, first.end-first.at),
		Message: fmt.Sprintf("keepalived takes %s (U+%04X) for a letter, not for %s", shown, r, first.meant),
		Help:    fmt.Sprintf("write %s instead", first.meant),
	}
	if n := len(found) - 1; n > 0 {
		d.Message += fmt.Sprintf(", and %d more in this line", n)
	}
	fix := diag.Fix{Kind: diag.Intent, Title: "write the plain characters"}
	for _, c := range found {
		fix.Edits = append(fix.Edits, diag.Edit{Span: x.view.span(off+c.at, c.end-c.at), New: c.meant})
	}
	d.Fixes = []diag.Fix{fix}
	x.sink.add(d)
}

// misread reports whether a word holds a character that the front end has a finding of its own about.
func misread(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 && (HasInvisible(s) || HasTypographic(s))
}
