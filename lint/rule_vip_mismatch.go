package lint

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lang/source"
	"ka/lint/cluster"
)

func ruleVIPMismatch() *Rule {
	return &Rule{
		Name:     "vip-mismatch",
		Severity: diag.Error,
		Title:    "nodes of one virtual router have different virtual addresses",
		Text: `An advert carries the list of virtual addresses. keepalived up to 2.3.2 rejects adverts with another list: the
nodes do not hear each other and both become master. From 2.3.3 on it only logs the difference; the addresses
that one node lacks disappear when that node takes over.

The order does not matter. Addresses in virtual_ipaddress_excluded are not advertised and not compared.
A prefix length that differs is a warning: the adverts are accepted, but the address comes with another network.

Without ` + "`--target`" + ` the rule judges by the older versions (error); with a target from 2.3.3 on it is a warning.

To add an address to a running pair of older nodes, put it into virtual_ipaddress_excluded, which may differ
between the nodes for a moment.`,
		Bad:  pairBad("192.168.8.100/24", "192.168.8.100/24\n        192.168.8.101/24"),
		Good: pairGood,
		Run:  runVIPMismatch,
	}
}

func runVIPMismatch(s *Set, r *Reporter) {
	for _, vr := range s.Clusters.Routers {
		ref, others := odd(vr.Members, func(m cluster.Member) string { return vipKey(m, false) })
		for _, m := range others {
			d := listDiffers(ref, m)
			d.Subject = vr.Subject()
			d.Severity, d.Message = s.vipVerdict(d.Message, ref.Node, m.Node)
			r.Report(d)
		}
		if len(others) == 0 {
			ref, others = odd(vr.Members, func(m cluster.Member) string { return vipKey(m, true) })
			for _, m := range others {
				d := prefixDiffers(ref, m)
				d.Subject, d.Severity = vr.Subject(), diag.Warning
				r.Report(d)
			}
		}
	}
}

// vipVerdict says what the targets of the nodes do about lists that differ; the worst of them decides.
func (s *Set) vipVerdict(message string, nodes ...string) (diag.Severity, string) {
	var reject, log []string
	for _, b := range s.behaviours(nodes...) {
		version := strings.TrimPrefix(b.Name, "keepalived ")
		if b.VIPListMismatchRejects {
			reject = append(reject, version)
		} else {
			log = append(log, version)
		}
	}
	if len(reject) == 0 {
		return diag.Warning, fmt.Sprintf("%s: keepalived %s only %s it, but what one node lacks is gone when it takes over",
			message, listed(log), plural(len(log), "logs", "log"))
	}
	message += fmt.Sprintf(": keepalived %s %s such adverts and both nodes become master", listed(reject), plural(len(reject), "rejects", "reject"))
	if len(log) > 0 {
		message += fmt.Sprintf(", %s only %s it", listed(log), plural(len(log), "logs", "log"))
	}
	return diag.Error, message
}

// listDiffers describes two lists that do not hold the same addresses.
func listDiffers(ref, m cluster.Member) diag.Diagnostic {
	here, there := without(m, ref), without(ref, m)
	d := diag.Diagnostic{
		Node: m.Node, Span: at(m, kw.VirtualIpaddress),
		Help: "write the same addresses on both nodes",
	}
	if len(here) > 0 {
		d.Span = vipPlace(m, here[0])
	}
	other := vipPlace(ref, netip.Addr{})
	text := "the addresses of " + ref.Node
	if len(there) > 0 {
		other = vipPlace(ref, there[0])
		text = listed(words(there)) + plural(len(there), " is", " are") + " only on " + ref.Node
	}
	d.Related = []diag.Note{note(ref, other, "%s", text)}
	switch {
	case len(there) == 0:
		d.Message = fmt.Sprintf("%q has %s, which %s has not", m.Instance.Name, listed(words(here)), ref.Node)
	case len(here) == 0:
		d.Message = fmt.Sprintf("%q lacks %s, which %s has", m.Instance.Name, listed(words(there)), ref.Node)
	default:
		d.Message = fmt.Sprintf("%q has %s where %s has %s", m.Instance.Name, listed(words(here)), ref.Node, listed(words(there)))
	}
	return d
}

// prefixDiffers describes equal addresses with different lengths.
func prefixDiffers(ref, m cluster.Member) diag.Diagnostic {
	for _, x := range m.Instance.VIPs {
		for _, y := range ref.Instance.VIPs {
			if x.Prefix.Addr() != y.Prefix.Addr() || x.Prefix.Bits() == y.Prefix.Bits() {
				continue
			}
			return diag.Diagnostic{
				Node: m.Node, Span: vipPlace(m, x.Prefix.Addr()),
				Message: fmt.Sprintf("%q has %s where %s has %s: the address comes with another network after a failover",
					m.Instance.Name, x.Prefix, ref.Node, y.Prefix),
				Help:    "write the same prefix length on both nodes; without one it is /32, in IPv6 /128",
				Related: []diag.Note{note(ref, vipPlace(ref, y.Prefix.Addr()), "/%d on %s", y.Prefix.Bits(), ref.Node)},
			}
		}
	}
	return diag.Diagnostic{}
}

// vipKey is the list as a comparable value: sorted, each address once, with its length if asked for.
func vipKey(m cluster.Member, length bool) string {
	var keys []string
	for _, a := range m.Instance.VIPs {
		if length {
			keys = append(keys, a.Prefix.String())
		} else {
			keys = append(keys, a.Prefix.Addr().String())
		}
	}
	slices.Sort(keys)
	return strings.Join(slices.Compact(keys), " ")
}

// without are the addresses of m that other lacks.
func without(m, other cluster.Member) []netip.Addr {
	var out []netip.Addr
	for _, a := range m.Instance.VIPs {
		has := slices.ContainsFunc(other.Instance.VIPs, func(b plan.Address) bool { return a.Prefix.Addr() == b.Prefix.Addr() })
		if !has && !slices.Contains(out, a.Prefix.Addr()) {
			out = append(out, a.Prefix.Addr())
		}
	}
	return out
}

// vipPlace is the line of an address, or that of the block's first address, or the instance's name.
func vipPlace(m cluster.Member, address netip.Addr) source.Span {
	place := nameSpan(m.Statement)
	first := true
	for _, block := range check.FindAll(m.Statement.Children(), kw.VirtualIpaddress) {
		for _, entry := range block.Children() {
			text, _, _ := strings.Cut(entry.Head.Text, "/")
			if a, err := netip.ParseAddr(text); err == nil && a == address {
				return entry.Head.Span
			}
			if first {
				place, first = entry.Head.Span, false
			}
		}
	}
	return place
}

func words(addrs []netip.Addr) []string {
	out := make([]string, len(addrs))
	for i, a := range addrs {
		out[i] = a.String()
	}
	return out
}
