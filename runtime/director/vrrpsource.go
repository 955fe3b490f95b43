//go:build linux

package director

import (
	"net/netip"
	"slices"

	"ka/compiler/effect"
	"ka/compiler/plan"
	"ka/runtime/kernel"
	"ka/runtime/vrrp"
)

// sourceState is what a machine is told of its interface.
type sourceState struct {
	address netip.Addr
	up      bool
}

// source gives the source address of an instance's adverts: its own, or the first address of its
// interface that is none of ours: of the link in IPv6, where a VMAC has its own (reference vrrp 4.2). An
// interface of the instance's own that is switched off, or gone, counts like the one below it; its carrier is
// that one's.
func (v *vrrpProcess) source(inst *plan.Instance) sourceState {
	s := sourceState{address: inst.Source, up: v.linkUp(inst.Interface)}
	if own := ownInterface(inst); own != "" {
		s.up = s.up && v.mirror.links[own].Enabled
	}
	if inst.Interface == "" {
		s.up = inst.Link.VRF == "" || v.mirror.links[inst.Link.VRF].Up
	}
	if s.address.IsValid() {
		if inst.TrackSource && !v.hasSource(inst) {
			s.address = netip.Addr{}
		}
		return s
	}
	name := inst.Interface
	if inst.IPv6() {
		name = advertInterface(inst)
	}
	s.address = v.mirror.addresses[name].first(inst.IPv6())
	return s
}

// hasSource reports whether the configured source address of an instance is there. That of an ipvlan is karun's
// own, which it adds at its start and puts back.
func (v *vrrpProcess) hasSource(inst *plan.Instance) bool {
	if l := inst.Link.IPVLAN; l != nil {
		return l.Address.Addr() == inst.Source || v.mirror.has(l.Name, inst.Source) || v.mirror.has(inst.Interface, inst.Source)
	}
	return v.mirror.has(inst.Interface, inst.Source)
}

// ownInterface is the VMAC or ipvlan of an instance; "" where it has none.
func ownInterface(inst *plan.Instance) string {
	switch l := inst.Link; {
	case l.VMAC != nil:
		return l.VMAC.Name
	case l.IPVLAN != nil:
		return l.IPVLAN.Name
	}
	return ""
}

// lacksAddress reports whether an instance's VMAC has lost the address that its adverts over IPv6 leave from:
// the kernel takes it away when somebody switches the VMAC off.
func (v *vrrpProcess) lacksAddress(inst *plan.Instance) bool {
	m := inst.Link.VMAC
	if m == nil || !inst.IPv6() || m.TransmitBase {
		return false
	}
	l := v.mirror.links[m.Name]
	return l.Enabled && l.HasIPv6() && v.mirror.addresses[m.Name].none()
}

// has reports whether an address is on an interface; "" is any.
func (s *seen) has(name string, address netip.Addr) bool {
	if name != "" {
		return s.addresses[name].has(address)
	}
	for _, f := range s.addresses {
		if f.has(address) {
			return true
		}
	}
	return false
}

// concerns reports whether an event may be about the source or the link of an instance: a machine may have thousands of
// interfaces that come and go.
func (v *vrrpProcess) concerns(e kernel.Event) bool {
	name := e.Link.Name
	switch a, ok := e.Object.(effect.Address); {
	case e.Kind == kernel.ListEnds:
		return true
	case ok:
		name = a.Interface
	}
	return v.trackers.links[name] != nil || slices.ContainsFunc(v.instances, func(inst *instance) bool {
		p := inst.plan
		return p.Interface == name || p.Interface == "" && p.TrackSource || p.Link.VRF == name || ownInterface(p) == name
	})
}

// updateSources tells machines whose interface or source address changed, and opens the sockets that the
// change asks for.
func (v *vrrpProcess) updateSources() {
	v.updateLinks()
	olds := make([]sourceState, len(v.instances))
	for i, inst := range v.instances {
		olds[i], inst.source = inst.source, v.source(inst.plan)
		lacks := v.lacksAddress(inst.plan)
		if lacks && !inst.lacks {
			v.link.send(message{Type: msgLinkGone, Text: inst.plan.Link.VMAC.Name})
		}
		inst.lacks = lacks
	}
	v.followPools()
	for i, inst := range v.instances {
		if inst.pool != nil && inst.pool.failed != nil {
			inst.source.up = false
		}
		s, old := inst.source, olds[i]
		if s.address != old.address {
			v.step(inst, vrrp.SourceChanged{Source: s.address})
		}
		if s.up != old.up {
			v.step(inst, vrrp.LinkChanged{Up: s.up})
		}
	}
}
