package lint

import (
	"fmt"

	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lint/cluster"
)

func rulePriorityTie() *Rule {
	return &Rule{
		Name:     "priority-tie",
		Severity: diag.Warning,
		Title:    "nodes of one virtual router have the same priority",
		Text: `Two nodes have the same base priority. Which of them is master then depends on who was first; when both are
master (after a cut of the network) the higher source address wins. Two backups also end their wait at the same
moment when the master dies, so both become master for an instant.

Give each node its own priority. For "stay where you are", use different priorities with ` + "`nopreempt`" + ` on both.`,
		Bad:  pairBad("priority 90", "priority 100"),
		Good: pairGood,
		Run:  runPriorityTie,
	}
}

func runPriorityTie(s *Set, r *Reporter) {
	for _, vr := range s.Clusters.Routers {
		first := map[uint8]cluster.Member{}
		for _, m := range vr.Members {
			ref, tie := first[m.Instance.Priority]
			if !tie {
				first[m.Instance.Priority] = m
				continue
			}
			r.Report(diag.Diagnostic{
				Node: m.Node, Span: at(m, kw.Priority), Subject: vr.Subject(),
				Message: fmt.Sprintf("priority \"%d\" of %q is also that of %s: %s",
					m.Instance.Priority, m.Instance.Name, ref.Node, winner(ref, m)),
				Help:    "give each node a priority of its own",
				Related: []diag.Note{note(ref, at(ref, kw.Priority), "%s has %d too", ref.Node, ref.Instance.Priority)},
			})
		}
	}
}

// winner says who is master of two equals, as far as the texts tell.
func winner(a, b cluster.Member) string {
	x, y := a.Instance.Source, b.Instance.Source
	switch {
	case !x.IsValid() || !y.IsValid() || x == y:
		return "who starts first is master, and of two masters the one with the higher address stays"
	case x.Compare(y) > 0:
		return fmt.Sprintf("who starts first is master, and of two masters %s stays by its higher address %s", a.Node, x)
	}
	return fmt.Sprintf("who starts first is master, and of two masters %s stays by its higher address %s", b.Node, y)
}
