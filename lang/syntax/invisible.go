package syntax

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"ka/lang/diag"
	"ka/lang/source"
)

// HasInvisible reports whether s holds a blank or invisible character outside ASCII.
func HasInvisible(s string) bool { return strings.IndexFunc(s, isInvisible) >= 0 }

// isInvisible reports whether r looks like a blank, or like nothing, and is neither to keepalived.
func isInvisible(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return false
	case r == 0x00AD, r == 0x180E, r == 0xFEFF, r == 0x2028, r == 0x2029:
		return true
	case r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x2064, r >= 0x2066 && r <= 0x2069:
		return true
	}
	return unicode.Is(unicode.Zs, r)
}

// invisibleNames are the characters that pasted text brings along, one and several of them.
var invisibleNames = map[rune][2]string{
	0x00A0: {"a no-break space", "no-break spaces"},
	0x00AD: {"a soft hyphen", "soft hyphens"},
	0x200B: {"a zero-width space", "zero-width spaces"},
	0x200C: {"a zero-width non-joiner", "zero-width non-joiners"},
	0x200D: {"a zero-width joiner", "zero-width joiners"},
	0x200E: {"a left-to-right mark", "left-to-right marks"},
	0x200F: {"a right-to-left mark", "right-to-left marks"},
	0x2028: {"a line separator", "line separators"},
	0x202F: {"a narrow no-break space", "narrow no-break spaces"},
	0x2060: {"a word joiner", "word joiners"},
	0x3000: {"an ideographic space", "ideographic spaces"},
	0xFEFF: {"a byte order mark", "byte order marks"},
}

// invisibleNamed counts and names the characters.
func invisibleNamed(found []invisibleChar) string {
	r, n := found[0].r, len(found)
	for _, c := range found {
		if c.r != r {
			return fmt.Sprintf("%d invisible characters (the first is U+%04X)", n, r)
		}
	}
	names, ok := invisibleNames[r]
	if !ok {
		names = [2]string{"an invisible character", "invisible characters"}
	}
	if n == 1 {
		return fmt.Sprintf("%s (U+%04X)", names[0], r)
	}
	return fmt.Sprintf("%d %s (U+%04X)", n, names[1], r)
}

// invisibleChar is such a character in a line.
type invisibleChar struct {
	r       rune
	at, end int
}

// meant is what the author wanted: a blank, or nothing.
func (c invisibleChar) meant() string {
	if unicode.Is(unicode.Zs, c.r) || c.r == 0x2028 || c.r == 0x2029 {
		return " "
	}
	return ""
}

func invisibleChars(s string) []invisibleChar {
	var found []invisibleChar
	for i, r := range s {
		if isInvisible(r) {
			found = append(found, invisibleChar{r: r, at: i, end: i + utf8.RuneLen(r)})
		}
	}
	return found
}

// reportInvisible reports the characters that nobody sees in the raw line s, whose comment starts at
// end: one finding for the line, with the fix for all of them.
func (x *expander) reportInvisible(s string, end, off int) {
	x.invisible = true
	found := invisibleChars(s[:end])
	first, last := found[0], found[0]
	for _, c := range found[1:] {
		if c.at != last.end {
			break
		}
		last = c
	}
	d := diag.Diagnostic{
		Rule: "invisible-character", Severity: diag.Error,
		Span:  x.view.span(off+first.at, last.end-first.at),
		Help:  "write an ordinary space instead",
		Fixes: []diag.Fix{{Kind: diag.Intent, Title: "write ordinary spaces", Edits: x.invisibleEdits(s, end, off, found)}},
	}
	if strings.Trim(visible(s[:end]), blanks) == "" && end == len(s) {
		d.Help = "empty the line"
	} else if first.meant() == "" {
		d.Help = "delete the character"
	}
	if !x.sink.full(d.Rule) {
		d.Message = invisibleMessage(s[:end], found, end < len(s))
	}
	x.sink.add(d)
}

// visible returns s with ordinary blanks in place of the characters.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if isInvisible(r) {
			return ' '
		}
		return r
	}, s)
}

// invisibleMessage says which characters stand in the line and what keepalived makes of them.
func invisibleMessage(s string, found []invisibleChar, comment bool) string {
	what := invisibleNamed(found)
	seen := strings.TrimSpace(visible(s))
	if seen == "" {
		if comment {
			return fmt.Sprintf("keepalived reads %s before the comment as a word", what)
		}
		return fmt.Sprintf("keepalived reads %s as a word: to it the line is not empty", what)
	}
	secret := diag.HasSecret(s)
	for i, w := range appendWords(nil, s, 0) {
		if !HasInvisible(w.Text) {
			continue
		}
		alone := strings.TrimSpace(visible(w.Text)) == ""
		switch {
		case i == 0 && (seen[0] == '{' || seen[0] == '}'):
			return fmt.Sprintf("keepalived reads %s before %q as a word that it does not know", what, seen[:1])
		case i == 0 && alone:
			return fmt.Sprintf("keepalived reads %s as the first word of the line and drops the line", what)
		case i == 0 && secret:
			return fmt.Sprintf("keepalived reads %s as part of the first word and drops the line", what)
		case i == 0:
			return fmt.Sprintf("keepalived reads %s as part of the word %q and drops the line", what, escaped(w.Text))
		case secret && !alone:
			return fmt.Sprintf("keepalived reads %s as part of the value", what)
		case alone:
			return fmt.Sprintf("keepalived reads %s as a further word", what)
		}
		return fmt.Sprintf("keepalived reads %s as part of the word %q", what, escaped(w.Text))
	}
	return fmt.Sprintf("keepalived reads %s as part of a word", what)
}

// escaped shows the characters by their numbers and shortens long runs of them.
func escaped(s string) string {
	var b strings.Builder
	run, n := rune(0), 0
	flush := func() {
		if n > 0 {
			fmt.Fprintf(&b, "<U+%04X>", run)
		}
		if n > 1 {
			b.WriteString("…")
		}
		n = 0
	}
	for _, r := range s {
		if isInvisible(r) {
			if r != run {
				flush()
			}
			run, n = r, n+1
			continue
		}
		flush()
		b.WriteRune(r)
	}
	flush()
	return b.String()
}

// invisibleEdits replaces each character by what was meant; those at the end of the line go, blanks
// between them too, and so does all of a line that holds nothing else.
func (x *expander) invisibleEdits(s string, end, off int, found []invisibleChar) []diag.Edit {
	tail := end
	if end == len(s) {
		tail = len(strings.TrimRight(visible(s), blanks))
		tail = byteLength(s, tail)
	}
	var edits []diag.Edit
	for _, c := range found {
		if c.at >= tail {
			break
		}
		edits = append(edits, diag.Edit{Span: x.view.span(off+c.at, c.end-c.at), New: c.meant()})
	}
	if tail >= end {
		return edits
	}
	rest := x.view.span(off+tail, end-tail)
	if tail == 0 {
		rest.Start = lineStart(rest)
	}
	return append(edits, diag.Edit{Span: rest})
}

// byteLength returns the length in bytes of the part of s that visible turns into n bytes.
func byteLength(s string, n int) int {
	for i, r := range s {
		if n <= 0 {
			return i
		}
		if isInvisible(r) {
			n--
			continue
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		n -= size
	}
	return len(s)
}

// lineStart returns the offset of the line that s starts on.
func lineStart(s source.Span) int { return s.File.LineSpan(s.File.LineOf(s.Start)).Start }
