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
	n := 0
	for _, s := range body {
		if !s.Dropped && is(s, name) {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	all := make([]*syntax.Statement, 0, n)
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
	}
	switch s.Keyword.OnInvalid {
	case schema.InvalidKept, schema.InvalidSkipped:
		return first, true
	case schema.InvalidClamped:
		return clamped(s.Keyword.Spec(), first)
	case schema.InvalidCut:
		return first[:min(len(first), s.Keyword.Spec()[0].MaxLen)], true
	}
	return s.Keyword.OnInvalid, s.Keyword.OnInvalid != ""
}

// clamped is the bound of the first number of spec that word is beyond.
func clamped(spec schema.Spec, word string) (string, bool) {
	n, ok := schema.ParseInt(word)
	if !ok || len(spec) == 0 {
		return "", false
	}
	if lo, _ := schema.ParseInt(spec[0].Min); n < lo {
		return spec[0].Min, true
	}
	return spec[0].Max, true
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

// Options cuts the words behind a keyword into the options that the table knows among them. Words that
// are no option are tokens without a Keyword; their Problem is that of the place where they stand.
func Options(s *syntax.Statement) []Token {
	if s.Keyword == nil {
		return nil
	}
	ctx := schema.ArgumentWords(s.Keyword)
	plain := texts(s.Args)
	var tokens []Token
	for i := 0; i < len(plain); {
		t := Token{Word: s.Args[i], Keyword: ctx.Keyword(plain[i])}
		i++
		if t.Keyword != nil {
			used, p := t.Keyword.Spec().Match(plain[i:])
			if p != nil && !p.Missing {
				used = max(used, p.Index+1)
			}
			used = min(used, len(plain)-i)
			t.Args, t.Problem = s.Args[i:i+used], p
			i += used
		}
		tokens = append(tokens, t)
	}
	return tokens
}

// Texts gives the words without their places.
func Texts(words []syntax.Word) []string { return texts(words) }
