package lint

import (
	"fmt"
	"slices"
	"strings"

	"ka/compiler/plan"
	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lang/source"
	"ka/lint/cluster"
)

func ruleDestinationMismatch() *Rule {
	return &Rule{
		Name:     "destination-mismatch",
		Severity: diag.Error,
		Title:    "nodes of one virtual router send their adverts past each other",
		Text: `All nodes of a virtual router must send to the same multicast group, or all to each other's addresses
(` + "`unicast_peer`" + `). A node that gets no adverts becomes master beside the other.

That a node's ` + "`unicast_src_ip`" + ` is no peer on another node is a warning: behind a translation of addresses its peers may
know it by another one. Who has no ` + "`unicast_src_ip`" + ` is not looked for.`,
		Bad: "-- node1.conf --\n" + withUnicast(node1, "192.168.8.11", "192.168.8.12") +
			"-- node2.conf --\n" + node2,
		Good: "-- node1.conf --\n" + withUnicast(node1, "192.168.8.11", "192.168.8.12") +
			"-- node2.conf --\n" + withUnicast(node2, "192.168.8.12", "192.168.8.11"),
		Run: runDestinationMismatch,
	}
}

func withUnicast(text, source, peer string) string {
	return strings.Replace(text, "    advert_int 1\n", "    advert_int 1\n    unicast_src_ip "+source+"\n    unicast_peer {\n        "+peer+"\n    }\n", 1)
}

func runDestinationMismatch(s *Set, r *Reporter) {
	for _, vr := range s.Clusters.Routers {
		ref, others := odd(vr.Members, destination)
		for _, m := range others {
			r.Report(diag.Diagnostic{
				Node: m.Node, Span: destinationPlace(m), Subject: vr.Subject(),
				Message: fmt.Sprintf("%q sends its adverts %s here and %s on %s: the nodes do not hear each other and both become master",
					m.Instance.Name, destination(m), destination(ref), ref.Node),
				Help:    "let all nodes send to each other by unicast, or all to the same multicast group",
				Related: []diag.Note{note(ref, destinationPlace(ref), "%s on %s", destination(ref), ref.Node)},
			})
		}
		if len(others) > 0 || len(vr.Members) < 2 || ref.Instance.Unicast == nil {
			continue
		}
		for _, from := range vr.Members {
			for _, to := range vr.Members {
				if from.Node != to.Node {
					missingPeer(r, vr.Subject(), from, to)
				}
			}
		}
	}
}

// missingPeer reports a node that another one does not send to.
func missingPeer(r *Reporter, subject string, from, to cluster.Member) {
	source, peers := to.Instance.Source, from.Instance.Unicast.Peers
	if !source.IsValid() || len(peers) == 0 || slices.ContainsFunc(peers, func(p plan.Peer) bool { return p.Address == source }) {
		return
	}
	r.Report(diag.Diagnostic{
		Node: from.Node, Span: at(from, kw.UnicastPeer), Subject: subject, Severity: diag.Warning,
		Message: fmt.Sprintf("%q sends no adverts to %s, the source address on %s: that node hears no master and becomes one", from.Instance.Name, source, to.Node),
		Help:    fmt.Sprintf("write %q into %s here, or correct %s there", source, kw.UnicastPeer, kw.UnicastSrcIP),
		Related: []diag.Note{note(to, at(to, kw.UnicastSrcIP), "%s on %s", source, to.Node)},
	})
}

// destination is where a member sends.
func destination(m cluster.Member) string {
	if m.Instance.Unicast != nil {
		return "by unicast"
	}
	return "to " + m.Instance.Group.String()
}

func destinationPlace(m cluster.Member) source.Span {
	if m.Instance.Unicast != nil {
		return at(m, kw.UnicastPeer)
	}
	return at(m, kw.McastDstIP)
}
