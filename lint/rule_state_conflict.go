package lint

import (
	"fmt"

	"ka/compiler/plan"
	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lint/cluster"
)

func ruleStateConflict() *Rule {
	return &Rule{
		Name:     "state-conflict",
		Severity: diag.Warning,
		Title:    "more than one node of a virtual router starts as master",
		Text: "`state MASTER`" + ` stands on more than one node of a virtual router. Only the priority decides who is master: the
others give way, so the word is wrong at least once, and who reads the file is misled about the role of the node.
Beside it ` + "`nopreempt` and `preempt_delay`" + ` are cleared (rules nopreempt-ignored, preempt-delay-ignored).

Write ` + "`state BACKUP`" + ` on all nodes but the one with the highest priority, or on all of them.`,
		Bad:  pairBad("state BACKUP", "state MASTER"),
		Good: pairGood,
		Run:  runStateConflict,
	}
}

func runStateConflict(s *Set, r *Reporter) {
	for _, vr := range s.Clusters.Routers {
		// The master that is meant is the one with the highest priority.
		var best *cluster.Member
		for i := range vr.Members {
			m := &vr.Members[i]
			if starts(*m) && (best == nil || m.Instance.Priority > best.Instance.Priority) {
				best = m
			}
		}
		for i := range vr.Members {
			m := &vr.Members[i]
			if !starts(*m) || m == best {
				continue
			}
			r.Report(diag.Diagnostic{
				Node: m.Node, Span: at(*m, kw.State), Subject: vr.Subject(),
				Message: fmt.Sprintf("%q has state \"MASTER\" here and on %s: only one of the two can be master", m.Instance.Name, best.Node),
				Help:    fmt.Sprintf("write \"%s %s\" here: %s has priority %d, this node %d", kw.State, plan.StateBackup, best.Node, best.Instance.Priority, m.Instance.Priority),
				Related: []diag.Note{note(*best, at(*best, kw.State), "%s too has state MASTER", best.Node)},
			})
		}
	}
}

// starts reports whether the text says state MASTER.
func starts(m cluster.Member) bool { return m.Instance.InitialState == plan.StateMaster }
