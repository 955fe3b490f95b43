package lint

import (
	"fmt"

	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lang/source"
	"ka/lint/cluster"
)

func ruleRouterIDDuplicate() *Rule {
	return &Rule{
		Name:     "router-id-duplicate",
		Severity: diag.Info,
		Title:    "nodes of one virtual router have the same router_id",
		Text: "`router_id`" + ` is only a name: it stands in mails, SNMP and logs, never in a packet, so VRRP works with equal ones.
But a mail from "LVS_DEVEL" does not tell which node it comes from. Without router_id keepalived takes the host
name, which is usually what is wanted.`,
		Bad: "-- node1.conf --\nglobal_defs {\n    router_id LVS_DEVEL\n}\n" + node1 +
			"-- node2.conf --\nglobal_defs {\n    router_id LVS_DEVEL\n}\n" + node2,
		Good: "-- node1.conf --\nglobal_defs {\n    router_id lb01\n}\n" + node1 +
			"-- node2.conf --\nglobal_defs {\n    router_id lb02\n}\n" + node2,
		Run: runRouterIDDuplicate,
	}
}

func runRouterIDDuplicate(s *Set, r *Reporter) {
	told := map[int]bool{}
	for _, vr := range s.Clusters.Routers {
		if len(vr.Members) < 2 {
			continue
		}
		first := map[string]cluster.Member{}
		for _, m := range vr.Members {
			id := s.Nodes[m.Index].Plan.Global.RouterID
			span := s.routerID(m)
			if id == "" || !span.IsValid() {
				continue
			}
			ref, twice := first[id]
			if !twice {
				first[id] = m
				continue
			}
			if told[m.Index] {
				continue
			}
			told[m.Index] = true
			r.Report(diag.Diagnostic{
				Node: m.Node, Span: span,
				Message: fmt.Sprintf("router_id %q is also that of %s: mails and SNMP do not tell the nodes apart", id, ref.Node),
				Help:    "give each node its own router_id, or none: then it is the host name",
				Related: []diag.Note{note(ref, s.routerID(ref), "the same on %s", ref.Node)},
			})
		}
	}
}

// routerID is the place of a node's router_id; not valid where none is written.
func (s *Set) routerID(m cluster.Member) source.Span {
	var place source.Span
	for _, st := range s.Nodes[m.Index].Tree.Body {
		if st.Head.Text != kw.GlobalDefs {
			continue
		}
		if span := within(st, kw.RouterID); span != nameSpan(st) {
			place = span
		}
	}
	return place
}
