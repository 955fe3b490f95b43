package lint

import (
	"fmt"
	"time"

	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema/kw"
)

func ruleScriptTimeout() *Rule {
	return &Rule{
		Name:     "script-timeout",
		Severity: diag.Warning,
		Title:    "a script may run longer than its interval",
		Text: `keepalived does not start a check while it still runs. With a ` + "`timeout`" + ` above the ` + "`interval`" + ` a check that hangs is noticed only after
the timeout, and the interval means nothing meanwhile.`,
		Bad:  tracking("    script \"/usr/local/bin/check-web\"\n    interval 2\n    timeout 10\n"),
		Good: tracking("    script \"/usr/local/bin/check-web\"\n    interval 2\n    timeout 2\n"),
		Run:  runScriptTimeout,
	}
}

func runScriptTimeout(s *Set, r *Reporter) {
	for _, n := range s.Nodes {
		for _, st := range check.FindAll(n.Tree.Body, kw.VRRPScript) {
			given := check.Find(st.Children(), kw.Timeout)
			interval := check.SecondsArg(st.Children(), kw.Interval, time.Second)
			timeout := check.SecondsArg(st.Children(), kw.Timeout, interval)
			if given == nil || timeout <= interval || n.Tree.Unresolved(given.Span) {
				continue
			}
			r.Report(diag.Diagnostic{
				Node: n.Name, Span: given.Args[0].Span,
				Message: fmt.Sprintf("a run of %q may take %v, longer than the interval of %v: a check that hangs is noticed late", argument(st), timeout, interval),
				Help:    fmt.Sprintf("write a %s of at most %v, or leave it out", kw.Timeout, interval),
			})
		}
	}
}
