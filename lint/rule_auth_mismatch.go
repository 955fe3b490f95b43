package lint

import (
	"fmt"
	"slices"

	"ka/compiler/plan"
	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lang/source"
	"ka/lint/cluster"
	"ka/runtime/vrrp"
)

func ruleAuthMismatch() *Rule {
	return &Rule{
		Name:     "auth-mismatch",
		Severity: diag.Error,
		Title:    "nodes of one virtual router authenticate differently",
		Text: `The nodes of a virtual router have different passwords, or one has a password and the other has none. Each
rejects every advert of the other, so both become master and both answer for the addresses.

Only the first 8 bytes of ` + "`auth_pass`" + ` go into the packet; passwords that differ behind them are equal on the
wire (rule auth-pass-truncated). Authentication exists in VRRP version 2 only.

The rule never prints a password.`,
		Bad:  pairBad("auth_pass S3cret", "auth_pass S3crets"),
		Good: pairGood,
		Run:  runAuthMismatch,
	}
}

func runAuthMismatch(s *Set, r *Reporter) {
	for _, vr := range s.Clusters.Routers {
		if !agreeOn(vr.Members, func(m cluster.Member) int { return m.Instance.Version }) {
			continue // version-mismatch: other versions have other authentication
		}
		if slices.ContainsFunc(vr.Members, func(m cluster.Member) bool { return m.Instance.HMAC != nil }) {
			continue // signatures take the place of passwords
		}
		ref, others := odd(vr.Members, authOf)
		for _, m := range others {
			if !s.deaf(ref, m, vrrp.DropAuthType, vrrp.DropPassword, vrrp.DropAuthHeader, vrrp.DropAHValue) {
				continue
			}
			a, b := authOf(ref), authOf(m)
			d := diag.Diagnostic{
				Node: m.Node, Span: authPlace(m), Subject: vr.Subject(),
				Help:    "write the same auth_type and auth_pass on both nodes; the first 8 bytes count",
				Related: []diag.Note{note(ref, authPlace(ref), "%s", "the authentication of "+ref.Node)},
			}
			switch {
			case a.Type == b.Type:
				d.Message = fmt.Sprintf("auth_pass of %q differs from that on %s", m.Instance.Name, ref.Node)
			case b.Type == plan.AuthNone:
				d.Message = fmt.Sprintf("%q has no authentication, but %s has auth_type %s", m.Instance.Name, ref.Node, authWord(a))
			case a.Type == plan.AuthNone:
				d.Message = fmt.Sprintf("%q has auth_type %s, but %s has no authentication", m.Instance.Name, authWord(b), ref.Node)
			default:
				d.Message = fmt.Sprintf("%q has auth_type %s, but %s has auth_type %s", m.Instance.Name, authWord(b), ref.Node, authWord(a))
			}
			d.Message += ": each node rejects the adverts of the other and both become master"
			r.Report(d)
		}
	}
}

func authWord(a plan.Auth) string {
	if a.Type == plan.AuthHeader {
		return "AH"
	}
	return "PASS"
}

// authOf is the authentication on the wire: version 3 has none.
func authOf(m cluster.Member) plan.Auth {
	if m.Instance.Version != 2 {
		return plan.Auth{}
	}
	return m.Instance.Auth
}

// authPlace is the password, the block, or the name of the instance.
func authPlace(m cluster.Member) source.Span {
	return at(m, kw.Authentication, kw.AuthPass)
}

// agreeOn reports whether all members hold the same value.
func agreeOn[T comparable](members []cluster.Member, value func(cluster.Member) T) bool {
	_, others := odd(members, value)
	return len(others) == 0
}
