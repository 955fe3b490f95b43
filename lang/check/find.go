package check

import (
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
