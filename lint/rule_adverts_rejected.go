package lint

import (
	"fmt"
	"slices"
	"strings"

	"ka/compiler/plan"
	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lint/cluster"
	"ka/lint/reception"
	"ka/runtime/vrrp"
)

func ruleAdvertsRejected() *Rule {
	return &Rule{
		Name:     "adverts-rejected",
		Severity: diag.Error,
		Title:    "a node of a virtual router drops the adverts of another one, or never gets them",
		Text: `Who does not hear the master becomes one: both then answer for the addresses. This rule sends the advert that one
node would send to the other one, with the encoder and the checks that run, and looks at what the rules about versions,
intervals, passwords and lists of addresses do not: signatures (` + "`auth_hmac`" + `) that one node alone has, or with
another key; ` + "`v3_checksum_as_v2`" + ` on one node alone; ` + "`old_unicast_checksum`" + ` on one node
and ` + "`old_unicast_checksum never`" + ` on the other; different multicast groups; unicast on one node and multicast on the
other; a unicast peer that is not the address which the other one sends from.

Keys that stand in files are taken as equal to others of the same number.`,
		Bad: "-- node1.conf --\n" + withGroup(node1, "224.0.0.50") +
			"-- node2.conf --\n" + node2,
		Good: pairGood,
		Run:  runAdvertsRejected,
	}
}

// withGroup is an example node whose adverts go to another multicast group.
func withGroup(text, group string) string {
	return strings.Replace(text, "    advert_int 1\n", "    advert_int 1\n    mcast_dst_ip "+group+"\n", 1)
}

func runAdvertsRejected(s *Set, r *Reporter) {
	for _, vr := range s.Clusters.Routers {
		if vr.Weak || !agreeOn(vr.Members, func(m cluster.Member) int { return m.Instance.Version }) {
			continue // version-mismatch
		}
		for i, m := range vr.Members {
			for _, ref := range vr.Members[:i] {
				if d, found := s.rejected(ref, m); found {
					d.Subject = vr.Subject()
					r.Report(d)
					break
				}
			}
		}
	}
}

// rejected finds out why one of two members does not hear the other.
func (s *Set) rejected(ref, m cluster.Member) (diag.Diagnostic, bool) {
	report := func(keyword, help, format string, args ...any) (diag.Diagnostic, bool) {
		return diag.Diagnostic{
			Node: m.Node, Span: at(m, keyword), Help: help, Message: fmt.Sprintf(format, args...) + ": both become master",
			Related: []diag.Note{note(ref, at(ref, keyword), "the virtual router on %s", ref.Node)},
		}, true
	}
	a, b := ref.Instance.Unicast, m.Instance.Unicast
	if (a == nil) != (b == nil) {
		way := map[bool]string{true: "multicast", false: "unicast"}
		return report(kw.UnicastPeer, "give both nodes unicast peers, or neither",
			"%q sends by %s here, and by %s on %s", m.Instance.Name, way[b == nil], way[a == nil], ref.Node)
	}
	for _, pair := range [][2]cluster.Member{{ref, m}, {m, ref}} {
		from, to := pair[0], pair[1]
		if source := to.Instance.Source; a != nil && source.IsValid() && !isPeer(from.Instance.Unicast, to) {
			return report(kw.UnicastPeer, "write each node's unicast_src_ip into the unicast_peer of the other",
				"%s sends no adverts to %v, the address of %s", from.Node, source, to.Node)
		}
	}
	for _, pair := range [][2]cluster.Member{{ref, m}, {m, ref}} {
		from, to := pair[0], pair[1]
		for _, d := range reception.Differences(*from.Instance, *to.Instance, s.behaviours(to.Node)) {
			keyword, help := rejectedBy(d.Reason, from.Instance, to.Instance)
			if keyword == "" || len(d.Drops) == 0 || d.Reason == vrrp.DropHMACInvalid && keysUnknown(from, to) {
				continue
			}
			return report(keyword, help, "%s drops the adverts of %s: %s", to.Node, from.Node, rejectedWords(d, from))
		}
	}
	return diag.Diagnostic{}, false
}

// isPeer reports whether the address of a member is among the peers.
func isPeer(u *plan.Unicast, m cluster.Member) bool {
	return slices.ContainsFunc(u.Peers, func(p plan.Peer) bool { return p.Address == m.Instance.Source })
}

// keysUnknown reports whether a number stands for a key in the text of one node and for a file on the other: it may be
// the same key.
func keysUnknown(a, b cluster.Member) bool {
	if a.Instance.HMAC == nil || b.Instance.HMAC == nil {
		return false
	}
	for _, k := range a.Instance.HMAC.Keys {
		for _, l := range b.Instance.HMAC.Keys {
			if k.ID == l.ID && (k.File == "") != (l.File == "") {
				return true
			}
		}
	}
	return false
}

// rejectedBy is the keyword that a reason is about, and what to do; "": it is another rule's.
func rejectedBy(reason vrrp.DropReason, from, to *plan.Instance) (keyword, help string) {
	switch reason {
	case vrrp.DropLength, vrrp.DropHMACMissing, vrrp.DropHMACUnknownKey, vrrp.DropHMACInvalid:
		return kw.AuthHMAC, "write the same auth_hmac on both nodes"
	case vrrp.DropChecksum:
		if from.Deviations.ChecksumWithoutHeader == to.Deviations.ChecksumWithoutHeader {
			return kw.OldUnicastChecksum, "write the same old_unicast_checksum on both nodes, or leave it out on one: that one follows the other"
		}
		return kw.V3ChecksumAsV2, "write v3_checksum_as_v2 on both nodes, or on neither"
	case vrrp.DropDestination:
		return kw.McastDstIP, "write the same multicast group on both nodes"
	}
	return "", ""
}

// rejectedWords says what is wrong with the adverts of a member.
func rejectedWords(d reception.Difference, from cluster.Member) string {
	switch h := from.Instance.HMAC; {
	case d.Reason == vrrp.DropLength && h != nil:
		return "they are signed, which it does not know"
	case d.Reason == vrrp.DropHMACInvalid && h != nil:
		return fmt.Sprintf("key %d differs", h.ActiveKey)
	}
	return d.Detail
}
