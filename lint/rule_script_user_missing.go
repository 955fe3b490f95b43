package lint

import (
	"fmt"
	"strings"

	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lang/source"
)

func ruleScriptUserMissing() *Rule {
	return &Rule{
		Name:     "script-user-missing",
		Severity: diag.Warning,
		Title:    "enable_script_security without a user for scripts",
		Text: `With ` + "`enable_script_security`" + ` a script that names no user runs as the user keepalived_script. Where the machine has no such account,
keepalived drops the script: what tracks it runs unchecked. Whether the account is there cannot be seen in the file.`,
		Bad:  strings.Replace(tracking("    script \"/usr/local/bin/check-web\"\n    interval 2\n"), "    script_user keepalived_script\n", "", 1),
		Good: tracking("    script \"/usr/local/bin/check-web\"\n    interval 2\n"),
		Run:  runScriptUserMissing,
	}
}

func runScriptUserMissing(s *Set, r *Reporter) {
	for _, n := range s.Nodes {
		if !n.Plan.Global.ScriptSecurity || n.Plan.Global.ScriptUser != "" {
			continue
		}
		for _, sc := range n.Plan.Scripts {
			if sc.Command.User != "" {
				continue
			}
			r.Report(diag.Diagnostic{
				Node: n.Name, Span: securitySpan(n),
				Related: []diag.Note{{Message: "the first such script", Span: scriptSpan(n, sc.Name)}},
				Message: fmt.Sprintf("%q without %q: keepalived drops scripts that name no user where the account keepalived_script does not exist", kw.EnableScriptSecurity, kw.ScriptUser),
				Help:    fmt.Sprintf("write \"%s\" with an account of the machine in %s", kw.ScriptUser, kw.GlobalDefs),
			})
			break
		}
	}
}

// securitySpan is the place of the word that asks for a user.
func securitySpan(n *Node) source.Span {
	for _, global := range check.FindAll(n.Tree.Body, kw.GlobalDefs) {
		if st := check.Find(global.Children(), kw.EnableScriptSecurity); st != nil {
			return st.Head.Span
		}
	}
	return source.Span{}
}

// scriptSpan is the place of a script's name.
func scriptSpan(n *Node, name string) source.Span {
	for _, st := range check.FindAll(n.Tree.Body, kw.VRRPScript) {
		if argument(st) == name {
			return st.Args[0].Span
		}
	}
	return source.Span{}
}
