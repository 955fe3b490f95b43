package cluster

import (
	"net/netip"
	"slices"
	"strconv"

	"ka/compiler/plan"
	"ka/lang/syntax"
)

// Node is one node as it goes in.
type Node struct {
	// Name tells the node apart.
	Name string
	Tree *syntax.Tree
	Plan *plan.Plan
	// Segment is the wire that the node was said to be on; "" is unknown.
	Segment string
	// Unsound reports that a block of the node was misread, so that nothing can be proved from it.
	// Nil: every block is sound.
	Unsound func(*syntax.Statement) bool
}

// Result is what belongs together. The order follows the order of the nodes and of their text.
type Result struct {
	// Routers are the virtual routers, also those with one member only.
	Routers []*VirtualRouter
	// Collisions are pairs of unrelated virtual routers with one VRID on one wire.
	Collisions []Collision
	// Services are the virtual servers, also those of one node only.
	Services []*Service
}

// VirtualRouter is a set of instances of different nodes that back each other up.
type VirtualRouter struct {
	// Members are the instances that can be judged, at most one a node, in the order of the nodes.
	Members []Member
	// Unsound are members whose text was misread. Rules that need to know every member (who takes
	// over?) stay silent unless it is empty.
	Unsound []Member
	// Weak says that the members share no address, and were put together because VRID and network are
	// equal and a name, a password or a virtual server too.
	Weak bool
}

// Member is an instance in a virtual router.
type Member struct {
	// Node is the name, Index the place in the nodes given to Group.
	Node  string
	Index int
	// Instance is part of the node's plan, Statement the vrrp_instance line with its block.
	Instance  *plan.Instance
	Statement *syntax.Statement
}

// Collision is one VRID on one wire in two virtual routers.
type Collision struct {
	// A and B are a member of either, A of the earlier node.
	A, B Member
	// Network is what both are in; not valid where only a segment proves it.
	Network netip.Prefix
	// Segment is the name of the common segment, "" where the network proves it.
	Segment string
}

// Service is one virtual server on the nodes that have it.
type Service struct {
	// Name names it for people.
	Name string
	// Address is not valid for a firewall mark or a group.
	Address netip.AddrPort
	Members []ServiceMember
	// Missing are the nodes that can own the service's address and do not have the service.
	Missing []Member
}

// ServiceMember is a virtual server of one node.
type ServiceMember struct {
	Node      string
	Index     int
	Server    *plan.VirtualServer
	Statement *syntax.Statement
}

// Name names the virtual router for people: the name of its first instance and its VRID.
func (v *VirtualRouter) Name() string {
	m := v.first()
	if m.Instance == nil {
		return ""
	}
	return m.Instance.Name + " (VRID " + strconv.Itoa(int(m.Instance.VRID)) + ")"
}

// Subject is the same for all findings about one virtual router (diag.Diagnostic.Subject), so that one
// of them can explain the others.
func (v *VirtualRouter) Subject() string {
	m := v.first()
	if m.Instance == nil {
		return ""
	}
	return "virtual router " + strconv.Itoa(m.Index) + "/" + m.Instance.Name
}

func (v *VirtualRouter) first() Member {
	switch {
	case len(v.Members) > 0:
		return v.Members[0]
	case len(v.Unsound) > 0:
		return v.Unsound[0]
	}
	return Member{}
}

// Group finds out what belongs together (design: "What belongs together").
func Group(nodes []Node) *Result {
	g := collect(nodes)
	g.linkShared()
	g.linkRelated()
	r := &Result{Routers: g.routers(), Collisions: g.collisions()}
	r.Services = services(nodes, r.Routers)
	return r
}

// grouping is the work of one Group call: a union-find over all instances.
type grouping struct {
	nodes   []Node
	members []Member
	unsound []bool
	// parent is the forest; the root of a group is its smallest index.
	parent []int
	// owners holds the nodes of each root's group: no node is twice in a group.
	owners []map[int]bool
	weak   []bool
}

func collect(nodes []Node) *grouping {
	g := &grouping{nodes: nodes}
	for i, n := range nodes {
		if n.Plan == nil {
			continue
		}
		statements := instanceStatements(n.Tree)
		for j := range n.Plan.Instances {
			inst := &n.Plan.Instances[j]
			st := statements[inst.Name]
			g.members = append(g.members, Member{Node: n.Name, Index: i, Instance: inst, Statement: st})
			g.unsound = append(g.unsound, st == nil || n.Unsound != nil && n.Unsound(st))
			g.parent = append(g.parent, len(g.parent))
			g.owners = append(g.owners, map[int]bool{i: true})
			g.weak = append(g.weak, false)
		}
	}
	return g
}

func (g *grouping) root(i int) int {
	for g.parent[i] != i {
		g.parent[i] = g.parent[g.parent[i]]
		i = g.parent[i]
	}
	return i
}

// join makes one group of two, unless a node would be in it twice.
func (g *grouping) join(i, j int, weak bool) {
	a, b := g.root(i), g.root(j)
	if a == b {
		return
	}
	if a > b {
		a, b = b, a
	}
	for n := range g.owners[b] {
		if g.owners[a][n] {
			return
		}
	}
	g.parent[b] = a
	for n := range g.owners[b] {
		g.owners[a][n] = true
	}
	g.weak[a] = weak || g.weak[a] || g.weak[b]
}

func (g *grouping) routers() []*VirtualRouter {
	byRoot := map[int]*VirtualRouter{}
	var out []*VirtualRouter
	for i, m := range g.members {
		root := g.root(i)
		v := byRoot[root]
		if v == nil {
			v = &VirtualRouter{Weak: g.weak[root]}
			byRoot[root] = v
			out = append(out, v)
		}
		if g.unsound[i] {
			v.Unsound = append(v.Unsound, m)
		} else {
			v.Members = append(v.Members, m)
		}
	}
	return out
}

// addresses are all addresses of an instance, advertised or not.
func addresses(inst *plan.Instance) []netip.Addr {
	out := make([]netip.Addr, 0, len(inst.VIPs)+len(inst.Excluded))
	for _, list := range [][]plan.Address{inst.VIPs, inst.Excluded} {
		for _, a := range list {
			out = append(out, a.Prefix.Addr())
		}
	}
	slices.SortFunc(out, netip.Addr.Compare)
	return slices.Compact(out)
}
