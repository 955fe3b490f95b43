package lint

import (
	"fmt"

	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lint/cluster"
	"ka/runtime/vrrp"
)

func ruleVersionMismatch() *Rule {
	return &Rule{
		Name:            "version-mismatch",
		Severity:        diag.Error,
		ExplainsInBlock: []string{"auth-ignored"},
		Title:           "nodes of one virtual router speak different VRRP versions",
		Text: `A node drops adverts of another VRRP version: the nodes do not hear each other and both become master. The
version comes from ` + "`version`" + ` in the instance, or ` + "`vrrp_version`" + ` in global_defs (2 unless set).

Version 3 has no authentication. Where the versions differ, the rules about passwords and intervals wait until
they are equal.`,
		Bad: "-- node1.conf --\n" + withoutAuth(node1) +
			"-- node2.conf --\n" + withVersion3(withoutAuth(node2)),
		Good: pairGood,
		Run:  runVersionMismatch,
	}
}

func runVersionMismatch(s *Set, r *Reporter) {
	for _, vr := range s.Clusters.Routers {
		ref, others := odd(vr.Members, func(m cluster.Member) int { return m.Instance.Version })
		for _, m := range others {
			if !s.deaf(ref, m, vrrp.DropVersion) {
				continue
			}
			r.Report(diag.Diagnostic{
				Node: m.Node, Span: at(m, kw.Version), Subject: vr.Subject(),
				Message: fmt.Sprintf("%q speaks VRRP version %d here and version %d on %s: each node drops the adverts of the other and both become master",
					m.Instance.Name, m.Instance.Version, ref.Instance.Version, ref.Node),
				Help:    fmt.Sprintf("write \"%s %d\" in the instance on both nodes", kw.Version, ref.Instance.Version),
				Related: []diag.Note{note(ref, at(ref, kw.Version), "version %d on %s", ref.Instance.Version, ref.Node)},
			})
		}
	}
}
