package cluster

import (
	"fmt"
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"

	"ka/compiler/plan"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// serviceKey tells virtual servers apart: address, mark or group, and the protocol.
type serviceKey struct {
	address  netip.AddrPort
	mark     uint32
	group    string
	protocol plan.Protocol
}

func keyOf(vs *plan.VirtualServer) serviceKey {
	return serviceKey{vs.Address, vs.FirewallMark, vs.Group, vs.Protocol}
}

func services(nodes []Node, routers []*VirtualRouter) []*Service {
	var out []*Service
	byKey := map[serviceKey]*Service{}
	for i, n := range nodes {
		if n.Plan == nil {
			continue
		}
		statements := serviceStatements(n.Tree)
		var base baseNames
		for j := range n.Plan.VirtualServers {
			vs := &n.Plan.VirtualServers[j]
			st := statements[place{base.of(vs.Origin.File), vs.Origin.Line}]
			if st == nil || n.Unsound != nil && n.Unsound(st) {
				continue
			}
			k := keyOf(vs)
			s := byKey[k]
			if s == nil {
				s = &Service{Name: serviceName(vs), Address: vs.Address}
				byKey[k] = s
				out = append(out, s)
			}
			s.Members = append(s.Members, ServiceMember{Node: n.Name, Index: i, Server: vs, Statement: st})
		}
	}
	missing(nodes, routers, out)
	return out
}

// serviceName names a virtual server for people: "192.0.2.1 80 (tcp)", "fwmark 7", "group web (tcp)".
func serviceName(vs *plan.VirtualServer) string {
	switch {
	case vs.Group != "" && vs.Protocol != 0:
		return fmt.Sprintf("%s %s (%s)", kw.Group, vs.Group, vs.Protocol)
	case vs.Group != "":
		return kw.Group + " " + vs.Group
	case vs.FirewallMark != 0:
		return vs.Name()
	}
	return vs.Address.Addr().String() + " " + strconv.Itoa(int(vs.Address.Port())) + " (" + vs.Protocol.String() + ")"
}

// missing are, for each service on an address, the members of the virtual router of its address on nodes without it.
// A node with a virtual server that the plan does not hold is left out: it may be this one.
func missing(nodes []Node, routers []*VirtualRouter, services []*Service) {
	whole := make([]bool, len(nodes))
	for i, n := range nodes {
		whole[i] = n.Plan != nil && complete(n)
	}
	owners := map[netip.Addr][]*VirtualRouter{}
	for _, v := range routers {
		for _, a := range commonAddresses(v) {
			owners[a] = append(owners[a], v)
		}
	}
	for _, s := range services {
		has := map[int]bool{}
		for _, m := range s.Members {
			has[m.Index] = true
		}
		for _, v := range owners[s.Address.Addr()] {
			if !slices.ContainsFunc(v.Members, func(m Member) bool { return has[m.Index] }) {
				continue
			}
			for _, m := range v.Members {
				if !has[m.Index] && whole[m.Index] {
					s.Missing = append(s.Missing, m)
				}
			}
		}
	}
}

// commonAddresses are the addresses that every member of a virtual router holds.
func commonAddresses(v *VirtualRouter) []netip.Addr {
	if len(v.Members) == 0 {
		return nil
	}
	out := addresses(v.Members[0].Instance)
	for _, m := range v.Members[1:] {
		have := addresses(m.Instance)
		out = slices.DeleteFunc(out, func(a netip.Addr) bool {
			_, found := slices.BinarySearchFunc(have, a, netip.Addr.Compare)
			return !found
		})
	}
	return out
}

// complete reports whether the plan holds every virtual server of the text.
func complete(n Node) bool {
	count := 0
	for _, st := range n.Tree.Body {
		if st.Head.Text == kw.VirtualServer {
			count++
		}
	}
	return count == len(n.Plan.VirtualServers)
}

// instanceStatements are the instances of a tree by name; of two with one name the first is kept, as
// keepalived does.
func instanceStatements(t *syntax.Tree) map[string]*syntax.Statement {
	out := map[string]*syntax.Statement{}
	if t == nil {
		return out
	}
	for _, st := range t.Body {
		if name, ok := st.Arg(0); ok && st.Head.Text == kw.VRRPInstance && !st.Dropped && out[name.Text] == nil {
			out[name.Text] = st
		}
	}
	return out
}

// place is where a statement begins: the base name of its file, and the line.
type place struct {
	file string
	line int
}

// serviceStatements are the virtual server blocks of a file by their place, which is what the plan's
// origins tell. Of several on one line the first counts.
func serviceStatements(t *syntax.Tree) map[place]*syntax.Statement {
	out := map[place]*syntax.Statement{}
	if t == nil {
		return out
	}
	var base baseNames
	for _, st := range t.Body {
		if st.Head.Text != kw.VirtualServer {
			continue
		}
		file := st.Head.Span.File
		p := place{base.of(file.Name), file.LineOf(st.Head.Span.Start)}
		if out[p] == nil {
			out[p] = st
		}
	}
	return out
}

// baseName is the last part of a path written with either kind of slash.
func baseName(name string) string { return path.Base(strings.ReplaceAll(name, `\`, "/")) }

// baseNames gives the base names of files, and keeps the last one: what follows one another is mostly of one
// file.
type baseNames struct{ file, base string }

func (b *baseNames) of(file string) string {
	if file != b.file {
		b.file, b.base = file, baseName(file)
	}
	return b.base
}
