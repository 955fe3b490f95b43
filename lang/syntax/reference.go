package syntax

import "strings"

// reference is a use of a parameter: ${NAME}, ${NAME ARG} or $NAME.
type reference struct {
	start, end int
	name       string
	// args are the words behind the name; spaced says that a blank stands before the closing brace, so
	// that keepalived does not see a reference.
	args           []string
	braces, spaced bool
}

// predefined are the parameters that keepalived sets itself; they need no definition.
var predefined = []string{"_PWD", "_INSTANCE", "_RANDOM", "_ENV", "_HASH", "_BANG"}

// isNameByte reports whether b may stand in the name of a parameter at position i of the name.
func isNameByte(b byte, i int) bool {
	return b == '_' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || i > 0 && b >= '0' && b <= '9'
}

func nameLength(s string) int {
	n := 0
	for n < len(s) && isNameByte(s[n], n) {
		n++
	}
	return n
}

// referenceAt reads the reference that starts at s[i], a dollar sign. The form without braces counts
// only where a blank, tab, comma, closing parenthesis or the end of the line follows.
func referenceAt(s string, i int) (reference, bool) {
	rest := s[i+1:]
	if strings.HasPrefix(rest, "{") {
		n := nameLength(rest[1:])
		end := strings.IndexByte(rest, '}')
		if n == 0 || end < 0 || !plainArguments(rest[1+n:end]) {
			return reference{}, false
		}
		ref := reference{start: i, end: i + 1 + end + 1, name: rest[1 : 1+n], braces: true}
		if words := rest[1+n : end]; words != "" {
			ref.args, ref.spaced = strings.Fields(words), isSpace(words[len(words)-1])
		}
		return ref, true
	}
	n := nameLength(rest)
	if n == 0 || n < len(rest) && !strings.ContainsRune(" \t,)", rune(rest[n])) {
		return reference{}, false
	}
	return reference{start: i, end: i + 1 + n, name: rest[:n]}, true
}

// plainArguments reports whether s is what may stand between the name and the closing brace: nothing,
// or words of letters, digits and underscores.
func plainArguments(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] != ' ' && s[i] != '\t' && !isNameByte(s[i], 1) {
			return false
		}
	}
	return s == "" || s[0] == ' ' || s[0] == '\t'
}

// definedName returns NAME if s starts with a definition $NAME=.
func definedName(s string) (string, bool) {
	if !strings.HasPrefix(s, "$") {
		return "", false
	}
	n := nameLength(s[1:])
	if n == 0 || len(s) <= 1+n || s[1+n] != '=' {
		return "", false
	}
	return s[1 : 1+n], true
}

// definitionHead returns NAME and the length of the head if s starts with a definition, or with one that has blanks
// before its sign: $NAME =value.
func definitionHead(s string) (name string, head int, ok bool) {
	if !strings.HasPrefix(s, "$") {
		return "", 0, false
	}
	n := nameLength(s[1:])
	rest := strings.TrimLeft(s[1+n:], blanks)
	if n == 0 || !strings.HasPrefix(rest, "=") {
		return "", 0, false
	}
	return s[1 : 1+n], len(s) - len(rest) + 1, true
}

func isPredefined(name string) bool {
	for _, p := range predefined {
		if p == name {
			return true
		}
	}
	return false
}
