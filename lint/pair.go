package lint

import (
	"fmt"
	"strings"

	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/source"
	"ka/lang/syntax"
	"ka/lint/cluster"
)

// maxListed bounds how many things one message lists; the rest is counted.
const maxListed = 4

// odd splits members by a property: the reference holds the value that most hold (of equally frequent
// values the one that comes first), the others are those that hold something else.
func odd[M any, T comparable](members []M, value func(M) T) (reference M, others []M) {
	if len(members) == 1 {
		return members[0], nil
	}
	count := map[T]int{}
	for _, m := range members {
		count[value(m)]++
	}
	best := 0
	for _, m := range members {
		if n := count[value(m)]; n > best {
			best, reference = n, m
		}
	}
	for _, m := range members {
		if value(m) != value(reference) {
			others = append(others, m)
		}
	}
	return reference, others
}

// at is the place of a keyword's first word in a member's block, or of the instance's name where the
// keyword is not written. Blocks on the way are given before the keyword.
func at(m cluster.Member, path ...string) source.Span { return within(m.Statement, path...) }

func within(st *syntax.Statement, path ...string) source.Span {
	place := nameSpan(st)
	body := st.Children()
	for i, keyword := range path {
		found := check.Find(body, keyword)
		if found == nil {
			return place
		}
		place = nameSpan(found)
		if i < len(path)-1 {
			body = found.Children()
		}
	}
	return place
}

// nameSpan is the first word behind the head of a statement, or the head where there is none.
func nameSpan(st *syntax.Statement) source.Span {
	if w, ok := st.Arg(0); ok && w.Span.IsValid() {
		return w.Span
	}
	return st.Head.Span
}

// note points to a place in a member's file.
func note(m cluster.Member, span source.Span, format string, args ...any) diag.Note {
	return diag.Note{Node: m.Node, Span: span, Message: fmt.Sprintf(format, args...)}
}

// listed joins things for a message, at most maxListed of them.
func listed(things []string) string {
	if n := len(things); n > maxListed {
		return fmt.Sprintf("%s and %d more", strings.Join(things[:maxListed], ", "), n-maxListed)
	}
	if n := len(things); n > 1 {
		return strings.Join(things[:n-1], ", ") + " and " + things[n-1]
	}
	return strings.Join(things, "")
}

// plural chooses the form of a word by a number.
func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
