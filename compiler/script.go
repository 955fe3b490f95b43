package compiler

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// Rules that this file reports; like all of this package's they are documented with the linter's rules.
const (
	ruleUndefined        = "undefined-reference"
	ruleLate             = "used-before-defined"
	ruleDuplicateName    = "duplicate-name"
	ruleMissingArgument  = "missing-argument"
	ruleDuplicateKeyword = "duplicate-keyword"
	ruleMissing          = "missing-keyword"
)

// The subjects of findings, before the name.
const (
	subjectInstance = "instance "
	subjectScript   = "script "
)

// script is a vrrp_script while the text is read.
type script struct {
	from *syntax.Statement
	plan plan.Script
	// tracked says that some instance tracks it: only those run.
	tracked bool
	// unusable says that it has no command; that is reported, its users are not.
	unusable bool
}

// script reads a vrrp_script. Of two with one name keepalived uses the first.
func (c *compilation) script(s *syntax.Statement) {
	n, body := name(s), s.Children()
	c.visit(body)
	if first := c.scripts[n]; first != nil {
		c.report(diag.Diagnostic{
			Rule: ruleDuplicateName, Severity: diag.Warning, Span: s.Args[0].Span,
			Message: fmt.Sprintf("%s %q is defined a second time; keepalived uses the first", kw.VRRPScript, n),
			Help:    "give it another name",
			Related: []diag.Note{{Message: "the first definition", Span: first.from.Args[0].Span}},
		})
		return
	}
	out := &script{from: s, plan: plan.Script{
		Origin: c.origin(s), Name: n,
		Rise:     int(check.UintArg(body, kw.Rise, 1)),
		Fall:     int(check.UintArg(body, kw.Fall, 1)),
		InitFail: check.FlagSet(body, kw.InitFail),
	}}
	out.plan.Interval = scriptSeconds(body, kw.Interval, time.Second)
	out.plan.Timeout = scriptSeconds(body, kw.Timeout, out.plan.Interval)
	if n := check.IntArg(body, kw.Weight, 0); n == int64(int32(n)) {
		out.plan.Weight = int(n)
	}
	if w := check.Find(body, kw.Weight); w != nil {
		if word, ok := w.Arg(1); ok {
			out.plan.Reverse = word.Text == kw.Reverse
		}
	}
	out.unusable = !c.scriptCommand(s, &out.plan)
	c.scripts[n] = out
	c.order = append(c.order, out)
}

// scriptCommand fills in the command and its user. It reports false where there is no command.
func (c *compilation) scriptCommand(s *syntax.Statement, out *plan.Script) bool {
	body := s.Children()
	line := check.Find(body, kw.Script)
	if line == nil {
		c.missingKeyword(s, kw.Script, kw.Script+" /path/to/check", subjectScript)
		c.leaveOut(s, "the script has no command ["+ruleMissing+"]")
		return false
	}
	cmd := c.command(line)
	if cmd == nil {
		return false // reported, and left out
	}
	// Behind "script" keepalived reads over further words; the user has a keyword of its own.
	cmd.User, cmd.Group = "", ""
	if u := check.Find(body, kw.User); u != nil {
		cmd.User = name(u)
		if w, ok := u.Arg(1); ok {
			cmd.Group = w.Text
		}
	}
	out.Command = *cmd
	return true
}

// command splits a command line; nil where keepalived would find no command on it.
func (c *compilation) command(s *syntax.Statement) *plan.Command {
	line, ok := check.SplitCommand(s)
	if !ok && strings.Count(s.Raw, `"`)%2 == 1 {
		return nil // the front end has reported the quote
	}
	if !ok {
		c.report(diag.Diagnostic{
			Rule: "invalid-value", Severity: diag.Error, Span: s.Span,
			Message: fmt.Sprintf("%q holds no command that can be executed: a quote is not closed, or the line ends in a backslash", s.Head.Text),
			Help:    "put the whole command in double quotes",
		})
		c.leaveOut(s, "no command that can be executed [invalid-value]")
		return nil
	}
	return &plan.Command{Origin: c.origin(s), Argv: line.Argv, User: line.User, Group: line.Group}
}

// scriptSeconds reads a time of a script, which keepalived takes to the millisecond.
func scriptSeconds(body []*syntax.Statement, keyword string, otherwise time.Duration) time.Duration {
	text, _, ok := check.Value(body, keyword)
	if !ok {
		return otherwise
	}
	d, ok := schema.ParseSeconds(text, 3)
	switch {
	case !ok:
		return otherwise
	case d == 0:
		return time.Second // 0, also after rounding, is replaced
	}
	return d
}

// missingKeyword reports a block without a keyword that it must have, unless a line that was meant to
// be that keyword is reported already. AsKeepalived reports what an instance lacks in any case:
// keepalived would not start.
func (c *compilation) missingKeyword(s *syntax.Statement, keyword, example, subject string) {
	if (subject != subjectInstance || !c.opt.AsKeepalived) && meantElsewhere(s, keyword) {
		return
	}
	for _, line := range s.Children() {
		if line.Head.Text == keyword && line.Dropped && c.tree.Unresolved(line.Span) {
			return // what it says is not known, or reported
		}
	}
	c.report(diag.Diagnostic{
		Rule: ruleMissing, Severity: diag.Error, Span: s.Span,
		Message: fmt.Sprintf("%s %q has no %s", s.Head.Text, name(s), keyword),
		Help:    fmt.Sprintf("write \"%s\" in the block", example),
		Subject: subject + name(s),
	})
}

// meantElsewhere reports whether a dropped line of the block was evidently meant to be the keyword.
func meantElsewhere(s *syntax.Statement, keyword string) bool {
	for _, line := range s.Children() {
		if !line.Dropped {
			continue
		}
		if line.Keyword != nil && line.Keyword.Name == keyword {
			return true
		}
		near, _ := schema.NearestWord(line.Head.Text, []string{keyword})
		if near != "" || hides(line, keyword) {
			return true
		}
	}
	return false
}

// hides reports whether an invisible character keeps the keyword of a line from being read.
func hides(line *syntax.Statement, keyword string) bool {
	return syntax.HasInvisible(line.Head.Text) && strings.Contains(line.Raw, keyword)
}

func utoa(n uint64) string { return strconv.FormatUint(n, 10) }
