package compiler

import (
	"fmt"
	"net/netip"
	"slices"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema/kw"
)

// together judges the instances of the node against each other.
func (c *compilation) together() {
	reused := c.reusedVRIDs()
	c.reusedVIPs(reused)
	c.borrowedVMACs()
	c.sharedBases()
	c.oddAddresses()
	c.clampedWeights()
	c.shortenedDelays()
}

// routerKey is what keepalived tells virtual routers apart by on one machine, but for the destination.
type routerKey struct {
	vrid    uint8
	ipv6    bool
	iface   string
	unicast bool
}

// pair is two instances, the earlier one first.
type pair struct{ a, b *instance }

// reusedVRIDs reports instances that keepalived cannot tell apart: it does not start any. They are the
// same virtual router by interface, family and VRID, and by the group or by source and a common peer.
func (c *compilation) reusedVRIDs() map[pair]bool {
	byKey := map[routerKey][]*instance{}
	found := map[pair]bool{}
	for _, b := range c.settled {
		k := routerKey{b.out.VRID, b.ipv6, b.out.Interface, b.out.Unicast != nil}
		i := slices.IndexFunc(byKey[k], func(a *instance) bool { return a.hears(b) })
		byKey[k] = append(byKey[k], b)
		if i < 0 {
			continue
		}
		a := byKey[k][i]
		found[pair{a, b}] = true
		_, from, _ := check.Value(b.body, kw.VirtualRouterID)
		_, first, _ := check.Value(a.body, kw.VirtualRouterID)
		d := b.warn("vrid-reused", diag.Error, from.Args[0],
			fmt.Sprintf("%q has the virtual_router_id %d of %q on the same interface; keepalived does not start any instance", b.out.Name, b.out.VRID, a.out.Name),
			"write another number, on every node")
		d.Related = append(d.Related, diag.Note{Message: fmt.Sprintf("%q has it here", a.out.Name), Span: first.Span})
	}
	return found
}

// hears reports whether the adverts of two instances on one interface arrive at the same place.
func (in *instance) hears(other *instance) bool {
	a, b := in.out.Unicast, other.out.Unicast
	if a == nil {
		return in.out.Group == other.out.Group
	}
	return in.out.Source == other.out.Source && slices.ContainsFunc(a.Peers, func(p plan.Peer) bool {
		return slices.ContainsFunc(b.Peers, func(q plan.Peer) bool { return p.Address == q.Address })
	})
}

// reusedVIPs reports an address that two instances of the node hold. Addresses of the link are told
// apart by their interface.
func (c *compilation) reusedVIPs(reported map[pair]bool) {
	type key struct {
		addr  netip.Addr
		iface string
	}
	first := map[key]*instance{}
	for _, in := range c.settled {
		for _, list := range [][]plan.Address{in.out.VIPs, in.out.Excluded} {
			for _, a := range list {
				k := key{addr: a.Prefix.Addr()}
				if k.addr.IsLinkLocalUnicast() {
					k.iface = a.Interface
				}
				other := first[k]
				if other == nil {
					first[k] = in
				}
				if other != nil && other != in && !reported[pair{other, in}] {
					reported[pair{other, in}] = true
					in.vipReused(other, a)
				}
			}
		}
	}
}

func (in *instance) vipReused(other *instance, a plan.Address) {
	d := in.warn("vip-reused", diag.Warning, in.addressWord(a.Origin),
		fmt.Sprintf("%s is an address of %q too: the one that leaves MASTER takes it from the other", a.Prefix.Addr(), other.out.Name),
		"write the address in one instance")
	for _, list := range [][]plan.Address{other.out.VIPs, other.out.Excluded} {
		for _, b := range list {
			if b.Prefix.Addr() == a.Prefix.Addr() {
				d.Related = append(d.Related, diag.Note{Message: fmt.Sprintf("%q has it here", other.out.Name), Span: other.addressWord(b.Origin).Span})
				return
			}
		}
	}
}

// borrowedVMACs reports addresses on the interface that another instance makes: keepalived holds that
// one in FAULT.
func (c *compilation) borrowedVMACs() {
	owners := map[string]*instance{}
	for _, in := range c.settled {
		if v := in.out.Link.VMAC; v != nil {
			owners[v.Name] = in
		}
	}
	if len(owners) == 0 {
		return
	}
	for _, in := range c.settled {
		for _, list := range [][]plan.Address{in.out.VIPs, in.out.Excluded} {
			for _, a := range list {
				owner := owners[a.Interface]
				if owner == nil || owner == in || sameGroup(owner, in) {
					continue
				}
				d := in.warn(ruleVMACConflict, diag.Error, in.addressWord(a.Origin),
					fmt.Sprintf("%s is on %q, the interface of %q, which is independent; keepalived holds that instance in FAULT", a.Prefix.Addr(), a.Interface, owner.out.Name),
					fmt.Sprintf("write \"%s %s\", or put both into one %s", kw.Dev, owner.out.Interface, kw.VRRPSyncGroup))
				d.Related = append(d.Related, diag.Note{Message: "the other instance", Span: owner.from.Span})
			}
		}
	}
}

// sharedBases reports instances whose interfaces do not go together on the one below them. The kernel has VMACs or
// ipvlans on an interface, not both, and one type for all ipvlans: that of the one made last.
func (c *compilation) sharedBases() {
	vmacs, ipvlans := map[string]*instance{}, map[string]*instance{}
	for _, in := range c.settled {
		bases := make([]string, 0, 1)
		for _, v := range in.out.Link.AddressVMACs {
			bases = append(bases, v.Base)
		}
		if in.out.Link.VMAC != nil {
			bases = append(bases, in.out.Interface)
		}
		for _, base := range bases {
			if vmacs[base] == nil {
				vmacs[base] = in
			}
		}
	}
	for _, in := range c.settled {
		v := in.out.Link.IPVLAN
		if v == nil {
			continue
		}
		if other := vmacs[in.out.Interface]; other != nil {
			in.besideOnBase(diag.Error, other, fmt.Sprintf("%q has a VMAC on %q, which the kernel gives no ipvlan then, or no VMAC", other.out.Name, in.out.Interface),
				"write one of the two in all instances on the interface")
		} else if other := ipvlans[in.out.Interface]; other == nil {
			ipvlans[in.out.Interface] = in
		} else if mode := other.out.Link.IPVLAN.Mode; mode != v.Mode {
			in.besideOnBase(diag.Warning, other, fmt.Sprintf("the ipvlan of %q on %q is of the type %s: the kernel has one type for all of an interface, and this one makes it %s", other.out.Name, in.out.Interface, mode, v.Mode),
				"write the same type in all instances on the interface")
		}
	}
}

func (in *instance) besideOnBase(severity diag.Severity, other *instance, message, help string) {
	d := in.warn(ruleVMACConflict, severity, in.ipvlanFrom.Head, message, help)
	if other != in {
		d.Related = append(d.Related, diag.Note{Message: "the other instance", Span: other.from.Span})
	}
}

func sameGroup(a, b *instance) bool {
	g := a.syncGroupOf(a.out.Name)
	return g != nil && g == b.syncGroupOf(b.out.Name)
}
