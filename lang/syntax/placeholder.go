package syntax

import (
	"strings"
)

// placeholder is a part of a line that was to be replaced before anyone reads it.
type placeholder struct {
	at, end int
	// parameter is the name where it looks like a reference to a parameter.
	parameter string
	// braces says that it holds braces, quoted that it stands in double quotes.
	braces, quoted bool
}

// longestPlaceholder bounds what is taken for one.
const longestPlaceholder = 120

// placeholders returns the parts of text that nobody writes on purpose into a configuration that is in use:
// {{ vip }}, {% if %}, ${VIP:-x}, $VIP, <ip>, <% ip %>, @VIP@, __VIP__, %VIP%, YOUR_IP, X.X.X.X.
func placeholders(text string) []placeholder {
	var out []placeholder
	crosses := strings.IndexByte(text, 'x') >= 0 || strings.IndexByte(text, 'X') >= 0
	quoted, single := false, false
	for i := 0; i < len(text); i++ {
		switch class := placeholderClasses[text[i]]; class {
		case plainByte:
			continue
		case quoteSign:
			quoted = quoted != (text[i] == '"')
			single = single != (text[i] == '\'')
			continue
		case signByte:
			if !opensPlaceholder(text[i:]) {
				continue
			}
		case numberByte, letterByte:
			if class == numberByte && !crosses || i > 0 && !strings.ContainsRune(" \t\"'=,/", rune(text[i-1])) {
				continue
			}
		}
		if p, ok := placeholderAt(text, i, quoted || single); ok {
			p.quoted = quoted
			out = append(out, p)
			i = p.end - 1
		}
	}
	return out
}

// opensPlaceholder tells quickly, by its second byte, whether a placeholder may start with the sign in front of s:
// most are the underscores of keywords and the braces of blocks.
func opensPlaceholder(s string) bool {
	switch {
	case len(s) < 2:
		return false
	case s[0] == '_':
		return s[1] == '_'
	case s[0] == '{':
		return s[1] == '{' || s[1] == '%'
	}
	return true
}

// What a byte may start: nothing, a quoted part, a placeholder between signs, one of letters, one of numbers.
const (
	plainByte = iota
	quoteSign
	signByte
	letterByte
	numberByte
)

// placeholderClasses sorts the bytes of a line.
var placeholderClasses = func() (t [256]uint8) {
	for c := 'A'; c <= 'Z'; c++ {
		t[c] = letterByte
	}
	for c := '0'; c <= '9'; c++ {
		t[c] = numberByte
	}
	for _, c := range "{<$%@_" {
		t[c] = signByte
	}
	t['y'], t['x'], t['X'] = letterByte, numberByte, numberByte
	t['"'], t['\''] = quoteSign, quoteSign
	return t
}()

// cutTemplate returns the expression of a template that keepalived's comment, from s[end], cuts in two:
// {% if a != b %}.
func cutTemplate(s string, end int) (placeholder, bool) {
	for _, signs := range [][2]string{{"{%", "%}"}, {"{{", "}}"}} {
		at := strings.LastIndex(s[:end], signs[0])
		if at < 0 || strings.Contains(s[at:end], signs[1]) {
			continue
		}
		if n := strings.Index(s[end:], signs[1]); n >= 0 && end+n+2-at <= longestPlaceholder {
			return placeholder{at: at, end: end + n + 2, braces: true}, true
		}
	}
	return placeholder{}, false
}

// placeholderAt reads the placeholder that starts at text[i]; protected says that it stands in quotes.
func placeholderAt(text string, i int, protected bool) (placeholder, bool) {
	if placeholderClasses[text[i]] != signByte {
		n := wordPlaceholder(text[i:])
		return placeholder{at: i, end: i + n}, n > 0
	}
	end, parameter := signed(text, i, protected)
	if end < 0 || end-i > longestPlaceholder {
		return placeholder{}, false
	}
	return placeholder{at: i, end: end, parameter: parameter, braces: strings.ContainsAny(text[i:end], "{}")}, true
}

// signed reads a placeholder that stands between signs and returns its end, -1 where there is none.
func signed(text string, i int, protected bool) (end int, parameter string) {
	rest := text[i:]
	switch {
	case strings.HasPrefix(rest, "{{"):
		return i + closed(rest, "}}"), ""
	case strings.HasPrefix(rest, "{%"):
		return i + closed(rest, "%}"), ""
	case strings.HasPrefix(rest, "<%"):
		return i + closed(rest, "%>"), ""
	case rest[0] == '<':
		return i + angled(rest), ""
	case protected && rest[0] == '$':
		return -1, "" // a shell that is called there may know it
	case strings.HasPrefix(rest, "${"):
		n := nameLength(rest[2:])
		m := strings.IndexByte(rest, '}')
		if n == 0 || m < 0 || strings.ContainsAny(rest[2:m], "{\"") {
			return -1, ""
		}
		if plainArguments(rest[2+n : m]) {
			return i + m + 1, rest[2 : 2+n]
		}
		return i + m + 1, ""
	case rest[0] == '$':
		n := upperLength(rest[1:])
		if n < 3 || rest[1] >= '0' && rest[1] <= '9' || 1+n < len(rest) && !strings.ContainsRune(" \t/,:)", rune(rest[1+n])) {
			return -1, ""
		}
		return i + 1 + n, rest[1 : 1+n]
	case strings.HasPrefix(rest, "__"):
		n := upperLength(rest)
		if n < 5 || !strings.HasSuffix(rest[:n], "__") || strings.Trim(rest[:n], "_") == "" || i > 0 && isNameByte(text[i-1], 1) {
			return -1, ""
		}
		return i + n, ""
	case rest[0] == '@' || rest[0] == '%':
		n := upperLength(rest[1:])
		if n < 2 || 1+n >= len(rest) || rest[1+n] != rest[0] {
			return -1, ""
		}
		return i + n + 2, ""
	}
	return -1, ""
}

// closed returns the length of s up to the end of the sign that closes it, a number below -len(s) that makes
// the end negative where it is not closed.
func closed(s, sign string) int {
	n := strings.Index(s[2:], sign)
	if n < 0 {
		return -1 << 30
	}
	return 2 + n + len(sign)
}

// angled returns the length of <name>, of words without the signs of an address or a command.
func angled(s string) int {
	n := strings.IndexByte(s, '>')
	if n < 2 {
		return -1 << 30
	}
	name := s[1:n]
	for i := 0; i < len(name); i++ {
		if c := name[i]; !isNameByte(c, 1) && c != '.' && c != '-' && c != ':' && c != '|' && (c != ' ' || i == 0 || i == len(name)-1) {
			return -1 << 30
		}
	}
	return n + 1
}

// upperLength returns how many capital letters, digits and underscores s starts with.
func upperLength(s string) int {
	n := 0
	for n < len(s) && (s[n] == '_' || s[n] >= 'A' && s[n] <= 'Z' || s[n] >= '0' && s[n] <= '9') {
		n++
	}
	return n
}

// placeholderStarts and placeholderEnds are what words begin and end with that ask to be replaced.
var (
	placeholderStarts = []string{"YOUR_", "YOUR-", "your_", "your-", "REPLACE_", "REPLACE-", "CHANGE_ME", "CHANGEME", "CHANGE_THIS", "INSERT_", "FILL_IN"}
	placeholderEnds   = []string{"_HERE", "_GOES"}
)

// wordPlaceholder returns the length of the word at the start of s where it is a placeholder, else 0.
func wordPlaceholder(s string) int {
	switch c := s[0]; {
	case c >= '0' && c <= '9', c == 'x', c == 'X':
		return dottedPlaceholder(s)
	case c != 'y' && (c < 'A' || c > 'Z'):
		return 0
	}
	n := 0
	for n < len(s) && (isNameByte(s[n], 1) || s[n] == '-') {
		n++
	}
	word := s[:n]
	for _, p := range placeholderStarts {
		if strings.HasPrefix(word, p) {
			return n
		}
	}
	for _, p := range placeholderEnds {
		if strings.HasSuffix(word, p) && upperLength(word) == n {
			if strings.HasPrefix(s[n:], " HERE") {
				n += len(" HERE")
			}
			return n
		}
	}
	return 0
}

// dottedPlaceholder returns the length of an IPv4 address of which some parts are only x: 192.168.x.x.
func dottedPlaceholder(s string) int {
	parts, crosses, i := 0, 0, 0
	for {
		from := i
		for i < len(s) && (s[i] == 'x' || s[i] == 'X') {
			i++
		}
		if i > from {
			crosses++
		} else {
			for i < len(s) && s[i] >= '0' && s[i] <= '9' {
				i++
			}
		}
		if i == from || i-from > 3 {
			return 0
		}
		if parts++; i == len(s) || s[i] != '.' {
			break
		}
		i++
	}
	if parts != 4 || crosses == 0 || i < len(s) && isNameByte(s[i], 1) {
		return 0
	}
	return i
}

// hashPlaceholder returns the length of #NAME# at the start of a comment, else 0.
func hashPlaceholder(s string) int {
	if len(s) < 4 || s[0] != '#' {
		return 0
	}
	n := upperLength(s[1:])
	if n < 2 || 1+n >= len(s) || s[1+n] != '#' {
		return 0
	}
	return n + 2
}
