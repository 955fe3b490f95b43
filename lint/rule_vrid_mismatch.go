package lint

import (
	"fmt"

	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lint/cluster"
)

func ruleVRIDMismatch() *Rule {
	return &Rule{
		Name:     "vrid-mismatch",
		Severity: diag.Error,
		Title:    "one virtual address under two virtual router ids",
		Text: `Two nodes hold the same virtual address, but in instances with different ` + "`virtual_router_id`" + `. The id is what
a node recognises its partners by: each ignores the adverts of the other, both become master, and both answer
for the address.

keepalived cannot see it: each file is correct on its own.

Write the same number on every node of the virtual router.`,
		Bad:  pairBad("virtual_router_id 51", "virtual_router_id 52"),
		Good: pairGood,
		Run:  runVRIDMismatch,
	}
}

func runVRIDMismatch(s *Set, r *Reporter) {
	for _, vr := range s.Clusters.Routers {
		ref, others := odd(vr.Members, func(m cluster.Member) uint8 { return m.Instance.VRID })
		for _, m := range others {
			shared := sharedAddress(ref, m)
			r.Report(diag.Diagnostic{
				Node: m.Node, Span: at(m, kw.VirtualRouterID), Subject: vr.Subject(),
				Message: fmt.Sprintf("virtual_router_id \"%d\" of %q differs from \"%d\" on %s, though both hold %s: neither hears the other and both become master",
					m.Instance.VRID, m.Instance.Name, ref.Instance.VRID, ref.Node, shared),
				Help:    fmt.Sprintf("write \"%s %d\" on both nodes", kw.VirtualRouterID, ref.Instance.VRID),
				Related: []diag.Note{note(ref, at(ref, kw.VirtualRouterID), "%s has %d", ref.Node, ref.Instance.VRID)},
			})
		}
	}
}

// sharedAddress is an address that both members hold, "" where they share none.
func sharedAddress(a, b cluster.Member) string {
	for _, x := range append(a.Instance.VIPs[:len(a.Instance.VIPs):len(a.Instance.VIPs)], a.Instance.Excluded...) {
		for _, y := range append(b.Instance.VIPs[:len(b.Instance.VIPs):len(b.Instance.VIPs)], b.Instance.Excluded...) {
			if x.Prefix.Addr() == y.Prefix.Addr() {
				return x.Prefix.Addr().String()
			}
		}
	}
	return ""
}
