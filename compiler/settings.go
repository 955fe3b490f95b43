package compiler

import (
	"slices"
	"time"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/syntax"
)

// settings reads the keywords of one group out of a block, and notes the first line that gave one: a
// group of which the text has nothing is no part of the plan.
type settings struct {
	c    *compilation
	body []*syntax.Statement
	// first is the place of the first statement that was read, -1 while there is none.
	first int
}

func (c *compilation) settings(body []*syntax.Statement) *settings {
	return &settings{c: c, body: body, first: -1}
}

// found reports whether the text had any of the keywords that were asked for.
func (s *settings) found() bool { return s.first >= 0 }

// origin is the first line of the group.
func (s *settings) origin() plan.Origin {
	if !s.found() {
		return plan.Origin{}
	}
	return s.c.origin(s.body[s.first])
}

func (s *settings) note(st *syntax.Statement) {
	if st == nil {
		return
	}
	if at := slices.Index(s.body, st); s.first < 0 || at < s.first {
		s.first = at
	}
}

// statement is the one that counts, nil where there is none.
func (s *settings) statement(keyword string) *syntax.Statement {
	st := check.Find(s.body, keyword)
	s.note(st)
	return st
}

// word is the first word behind the keyword, otherwise what is given; also for a bare keyword.
func (s *settings) word(keyword, otherwise string) string {
	text, from, ok := check.Value(s.body, keyword)
	if !ok || text == "" {
		s.note(from)
		return otherwise
	}
	s.note(from)
	return text
}

func (s *settings) flag(keyword string) bool {
	return s.statement(keyword) != nil && check.FlagSet(s.body, keyword)
}

// flagOr is flag for keywords whose absence means what is given.
func (s *settings) flagOr(keyword string, otherwise bool) bool {
	if s.statement(keyword) == nil {
		return otherwise
	}
	return check.FlagSet(s.body, keyword)
}

func (s *settings) number(keyword string, otherwise int64) int64 {
	_, from, _ := check.Value(s.body, keyword)
	s.note(from)
	return check.IntArg(s.body, keyword, otherwise)
}

func (s *settings) seconds(keyword string, otherwise time.Duration) time.Duration {
	_, from, _ := check.Value(s.body, keyword)
	s.note(from)
	return check.SecondsArg(s.body, keyword, otherwise)
}

// longest is the largest of all values of a keyword that may be written several times.
func (s *settings) longest(keyword string) time.Duration {
	var most time.Duration
	for _, st := range check.FindAll(s.body, keyword) {
		s.note(st)
		most = max(most, check.SecondsArg([]*syntax.Statement{st}, keyword, 0))
	}
	return most
}

// command is a command of a keyword, nil where there is none that can be executed.
func (s *settings) command(keyword string) *plan.Command {
	st := s.statement(keyword)
	if st == nil {
		return nil
	}
	return s.c.command(st)
}
