package lint

import (
	"fmt"
	"slices"

	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

func ruleScriptNoInterval() *Rule {
	return &Rule{
		Name:     "script-no-interval",
		Severity: diag.Info,
		Title:    "a script without an interval",
		Text: `A ` + "`vrrp_script`" + ` without ` + "`interval`" + ` runs every second. That is often more than was meant, and sometimes the line is there and
misspelt.`,
		Bad:  tracking("    script \"/usr/local/bin/check-web\"\n    weight -20\n"),
		Good: tracking("    script \"/usr/local/bin/check-web\"\n    interval 2\n    weight -20\n"),
		Run:  runScriptNoInterval,
	}
}

func runScriptNoInterval(s *Set, r *Reporter) {
	for _, n := range s.Nodes {
		for _, st := range check.FindAll(n.Tree.Body, kw.VRRPScript) {
			if misread(st.Children()) || check.Find(st.Children(), kw.Interval) != nil {
				continue
			}
			r.Report(diag.Diagnostic{
				Node: n.Name, Span: st.Span, Subject: "script " + argument(st),
				Message: fmt.Sprintf("%s %q has no %s: it runs every second", kw.VRRPScript, argument(st), kw.Interval),
				Help:    fmt.Sprintf("write \"%s 1\" if that is meant", kw.Interval),
			})
		}
	}
}

// misread reports whether keepalived leaves out a line of the block: it may have been the one that is missed.
func misread(body []*syntax.Statement) bool {
	return slices.ContainsFunc(body, func(st *syntax.Statement) bool { return st.Dropped })
}
