package cluster

import (
	"net/netip"
	"path"
	"strings"

	"ka/compiler/plan"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// serviceKey tells virtual servers apart.
type serviceKey struct {
	address  netip.AddrPort
	protocol plan.Protocol
}

func services(nodes []Node, routers []*VirtualRouter) []*Service {
	var out []*Service
	byKey := map[serviceKey]*Service{}
	for i, n := range nodes {
		if n.Plan == nil {
			continue
		}
		statements := serviceStatements(n.Tree)
		for j := range n.Plan.VirtualServers {
			vs := &n.Plan.VirtualServers[j]
			st := statements[place{baseName(vs.Origin.File), vs.Origin.Line}]
			if st == nil || n.Unsound != nil && n.Unsound(st) {
				continue
			}
			k := serviceKey{vs.Address, vs.Protocol}
			s := byKey[k]
			if s == nil {
				s = &Service{Address: vs.Address, Protocol: vs.Protocol}
				byKey[k] = s
				out = append(out, s)
			}
			s.Members = append(s.Members, ServiceMember{Node: n.Name, Index: i, Server: vs, Statement: st})
		}
	}
	for _, s := range out {
		s.Missing = missing(nodes, routers, s)
	}
	return out
}

// missing are the members of the virtual router of the service's address on nodes without the service.
// A node with a virtual server that the plan does not hold is left out: it may be this one.
func missing(nodes []Node, routers []*VirtualRouter, s *Service) []Member {
	has := map[int]bool{}
	for _, m := range s.Members {
		has[m.Index] = true
	}
	var out []Member
	for _, v := range routers {
		var without []Member
		owned, served := true, false
		for _, m := range v.Members {
			owned = owned && holds(m.Instance, s.Address.Addr())
			served = served || has[m.Index]
			if !has[m.Index] && complete(nodes[m.Index]) {
				without = append(without, m)
			}
		}
		if owned && served {
			out = append(out, without...)
		}
	}
	return out
}

func holds(inst *plan.Instance, a netip.Addr) bool {
	for _, have := range addresses(inst) {
		if have == a {
			return true
		}
	}
	return false
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
	for _, st := range t.Body {
		if st.Head.Text != kw.VirtualServer {
			continue
		}
		file := st.Head.Span.File
		p := place{baseName(file.Name), file.LineOf(st.Head.Span.Start)}
		if out[p] == nil {
			out[p] = st
		}
	}
	return out
}

// baseName is the last part of a path written with either kind of slash.
func baseName(name string) string { return path.Base(strings.ReplaceAll(name, `\`, "/")) }
