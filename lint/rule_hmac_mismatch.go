package lint

import (
	"fmt"
	"strings"

	"ka/compiler/plan"
	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lint/cluster"
	"ka/runtime/vrrp"
)

func ruleHMACMismatch() *Rule {
	return &Rule{
		Name:     "hmac-mismatch",
		Severity: diag.Error,
		Title:    "nodes of one virtual router sign differently",
		Text: `A node with ` + "`auth_hmac`" + ` accepts what is signed with one of its keys, under the same number; a node without takes a
signed advert for one of the wrong length. Where a node rejects the adverts of the other, both become master.

To change a key, add the new one on every node first, then make it the ` + "`active_key`" + ` on one after the other. What is in a
file with a key is not known here: only its number is compared. The rule never prints a key.`,
		Bad: "-- node1.conf --\n" + signed(node1, "0123456789abcdef0123456789abcdef") +
			"-- node2.conf --\n" + signed(node2, "0123456789abcdef0123456789abcdeg"),
		Good: "-- node1.conf --\n" + signed(node1, "0123456789abcdef0123456789abcdef") +
			"-- node2.conf --\n" + signed(node2, "0123456789abcdef0123456789abcdef"),
		Run: runHMACMismatch,
	}
}

// signed puts a signature in the place of the password.
func signed(text, key string) string {
	return strings.Replace(text, authBlock, "    auth_hmac {\n        key 1 "+key+"\n        active_key 1\n    }\n", 1)
}

func runHMACMismatch(s *Set, r *Reporter) {
	for _, vr := range s.Clusters.Routers {
		if !agreeOn(vr.Members, func(m cluster.Member) int { return m.Instance.Version }) {
			continue // version-mismatch
		}
		ref, others := odd(vr.Members, signingOf)
		for _, m := range others {
			if keysUnknown(ref.Instance.HMAC, m.Instance.HMAC) ||
				!s.deaf(ref, m, vrrp.DropHMACMissing, vrrp.DropHMACUnknownKey, vrrp.DropHMACInvalid, vrrp.DropLength) {
				continue
			}
			what := fmt.Sprintf("%q signs with keys that do not fit those on %s", m.Instance.Name, ref.Node)
			switch {
			case m.Instance.HMAC == nil:
				what = fmt.Sprintf("%q has no auth_hmac, but %s has", m.Instance.Name, ref.Node)
			case ref.Instance.HMAC == nil:
				what = fmt.Sprintf("%q has auth_hmac, but %s has none", m.Instance.Name, ref.Node)
			}
			r.Report(diag.Diagnostic{
				Node: m.Node, Span: at(m, kw.AuthHMAC), Subject: vr.Subject(),
				Message: what + ": adverts are rejected and both become master",
				Help:    "write the same keys under the same numbers on both nodes, and an active_key that both have",
				Related: []diag.Note{note(ref, at(ref, kw.AuthHMAC), "%s", "the authentication of "+ref.Node)},
			})
		}
	}
}

// signingOf tells members apart by their keys and how they use them.
func signingOf(m cluster.Member) string {
	h := m.Instance.HMAC
	if h == nil {
		return ""
	}
	var b strings.Builder
	fmt.Fprint(&b, h.Mode, h.ActiveKey)
	for _, k := range h.Keys {
		fmt.Fprintf(&b, "\n%d %q %q", k.ID, k.Secret, k.File)
	}
	return b.String()
}

// keysUnknown reports whether a number stands for a key in the text here and for one in a file there.
func keysUnknown(a, b *plan.HMAC) bool {
	if a == nil || b == nil {
		return false
	}
	for _, k := range a.Keys {
		for _, l := range b.Keys {
			if k.ID == l.ID && (k.File == "") != (l.File == "") {
				return true
			}
		}
	}
	return false
}
