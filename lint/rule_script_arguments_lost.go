package lint

import (
	"fmt"
	"strings"

	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/source"
	"ka/lang/syntax"
)

func ruleScriptArgumentsLost() *Rule {
	return &Rule{
		Name:     "script-arguments-lost",
		Severity: diag.Error,
		Title:    "the words of a command are not part of it",
		Text: `keepalived takes one word as the command; its arguments must stand with it in double quotes. What follows unquoted is lost behind
` + "`script`" + ` and ` + "`misc_path`" + `: the program runs without arguments. Behind the ` + "`notify`" + ` words it is taken for the user and group to run as;
where no such user exists, the whole script is dropped, and only the log says so.

The fix (` + "`" + `kalint --fix-intent` + "`" + `) puts the quotes around the whole command.`,
		Bad:  tracking("    script /usr/bin/killall -0 haproxy\n    interval 2\n"),
		Good: tracking("    script \"/usr/bin/killall -0 haproxy\"\n    interval 2\n"),
		Run:  runScriptArgumentsLost,
	}
}

func runScriptArgumentsLost(s *Set, r *Reporter) {
	judgeCommands(s, r, func(st, parent *syntax.Statement) (diag.Diagnostic, bool) {
		if _, shell := shellSyntax(st, parent); shell {
			return diag.Diagnostic{}, false // that finding is about the same words
		}
		return argumentsLost(st)
	})
}

// argumentsLost judges the words behind a command.
func argumentsLost(st *syntax.Statement) (diag.Diagnostic, bool) {
	line, ok := check.SplitCommand(st)
	if !ok || line.User == "" || len(st.Args) < 2 || syntax.HasTypographic(st.Raw) {
		return diag.Diagnostic{}, false
	}
	d := diag.Diagnostic{Span: st.Args[1].Span}
	switch {
	case len(st.Keyword.Spec()) == 1:
		d.Message = fmt.Sprintf("%q is no part of the command: keepalived runs %q without it", line.User, line.Argv[0])
	case !isAccount(line.User):
		d.Message = fmt.Sprintf("%q is taken for the user to run as; where there is no such user, keepalived drops the command and only logs it", line.User)
	case line.More > 0:
		d.Message = fmt.Sprintf("%q and %q are taken for user and group, what follows is lost", line.User, line.Group)
	default:
		return diag.Diagnostic{}, false
	}
	d.Help = "put the whole command in double quotes"
	words := wholeCommand(st)
	if !strings.Contains(words, `"`) {
		d.Help = fmt.Sprintf("write %s \"%s\"", st.Head.Text, words)
		d.Fixes = []diag.Fix{{
			Kind: diag.Intent, Title: "put the whole command in double quotes",
			Edits: []diag.Edit{{Span: argsSpan(st), New: `"` + words + `"`}},
		}}
	}
	return d, true
}

// wholeCommand is the text behind the keyword, without the double quotes around the first word.
func wholeCommand(st *syntax.Statement) string {
	words := make([]string, len(st.Args))
	for i, w := range st.Args {
		words[i] = w.Text
	}
	return strings.Join(words, " ")
}

// argsSpan reaches from the first to the last word behind the keyword.
func argsSpan(st *syntax.Statement) source.Span {
	span := st.Args[0].Span
	span.End = st.Args[len(st.Args)-1].Span.End
	return span
}

// isAccount reports whether word may well be the name of a user. The states of an instance are words
// that people pass to a script, not users.
func isAccount(word string) bool {
	switch word {
	case "master", "backup", "fault", "stop":
		return false
	}
	for i, c := range []byte(word) {
		letter := c >= 'a' && c <= 'z' || c == '_'
		if !letter && (i == 0 || c != '-' && (c < '0' || c > '9')) {
			return false
		}
	}
	return true
}
