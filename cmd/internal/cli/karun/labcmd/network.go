//go:build linux

package labcmd

import (
	"fmt"
	"net/netip"
	"slices"

	"ka/compiler/plan"
)

// The networks that are assumed where nothing tells: /24 and /64 around an address without a length,
// and those of a wire without any address (RFC 2544's range, nobody's).
const (
	assumedBits4 = 24
	assumedBits6 = 64
	// smallestNetBits4 is the longest prefix that has room for nodes and real servers.
	smallestNetBits4 = 28
)

// maxServerHosts bounds the namespaces for real servers; more addresses share them.
const maxServerHosts = 64

// maxInterfaceName is the kernel's bound on a name (IFNAMSIZ less the zero).
const maxInterfaceName = 15

// topology is the network that the node files ask for.
type topology struct {
	wires []*wire
	// local are listeners on a node itself: real servers on its loopback.
	local []localServer
}

// wire is one segment: interfaces of nodes, the networks on it, and the real servers.
type wire struct {
	members  []*attachment
	networks []netip.Prefix
	servers  []server
}

// attachment is an interface of a node and the addresses found for it.
type attachment struct {
	node      int
	name      string
	addresses []netip.Prefix

	networks []netip.Prefix
	vips     []netip.Addr
	sources  []netip.Addr
}

// server is the stand-in of a real server: it listens on the ports.
type server struct {
	address netip.Prefix
	ports   []uint16
}

type localServer struct {
	node    int
	address netip.AddrPort
}

// planNetwork finds wires, addresses and real servers for the nodes.
func planNetwork(plans []*plan.Plan) (*topology, error) {
	var all []*attachment
	for i, p := range plans {
		list, err := attachments(i, p)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	t := &topology{wires: joinWires(all, len(plans))}
	if len(t.wires) == 0 {
		w := &wire{}
		for i := range plans {
			w.members = append(w.members, &attachment{node: i, name: "eth0"})
		}
		t.wires = append(t.wires, w)
	}
	taken := reserved(plans)
	t.placeServers(plans, taken)
	for i, w := range t.wires {
		w.number(i, taken)
	}
	return t, nil
}

// attachments lists the interfaces that a plan names, in order, with what lies on them.
func attachments(node int, p *plan.Plan) ([]*attachment, error) {
	var list []*attachment
	at := func(name string) *attachment {
		i := slices.IndexFunc(list, func(a *attachment) bool { return a.name == name })
		if i < 0 {
			list = append(list, &attachment{node: node, name: name})
			i = len(list) - 1
		}
		return list[i]
	}
	address := func(a plan.Address) {
		if a.Interface == "" || a.Interface == "lo" || a.Prefix.Addr().IsLoopback() {
			return
		}
		x := at(a.Interface)
		x.vips = append(x.vips, a.Prefix.Addr())
		x.addNetwork(networkOf(a.Prefix))
	}
	route := func(r plan.Route, fallback string) {
		name := r.Interface
		if name == "" {
			name = fallback
		}
		if name == "" || name == "lo" || !r.Gateway.IsValid() {
			return
		}
		at(name).addNetwork(networkOf(netip.PrefixFrom(r.Gateway, r.Gateway.BitLen())))
	}
	for _, inst := range p.Instances {
		if inst.Interface == "" {
			continue
		}
		x := at(inst.Interface)
		if inst.Source.IsValid() {
			x.sources = append(x.sources, inst.Source)
			x.addNetwork(networkOf(netip.PrefixFrom(inst.Source, inst.Source.BitLen())))
		}
		for _, a := range slices.Concat(inst.VIPs, inst.Excluded) {
			address(a)
		}
		for _, r := range inst.Routes {
			route(r, inst.Interface)
		}
	}
	for _, a := range p.StaticAddresses {
		address(a)
	}
	for _, r := range p.StaticRoutes {
		first := ""
		if len(list) > 0 {
			first = list[0].name
		}
		route(r, first)
	}
	for _, a := range list {
		if len(a.name) > maxInterfaceName {
			return nil, fmt.Errorf("interface name %q is longer than the kernel's %d bytes", a.name, maxInterfaceName)
		}
	}
	return list, nil
}

// networkOf is the network that an address is taken to lie in.
func networkOf(p netip.Prefix) netip.Prefix {
	bits := p.Bits()
	switch {
	case p.Addr().Is4() && bits > smallestNetBits4:
		bits = assumedBits4
	case p.Addr().Is6() && bits == p.Addr().BitLen():
		bits = assumedBits6
	}
	return netip.PrefixFrom(p.Addr(), bits).Masked()
}

// addNetwork adds a network; one that holds another replaces it.
func (a *attachment) addNetwork(n netip.Prefix) { a.networks = mergeNetwork(a.networks, n) }

func mergeNetwork(list []netip.Prefix, n netip.Prefix) []netip.Prefix {
	for i, have := range list {
		if have.Overlaps(n) {
			if n.Bits() < have.Bits() {
				list[i] = n
			}
			return list
		}
	}
	return append(list, n)
}

// joinWires puts interfaces on one wire that share a virtual address or a network, then those of one
// name, then the only ones of their nodes. Two interfaces of one node are never joined.
func joinWires(all []*attachment, nodes int) []*wire {
	group := make([]int, len(all))
	count := make([]int, nodes)
	for i, a := range all {
		group[i] = i
		count[a.node]++
	}
	join := func(related func(a, b *attachment) bool) {
		for i, a := range all {
			for j, b := range all[:i] {
				if a.node != b.node && group[i] != group[j] && related(a, b) && !clash(all, group, group[i], group[j]) {
					from, to := group[i], group[j]
					for k := range group {
						if group[k] == from {
							group[k] = to
						}
					}
				}
			}
		}
	}
	join(func(a, b *attachment) bool {
		return slices.ContainsFunc(a.vips, func(x netip.Addr) bool { return slices.Contains(b.vips, x) })
	})
	join(func(a, b *attachment) bool {
		return slices.ContainsFunc(a.networks, func(x netip.Prefix) bool {
			return slices.ContainsFunc(b.networks, x.Overlaps)
		})
	})
	join(func(a, b *attachment) bool { return a.name == b.name })
	join(func(a, b *attachment) bool { return count[a.node] == 1 && count[b.node] == 1 })
	var wires []*wire
	byGroup := map[int]*wire{}
	for i, a := range all {
		w := byGroup[group[i]]
		if w == nil {
			w = &wire{}
			byGroup[group[i]] = w
			wires = append(wires, w)
		}
		w.members = append(w.members, a)
		for _, n := range a.networks {
			w.networks = mergeNetwork(w.networks, n)
		}
	}
	return wires
}

// clash reports whether two groups hold interfaces of one node.
func clash(all []*attachment, group []int, x, y int) bool {
	for i, a := range all {
		for j, b := range all {
			if group[i] == x && group[j] == y && a.node == b.node {
				return true
			}
		}
	}
	return false
}

// reserved are the addresses that no node may be given.
func reserved(plans []*plan.Plan) map[netip.Addr]bool {
	taken := map[netip.Addr]bool{}
	route := func(r plan.Route) { taken[r.Gateway] = true }
	for _, p := range plans {
		for _, inst := range p.Instances {
			taken[inst.Source] = true
			for _, a := range slices.Concat(inst.VIPs, inst.Excluded) {
				taken[a.Prefix.Addr()] = true
			}
			for _, r := range inst.Routes {
				route(r)
			}
		}
		for _, a := range p.StaticAddresses {
			taken[a.Prefix.Addr()] = true
		}
		for _, r := range p.StaticRoutes {
			route(r)
		}
		for _, vs := range p.VirtualServers {
			taken[vs.Address.Addr()] = true
		}
	}
	return taken
}

// placeServers puts a stand-in for each real server on the wire whose network it lies in, or on the
// first wire; addresses of the nodes' own get none.
func (t *topology) placeServers(plans []*plan.Plan, taken map[netip.Addr]bool) {
	for i, p := range plans {
		for _, vs := range p.VirtualServers {
			for _, rs := range vs.RealServers {
				targets := []netip.AddrPort{rs.Address}
				for _, c := range rs.Checks {
					targets = append(targets, c.Target)
				}
				for _, target := range targets {
					t.placeServer(i, target, taken)
				}
			}
		}
	}
	for _, w := range t.wires {
		for _, s := range w.servers {
			taken[s.address.Addr()] = true
		}
	}
}

func (t *topology) placeServer(node int, target netip.AddrPort, taken map[netip.Addr]bool) {
	addr := target.Addr()
	switch {
	case !addr.IsValid() || target.Port() == 0:
		return
	case addr.IsLoopback():
		if l := (localServer{node, target}); !slices.Contains(t.local, l) {
			t.local = append(t.local, l)
		}
		return
	case taken[addr]:
		return // a node's own address: nobody else may answer for it
	}
	network := networkOf(netip.PrefixFrom(addr, addr.BitLen()))
	home := t.wires[0]
	for _, w := range t.wires {
		if i := slices.IndexFunc(w.networks, func(n netip.Prefix) bool { return n.Contains(addr) }); i >= 0 {
			home, network = w, w.networks[i]
			break
		}
	}
	home.networks = mergeNetwork(home.networks, network)
	i := slices.IndexFunc(home.servers, func(s server) bool { return s.address.Addr() == addr })
	if i < 0 {
		home.servers = append(home.servers, server{address: netip.PrefixFrom(addr, network.Bits())})
		i = len(home.servers) - 1
	}
	if s := &home.servers[i]; !slices.Contains(s.ports, target.Port()) {
		s.ports = append(s.ports, target.Port())
	}
}

// number gives each interface on the wire an address in each of its networks.
func (w *wire) number(index int, taken map[netip.Addr]bool) {
	if len(w.networks) == 0 {
		w.networks = append(w.networks, netip.PrefixFrom(netip.AddrFrom4([4]byte{198, 18, byte(index), 0}), assumedBits4))
	}
	for _, n := range w.networks {
		next := n.Addr()
		for _, m := range w.members {
			if own := slices.IndexFunc(m.sources, n.Contains); own >= 0 {
				for _, s := range m.sources {
					if n.Contains(s) {
						m.addresses = append(m.addresses, netip.PrefixFrom(s, n.Bits()))
					}
				}
				continue
			}
			for next = next.Next(); taken[next] || isBroadcast(next, n); next = next.Next() {
			}
			if !n.Contains(next) {
				break // full: what is left goes without, and its daemon says so
			}
			m.addresses = append(m.addresses, netip.PrefixFrom(next, n.Bits()))
		}
	}
}

// isBroadcast reports whether a is the last address of an IPv4 network.
func isBroadcast(a netip.Addr, n netip.Prefix) bool {
	return a.Is4() && n.Contains(a) && !n.Contains(a.Next())
}
