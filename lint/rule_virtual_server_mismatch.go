package lint

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"ka/compiler/plan"
	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lang/source"
	"ka/lint/cluster"
)

func ruleVirtualServerMismatch() *Rule {
	return &Rule{
		Name:     "virtual-server-mismatch",
		Severity: diag.Warning,
		Title:    "directors balance one virtual server differently",
		Text: `The directors of one address have the same ` + "`virtual_server`" + `, but with another scheduler, forwarding method,
persistence, or with other real servers or weights; or one of them does not have it at all. After a failover the
load is spread differently, clients lose their server, or a real server gets nothing.

Compared are scheduler, forwarding method, persistence and its netmask, the real servers, their methods and
weights. Health checks may differ.`,
		Bad: "-- node1.conf --\n" + withService(node1, "rr", "192.168.8.131") +
			"-- node2.conf --\n" + withService(node2, "wrr", "192.168.8.131"),
		Good: "-- node1.conf --\n" + withService(node1, "rr", "192.168.8.131") +
			"-- node2.conf --\n" + withService(node2, "rr", "192.168.8.131"),
		Run: runVirtualServerMismatch,
	}
}

func runVirtualServerMismatch(s *Set, r *Reporter) {
	for _, svc := range s.Clusters.Services {
		ref, others := odd(svc.Members, func(m cluster.ServiceMember) string {
			return serviceKey(m.Server) + groupKey(s.Nodes[m.Index].Plan, m.Server.Group)
		})
		for _, m := range others {
			r.Report(s.serviceDiffers(svc, ref, m))
		}
		for _, m := range svc.Missing {
			r.Report(diag.Diagnostic{
				Node: m.Node, Span: nameSpan(m.Statement),
				Message: fmt.Sprintf("%q can own %s, but this node has no virtual_server %s, as %s has: the service ends when it takes over",
					m.Instance.Name, svc.Address.Addr(), svc.Name, ref.Node),
				Help: "write the same virtual_server on both nodes",
				Related: []diag.Note{{
					Node: ref.Node, Span: nameSpan(ref.Statement), Message: "the virtual server on " + ref.Node,
				}},
			})
		}
	}
}

// difference is one thing that two directors do differently, with its places.
type difference struct {
	text        string
	here, there source.Span
}

func (s *Set) serviceDiffers(svc *cluster.Service, ref, m cluster.ServiceMember) diag.Diagnostic {
	list := serviceDifferences(ref, m)
	if here, there := s.Nodes[m.Index].Plan, s.Nodes[ref.Index].Plan; groupKey(here, m.Server.Group) != groupKey(there, ref.Server.Group) {
		list = append(list, difference{"other entries in the group", nameSpan(m.Statement), nameSpan(ref.Statement)})
	}
	texts := make([]string, len(list))
	for i, x := range list {
		texts[i] = x.text
	}
	d := diag.Diagnostic{
		Node: m.Node, Span: nameSpan(m.Statement),
		Message: fmt.Sprintf("virtual_server %s differs from that on %s: %s", svc.Name, ref.Node, listed(texts)),
		Help:    "write the same virtual_server on both nodes",
	}
	other := nameSpan(ref.Statement)
	if len(list) > 0 {
		d.Span, other = list[0].here, list[0].there
	}
	d.Related = []diag.Note{{Node: ref.Node, Span: other, Message: "on " + ref.Node}}
	return d
}

// serviceDifferences lists what differs, in the order in which people write it.
func serviceDifferences(ref, m cluster.ServiceMember) []difference {
	a, b := ref.Server, m.Server
	var out []difference
	add := func(keyword, format string, here, there any) {
		out = append(out, difference{fmt.Sprintf(format, here, there), within(m.Statement, keyword), within(ref.Statement, keyword)})
	}
	if a.Scheduler != b.Scheduler {
		add(kw.LVSSched, "scheduler %s here, %s there", b.Scheduler, a.Scheduler)
	}
	if a.Method != b.Method {
		add(kw.LVSMethod, "method %s here, %s there", b.Method, a.Method)
	}
	if a.Persistence != b.Persistence {
		add(kw.PersistenceTimeout, "persistence %s here, %s there", persistence(b.Persistence), persistence(a.Persistence))
	}
	if a.PersistenceNetmask != b.PersistenceNetmask {
		add(kw.PersistenceGranularity, "persistence netmask %s here, %s there", netmask(b.PersistenceNetmask), netmask(a.PersistenceNetmask))
	}
	for i := range b.RealServers {
		here := &b.RealServers[i]
		there := findReal(a, here.Address)
		if there == nil {
			out = append(out, difference{"real server " + realName(here.Address) + " only here", realPlace(m, here.Address), nameSpan(ref.Statement)})
			continue
		}
		if here.Weight != there.Weight {
			text := fmt.Sprintf("weight of %s %d here, %d there", realName(here.Address), here.Weight, there.Weight)
			out = append(out, difference{text, realPlace(m, here.Address, kw.Weight), realPlace(ref, here.Address, kw.Weight)})
		}
		if here.Method != there.Method && a.Method == b.Method {
			text := fmt.Sprintf("method of %s %s here, %s there", realName(here.Address), here.Method, there.Method)
			out = append(out, difference{text, realPlace(m, here.Address, kw.LVSMethod), realPlace(ref, here.Address, kw.LVSMethod)})
		}
	}
	for i := range a.RealServers {
		if there := &a.RealServers[i]; findReal(b, there.Address) == nil {
			out = append(out, difference{"real server " + realName(there.Address) + " only there", nameSpan(m.Statement), realPlace(ref, there.Address)})
		}
	}
	return out
}

// groupKey is what a group of virtual servers is on, as one value.
func groupKey(p *plan.Plan, name string) string {
	var out []string
	for i := range p.VirtualServerGroups {
		if g := &p.VirtualServerGroups[i]; g.Name == name && name != "" {
			for _, m := range g.Members {
				m.Origin = plan.Origin{}
				out = append(out, fmt.Sprint(m))
			}
		}
	}
	slices.Sort(out)
	return strings.Join(out, ",")
}

// serviceKey is what the rule compares, as one value.
func serviceKey(vs *plan.VirtualServer) string {
	var reals []string
	for _, rs := range vs.RealServers {
		reals = append(reals, fmt.Sprintf("%s %d %s", rs.Address, rs.Weight, rs.Method))
	}
	slices.Sort(reals)
	return fmt.Sprintf("%s %s %s %s %s", vs.Scheduler, vs.Method, vs.Persistence, vs.PersistenceNetmask, strings.Join(reals, ","))
}

func persistence(d time.Duration) string {
	if d == 0 {
		return "none"
	}
	return seconds(d) + " s"
}

func netmask(a netip.Addr) string {
	if !a.IsValid() {
		return "none"
	}
	return a.String()
}

func realName(a netip.AddrPort) string { return fmt.Sprintf("%s %d", a.Addr(), a.Port()) }

func findReal(vs *plan.VirtualServer, a netip.AddrPort) *plan.RealServer {
	for i := range vs.RealServers {
		if vs.RealServers[i].Address == a {
			return &vs.RealServers[i]
		}
	}
	return nil
}

// realPlace is the place of a real server, or of a keyword in it.
func realPlace(m cluster.ServiceMember, a netip.AddrPort, path ...string) source.Span {
	for _, st := range m.Statement.Children() {
		addr, _ := st.Arg(0)
		port, _ := st.Arg(1)
		if st.Dropped || st.Head.Text != kw.RealServer || addr.Text != a.Addr().String() {
			continue
		}
		if a.Port() != 0 && port.Text != "" && port.Text != fmt.Sprint(a.Port()) {
			continue
		}
		return within(st, path...)
	}
	return nameSpan(m.Statement)
}
