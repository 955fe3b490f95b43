package director

import (
	"net/netip"

	"ka/compiler/plan"
)

// identity tells virtual routers apart: what of an instance may not change, or it is another one
// (reference vrrp 3.9, step 2). The name is no part of it.
type identity struct {
	vrid           uint8
	ipv6           bool
	device, vrf    string
	unicast        bool
	source         netip.Addr
	group          netip.Addr
	vmac           [6]byte
	vmacName       string
	ipvlan         string
	transmitBase   bool
	addressesVMACs bool
}

func identityOf(in *plan.Instance) identity {
	id := identity{
		vrid: in.VRID, ipv6: in.IPv6(), device: in.Interface, vrf: in.Link.VRF, unicast: in.Unicast != nil,
		source: in.Source, addressesVMACs: in.Link.VMACForAddresses,
	}
	if !id.unicast {
		id.group = in.Group
	}
	if m := in.Link.VMAC; m != nil {
		id.vmac, id.vmacName, id.transmitBase = m.MAC, m.Name, m.TransmitBase
	}
	if l := in.Link.IPVLAN; l != nil {
		id.ipvlan = l.Name
	}
	return id
}

// matchInstances finds for each instance of a new plan the place of the same virtual router among the old
// ones; -1: it is new. Unicast instances may share all of an identity: then the name decides, and what is
// left is matched in order.
func matchInstances(old []*plan.Instance, p []plan.Instance) []int {
	places := make(map[identity][]int, len(old))
	for i, in := range old {
		id := identityOf(in)
		places[id] = append(places[id], i)
	}
	out := make([]int, len(p))
	take := func(i int, wanted func(place int) bool) {
		id := identityOf(&p[i])
		for n, place := range places[id] {
			if wanted(place) {
				places[id] = append(places[id][:n:n], places[id][n+1:]...)
				out[i] = place
				return
			}
		}
	}
	for i := range p {
		out[i] = -1
		take(i, func(place int) bool { return old[place].Name == p[i].Name })
	}
	for i := range p {
		if out[i] < 0 {
			take(i, func(int) bool { return true })
		}
	}
	return out
}
