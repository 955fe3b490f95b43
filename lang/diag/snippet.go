package diag

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"ka/lang/schema"
)

// Widths of a snippet, in characters: a line longer than widest is cut to a window around its caret.
const (
	widest      = 120
	beforeCaret = 40
	// stars is how many of them stand for a secret.
	stars = 8
)

// cell is one character of a snippet as it is shown.
type cell struct {
	r rune
	// at is the byte where it starts in the line.
	at int
	// secret says that a star stands here for what is not shown.
	secret bool
}

// render returns the line as shown and, for the line below it, a caret under the byte start with waves up
// to end. Tabs stay tabs in both, so that the caret stands where it should; what has no picture of its
// own is shown as a dot, and secrets as stars.
func render(line string, start, end int, secretWords []string) (text, marks string) {
	cells := window(evenStars(maskSecrets(cellsOf(line), secretWords)), start)
	var t, m strings.Builder
	caret := false
	for _, c := range cells {
		t.WriteRune(c.r)
		switch {
		case caret && c.at >= end:
		case c.at >= start:
			mark := "~"
			if !caret {
				mark, caret = "^", true
			}
			m.WriteString(mark + strings.Repeat("~", width(c.r)-1))
		case c.r == '\t':
			m.WriteByte('\t')
		default:
			m.WriteString(strings.Repeat(" ", width(c.r)))
		}
	}
	if !caret {
		m.WriteByte('^')
	}
	return strings.TrimRight(t.String(), " \t"), m.String()
}

// cellsOf decodes a line; control characters, invisible ones and broken UTF-8 get a picture.
func cellsOf(line string) []cell {
	cells := make([]cell, 0, len(line))
	for i := 0; i < len(line); {
		r, size := utf8.DecodeRuneInString(line[i:])
		cells = append(cells, cell{r: picture(r), at: i})
		i += size
	}
	return cells
}

// picture returns what is shown for r: a middle dot for what would not be seen.
func picture(r rune) rune {
	switch {
	case r == '\t' || r == ' ':
		return r
	case r == utf8.RuneError:
		return '\uFFFD'
	case !unicode.IsPrint(r) && !unicode.Is(unicode.Mn, r):
		return '·'
	}
	return r
}

// width returns the columns that a terminal gives to r.
func width(r rune) int {
	switch {
	case r >= 0x1100 && r <= 0x115F, r >= 0x2E80 && r <= 0xA4CF, r >= 0xAC00 && r <= 0xD7A3,
		r >= 0xF900 && r <= 0xFAFF, r >= 0xFE30 && r <= 0xFE6F, r >= 0xFF01 && r <= 0xFF60,
		r >= 0xFFE0 && r <= 0xFFE6, r >= 0x1F300 && r <= 0x1FAFF, r >= 0x20000 && r <= 0x3FFFD:
		return 2
	}
	return 1
}

// window cuts a long line around the byte start.
func window(cells []cell, start int) []cell {
	if len(cells) <= widest {
		return cells
	}
	caret, _ := slices.BinarySearchFunc(cells, start, func(c cell, at int) int { return c.at - at })
	from := max(0, min(caret-beforeCaret, len(cells)-widest))
	to := min(len(cells), from+widest)
	out := slices.Clone(cells[from:to])
	if from > 0 && from < caret {
		out[0].r = '…'
	}
	if to < len(cells) && to-1 > caret {
		out[len(out)-1].r = '…'
	}
	return out
}

// maskSecrets puts stars in place of everything behind a secret keyword up to the end of the line, braces
// aside: a password may go on behind one. Words are cut generously: what keepalived would not take for the
// keyword (a no-break space in front of it, an equals sign behind it) does not give the password away.
func maskSecrets(cells []cell, more []string) []cell {
	secret := false
	for i := 0; i < len(cells); {
		if !isWordRune(cells[i].r) {
			if secret && !strings.ContainsRune(" \t{}", cells[i].r) {
				cells[i].r, cells[i].secret = '*', true
			}
			i++
			continue
		}
		j := i
		var word strings.Builder
		for j < len(cells) && isWordRune(cells[j].r) {
			word.WriteRune(cells[j].r)
			j++
		}
		if secret {
			for k := i; k < j; k++ {
				cells[k].r, cells[k].secret = '*', true
			}
		}
		secret = secret || schema.IsSecret(word.String()) || slices.Contains(more, word.String())
		i = j
	}
	return cells
}

// evenStars makes each run of stars equally long: how many there were would tell the length of a password.
func evenStars(cells []cell) []cell {
	out := make([]cell, 0, len(cells))
	for i := 0; i < len(cells); {
		if !cells[i].secret {
			out = append(out, cells[i])
			i++
			continue
		}
		star := cells[i]
		for i < len(cells) && cells[i].secret {
			i++
		}
		for range stars {
			out = append(out, star)
		}
	}
	return out
}

func isWordRune(r rune) bool {
	return r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// MaskSecrets returns a line of configuration with stars in place of what follows a secret keyword: for
// messages that quote whole lines.
func MaskSecrets(line string) string {
	var b strings.Builder
	for _, c := range evenStars(maskSecrets(cellsOf(line), nil)) {
		b.WriteRune(c.r)
	}
	return b.String()
}

// HasSecret reports whether a line of configuration holds a secret keyword with something behind it.
func HasSecret(line string) bool {
	cells := cellsOf(line)
	for i, c := range maskSecrets(slices.Clone(cells), nil) {
		if c.r != cells[i].r {
			return true
		}
	}
	return false
}

// printable keeps control characters of the user's text out of the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F || r >= 0x80 && r < 0xA0 {
			return '·'
		}
		return r
	}, s)
}
