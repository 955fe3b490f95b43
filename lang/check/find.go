package check

import (
	"time"

	"ka/lang/schema"
	"ka/lang/syntax"
)

// is reports whether a statement is the keyword name, under that name or an alias.
func is(s *syntax.Statement, name string) bool {
	if s.Keyword != nil {
		return s.Keyword.Name == name || s.Keyword.AliasOf == name
	}
	return s.Head.Text == name
}

// FindAll returns the statements of a block that are the keyword name (aliases included) and that
// keepalived acts on, in their order.
func FindAll(body []*syntax.Statement, name string) []*syntax.Statement {
	var all []*syntax.Statement
	for _, s := range body {
		if !s.Dropped && is(s, name) {
			all = append(all, s)
		}
	}
	return all
}

// Find returns the statement that counts where a keyword may be written several times: the last one,
// or the first for keywords that keep the first; nil where there is none. Dropped statements do not
// count, aliases do.
func Find(body []*syntax.Statement, name string) *syntax.Statement {
	var found *syntax.Statement
	for _, s := range body {
		if s.Dropped || !is(s, name) {
			continue
		}
		found = s
		if s.Keyword != nil && s.Keyword.Repeat == schema.RepeatFirstNoted {
			return found
		}
	}
	return found
}

// Value returns the first argument of the keyword name as keepalived would use it: that of the
// statement that counts, or the value that replaces an invalid one. ok is false where the keyword does
// not count at all. The statement is the one to name as the origin.
func Value(body []*syntax.Statement, name string) (text string, from *syntax.Statement, ok bool) {
	for _, s := range body {
		if !is(s, name) {
			continue
		}
		v, counts := valueOf(s)
		if !counts {
			continue
		}
		text, from, ok = v, s, true
		if s.Keyword != nil && s.Keyword.Repeat == schema.RepeatFirstNoted {
			return text, from, ok
		}
	}
	return text, from, ok
}

// valueOf returns the value that keepalived takes from one statement, and whether it takes any.
func valueOf(s *syntax.Statement) (string, bool) {
	first := ""
	if len(s.Args) > 0 {
		first = s.Args[0].Text
	}
	switch {
	case !s.Dropped:
		return first, true
	case s.Keyword == nil || len(s.Args) == 0:
		return "", false
	case s.Keyword.OnZero != "" && isZero(first):
		return s.Keyword.OnZero, true
	case s.Keyword.OnInvalid == "=":
		return first, true
	}
	return s.Keyword.OnInvalid, s.Keyword.OnInvalid != ""
}

// UintArg returns the keyword's value as a whole number, otherwise what is given as the default.
func UintArg(body []*syntax.Statement, name string, otherwise uint64) uint64 {
	text, _, ok := Value(body, name)
	if !ok {
		return otherwise
	}
	n, ok := schema.ParseUint(text)
	if !ok {
		return otherwise
	}
	return n
}

// IntArg is UintArg for numbers with a sign.
func IntArg(body []*syntax.Statement, name string, otherwise int64) int64 {
	text, _, ok := Value(body, name)
	if !ok {
		return otherwise
	}
	n, ok := schema.ParseInt(text)
	if !ok {
		return otherwise
	}
	return n
}

// SecondsArg returns the keyword's value, a number of seconds with up to 6 decimals, as a Duration.
func SecondsArg(body []*syntax.Statement, name string, otherwise time.Duration) time.Duration {
	text, _, ok := Value(body, name)
	if !ok {
		return otherwise
	}
	d, ok := schema.ParseSeconds(text, 6)
	if !ok {
		return otherwise
	}
	return d
}

// FlagSet reports whether a keyword without arguments, or with an optional bool, is switched on.
func FlagSet(body []*syntax.Statement, name string) bool {
	s := Find(body, name)
	if s == nil {
		return false
	}
	if s.Keyword != nil && s.Keyword.Args == "" || len(s.Args) == 0 {
		return true
	}
	on, ok := schema.ParseBool(s.Args[0].Text)
	return on || !ok
}

// Valued is a value and the statement that it comes from.
type Valued struct {
	Text string
	From *syntax.Statement
}

// Values returns the first arguments of all statements of the keyword name that count, in their order.
func Values(body []*syntax.Statement, name string) []Valued {
	var all []Valued
	for _, s := range body {
		if !is(s, name) {
			continue
		}
		if v, ok := valueOf(s); ok {
			all = append(all, Valued{v, s})
		}
	}
	return all
}
