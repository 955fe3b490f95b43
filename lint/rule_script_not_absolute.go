package lint

import (
	"fmt"
	"strings"

	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/syntax"
)

func ruleScriptNotAbsolute() *Rule {
	return &Rule{
		Name:     "script-not-absolute",
		Severity: diag.Warning,
		Title:    "a command without its path",
		Text: `The program is named without its path. keepalived looks for it in PATH, as the user that the script runs as, and with another PATH than
that of a shell. With a user of its own the search may fail, and keepalived then disables the script: the instance runs unchecked.`,
		Bad:  tracking("    script \"killall -0 haproxy\"\n    interval 2\n"),
		Good: tracking("    script \"/usr/bin/killall -0 haproxy\"\n    interval 2\n"),
		Run:  runScriptNotAbsolute,
	}
}

func runScriptNotAbsolute(s *Set, r *Reporter) {
	judgeCommands(s, r, func(st, parent *syntax.Statement) (diag.Diagnostic, bool) {
		line, ok := check.SplitCommand(st)
		if !ok || strings.ContainsAny(line.Argv[0], "/<>") {
			return diag.Diagnostic{}, false
		}
		if _, shell := shellSyntax(st, parent); shell {
			return diag.Diagnostic{}, false // it is no program at all
		}
		return diag.Diagnostic{
			Span:    commandSpan(st),
			Message: fmt.Sprintf("%q has no path: keepalived looks for it in PATH, and disables the script where it does not find it", line.Argv[0]),
			Help:    fmt.Sprintf("write the full path, as \"command -v %s\" prints it", line.Argv[0]),
		}, true
	})
}
