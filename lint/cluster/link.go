package cluster

import (
	"cmp"
	"net/netip"
	"slices"

	"ka/compiler/plan"
)

// link is a pair of instances that may be one virtual router.
type link struct {
	i, j int
	// score orders the links: the more two instances have in common, the earlier they are joined.
	score int
}

// linkShared joins the instances that share an address. Where a node has two candidates, the one with
// more in common wins (same name and VRID before the number of shared addresses).
func (g *grouping) linkShared() {
	byAddress := map[netip.Addr][]int{}
	var order []netip.Addr
	for i, m := range g.members {
		for _, a := range addresses(m.Instance) {
			if byAddress[a] == nil {
				order = append(order, a)
			}
			byAddress[a] = append(byAddress[a], i)
		}
	}
	shared := map[[2]int]int{}
	for _, a := range order {
		holders := byAddress[a]
		for x, i := range holders {
			for _, j := range holders[x+1:] {
				if g.members[i].Index != g.members[j].Index {
					shared[[2]int{i, j}]++
				}
			}
		}
	}
	links := make([]link, 0, len(shared))
	for pair, count := range shared {
		a, b := g.members[pair[0]].Instance, g.members[pair[1]].Instance
		score := count
		if a.Name == b.Name {
			score += 1000
		}
		if a.VRID == b.VRID {
			score += 1000
		}
		links = append(links, link{pair[0], pair[1], score})
	}
	g.joinAll(links, false)
}

// linkRelated joins instances of one VRID that share no address but stand in one network and have
// something else in common. At least one of them must still be alone: two pairs, each with addresses of
// its own, are two virtual routers.
func (g *grouping) linkRelated() {
	alone := g.alone()
	var links []link
	g.eachSameVRID(func(i, j int) {
		if !alone[i] && !alone[j] || g.unsound[i] || g.unsound[j] || g.strangers(i, j) {
			return
		}
		if score := g.related(i, j); score > 0 && g.together(i, j, assumedNetwork) {
			links = append(links, link{i, j, score})
		}
	})
	g.joinAll(links, true)
}

func (g *grouping) joinAll(links []link, weak bool) {
	slices.SortFunc(links, func(a, b link) int {
		return cmp.Or(-cmp.Compare(a.score, b.score), cmp.Compare(a.i, b.i), cmp.Compare(a.j, b.j))
	})
	for _, l := range links {
		g.join(l.i, l.j, weak)
	}
}

// collisions are pairs of groups with one VRID and family that are provably on one wire. Groups that
// meet in one node are left out: there the interfaces tell them apart.
func (g *grouping) collisions() []Collision {
	var out []Collision
	seen := map[[2]int]bool{}
	g.eachSameVRID(func(i, j int) {
		a, b := g.root(i), g.root(j)
		pair := [2]int{min(a, b), max(a, b)}
		if a == b || seen[pair] || g.unsound[i] || g.unsound[j] || !g.together(i, j, provenNetwork) {
			return
		}
		if g.members[i].Instance.Unicast != nil || g.members[j].Instance.Unicast != nil {
			return // adverts to peers reach nobody else
		}
		for n := range g.owners[b] {
			if g.owners[a][n] {
				return
			}
		}
		seen[pair] = true
		c := Collision{A: g.members[i], B: g.members[j]}
		if network := commonNetwork(c.A.Instance, c.B.Instance, provenNetwork); network.IsValid() {
			c.Network = network
		} else {
			c.Segment = g.nodes[c.A.Index].Segment
		}
		out = append(out, c)
	})
	return out
}

// eachSameVRID calls f for each pair of instances of different nodes with equal VRID and family, i < j.
func (g *grouping) eachSameVRID(f func(i, j int)) {
	type key struct {
		vrid uint8
		ipv6 bool
	}
	byKey := map[key][]int{}
	for j, m := range g.members {
		if len(m.Instance.VIPs) == 0 {
			continue
		}
		k := key{m.Instance.VRID, m.Instance.VIPs[0].Prefix.Addr().Is6()}
		for _, i := range byKey[k] {
			if g.members[i].Index == m.Index {
				break // the members stand in the order of the nodes: the rest is of this one
			}
			f(i, j)
		}
		byKey[k] = append(byKey[k], j)
	}
}

// alone tells for each instance whether it is the only one of its group.
func (g *grouping) alone() []bool {
	size := map[int]int{}
	for i := range g.members {
		size[g.root(i)]++
	}
	out := make([]bool, len(g.members))
	for i := range g.members {
		out[i] = size[g.root(i)] == 1
	}
	return out
}

// names reports whether one of two instances sends its adverts to the other.
func (g *grouping) names(i, j int) bool {
	a, b := g.members[i].Instance, g.members[j].Instance
	return hasPeer(a, b.Source) || hasPeer(b, a.Source)
}

// strangers reports whether two instances send to peers, none of which is the other.
func (g *grouping) strangers(i, j int) bool {
	a, b := g.members[i].Instance, g.members[j].Instance
	if (a.Unicast == nil) != (b.Unicast == nil) {
		return false // one of them is wrong
	}
	return a.Unicast != nil && a.Source.IsValid() && b.Source.IsValid() && !g.names(i, j)
}

func hasPeer(in *plan.Instance, source netip.Addr) bool {
	return in.Unicast != nil && slices.ContainsFunc(in.Unicast.Peers, func(p plan.Peer) bool { return p.Address == source })
}

// related counts what two instances have in common besides VRID and network.
func (g *grouping) related(i, j int) int {
	a, b := g.members[i], g.members[j]
	score := 0
	if a.Instance.Name == b.Instance.Name {
		score++
	}
	if p := a.Instance.Auth; p.Type == plan.AuthPass && p == b.Instance.Auth {
		score++
	}
	if g.names(i, j) {
		score++
	}
	if shareService(g.nodes[a.Index].Plan, g.nodes[b.Index].Plan) {
		score++
	}
	return score
}

// shareService reports whether two nodes have the same virtual server.
func shareService(a, b *plan.Plan) bool {
	if len(a.VirtualServers) == 0 || len(b.VirtualServers) == 0 {
		return false
	}
	have := map[serviceKey]bool{}
	for i := range a.VirtualServers {
		have[keyOf(&a.VirtualServers[i])] = true
	}
	return slices.ContainsFunc(b.VirtualServers, func(vs plan.VirtualServer) bool {
		return vs.Group == "" && have[keyOf(&vs)]
	})
}

// together reports whether two instances are on one wire: by a segment that was named, or because an
// address of one is in the network of the other.
func (g *grouping) together(i, j int, network func(netip.Prefix) netip.Prefix) bool {
	a, b := g.members[i], g.members[j]
	sa, sb := g.nodes[a.Index].Segment, g.nodes[b.Index].Segment
	if sa != "" && sb != "" {
		return sa == sb
	}
	return commonNetwork(a.Instance, b.Instance, network).IsValid()
}

// commonNetwork returns a network of one instance that an address of the other is in.
func commonNetwork(a, b *plan.Instance, network func(netip.Prefix) netip.Prefix) netip.Prefix {
	for _, x := range a.VIPs {
		for _, y := range b.VIPs {
			if n := network(x.Prefix); n.IsValid() && n.Contains(y.Prefix.Addr()) {
				return n
			}
			if n := network(y.Prefix); n.IsValid() && n.Contains(x.Prefix.Addr()) {
				return n
			}
		}
	}
	return netip.Prefix{}
}

// provenNetwork is the network that a prefix length proves; without one (a host route) there is none.
func provenNetwork(p netip.Prefix) netip.Prefix {
	if p.IsSingleIP() || p.Bits() == 0 {
		return netip.Prefix{}
	}
	return p.Masked()
}

// assumedNetwork takes the usual length (24, in IPv6 64) where none was written.
func assumedNetwork(p netip.Prefix) netip.Prefix {
	if n := provenNetwork(p); n.IsValid() {
		return n
	}
	bits := 24
	if p.Addr().Is6() {
		bits = 64
	}
	n, err := p.Addr().Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return n
}
