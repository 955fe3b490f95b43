package lint

import (
	"fmt"
	"strings"

	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

func ruleScriptSecurity() *Rule {
	return &Rule{
		Name:     "script-security",
		Severity: diag.Warning,
		Title:    "scripts run without enable_script_security",
		Text: `keepalived runs scripts as root unless they name a user, and without ` + "`enable_script_security`" + ` it does so even where somebody else
than root can change the script. ` + "`" + `keepalived -t` + "`" + ` reports it with exit status 6, which hides every other finding.

One finding for each node, at its first script.`,
		Bad:  strings.Replace(tracking("    script \"/usr/local/bin/check-web\"\n    interval 2\n"), secured, "", 1),
		Good: tracking("    script \"/usr/local/bin/check-web\"\n    interval 2\n"),
		Run:  runScriptSecurity,
	}
}

func runScriptSecurity(s *Set, r *Reporter) {
	for _, n := range s.Nodes {
		if n.Plan.Global.ScriptSecurity {
			continue
		}
		tracked := map[string]bool{}
		for _, sc := range n.Plan.Scripts {
			tracked[sc.Name] = true
		}
		var first *syntax.Statement
		eachCommand(n, func(st, parent *syntax.Statement) {
			if parent != nil && parent.Keyword.Name == kw.VRRPScript && !tracked[argument(parent)] {
				return // it never runs
			}
			if _, ok := check.SplitCommand(st); ok && first == nil {
				first = st
			}
		})
		if first == nil {
			continue
		}
		r.Report(diag.Diagnostic{
			Node: n.Name, Span: first.Head.Span,
			Message: fmt.Sprintf("scripts run without %s: keepalived runs them as root even where others can change them", kw.EnableScriptSecurity),
			Help:    fmt.Sprintf("write \"%s\" in %s, and \"%s\" with the user that runs them", kw.EnableScriptSecurity, kw.GlobalDefs, kw.ScriptUser),
		})
	}
}

// argument is the first word behind a keyword, "" where there is none.
func argument(st *syntax.Statement) string {
	w, _ := st.Arg(0)
	return w.Text
}
