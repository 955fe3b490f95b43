//go:build linux

package kernel

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"ka/compiler/effect"
)

// The kernel's words for kinds of links.
const (
	kindMACVLAN = string(effect.MACVLAN)
	kindIPVLAN  = string(effect.IPVLAN)
	kindVRF     = "vrf"
)

// The modes of macvlans (a set of bits) and the flags of ipvlans (linux/if_link.h).
const (
	macvlanPrivate = 1
	ipvlanL2       = 0
	ipvlanMode     = 1
	ipvlanFlags    = 2

	addrGenMode     = 8 // IFLA_INET6_ADDR_GEN_MODE
	addrGenModeNone = 1
)

var ipvlanModes = map[string]uint16{effect.ModeBridge: 0, effect.ModePrivate: 1, effect.ModeVEPA: 2}

// leastIPv6 is the least MTU of an interface that has IPv6 (RFC 8200 5), in bytes.
const leastIPv6 = 1280

// HasIPv6 reports whether the MTU lets the interface have IPv6. Below that the kernel takes its addresses away, and
// the groups that sockets have joined on it.
func (l Link) HasIPv6() bool { return l.MTU >= leastIPv6 }

// object gives a link that is one of ours by its kind; false for all others.
func (l Link) object(links map[int]Link) (effect.Link, bool) {
	if l.Kind != kindMACVLAN && l.Kind != kindIPVLAN {
		return effect.Link{}, false
	}
	out := effect.Link{Name: l.Name, LinkKind: effect.LinkKind(l.Kind), MAC: l.MAC, Group: &l.Group}
	if !l.BaseElsewhere {
		out.Base = links[l.Base].Name
	}
	for _, other := range links {
		if other.Index != l.Index && other.Kind == l.Kind && other.Base == l.Base && other.BaseElsewhere == l.BaseElsewhere {
			out.Beside = append(out.Beside, other.Name)
		}
	}
	slices.Sort(out.Beside)
	if l.Kind == kindMACVLAN && l.Mode == macvlanPrivate {
		out.Mode = effect.ModePrivate
	}
	if l.Kind == kindIPVLAN {
		for mode, flags := range ipvlanModes {
			if l.Mode == uint32(flags) {
				out.Mode = mode
			}
		}
	}
	return out, true
}

// request makes one request and waits for the answer; fine are the answers that mean the wish is fulfilled.
func (h *Handle) request(kind, flags int, fine []unix.Errno, body ...nl.NetlinkRequestData) error {
	req := nl.NewNetlinkRequest(kind, flags|unix.NLM_F_ACK)
	req.Sockets = map[int]*nl.SocketHandle{unix.NETLINK_ROUTE: h.socket}
	for _, b := range body {
		req.AddData(b)
	}
	_, err := req.Execute(unix.NETLINK_ROUTE, 0)
	for _, f := range fine {
		if errors.Is(err, f) {
			return nil
		}
	}
	return err
}

// addLink makes an interface and sets it up, but for [Handle.RaiseLink]. One of its name that is the same is
// taken as it is; another one is an error.
func (h *Handle) addLink(l effect.Link) error {
	links, err := dumpLinks(h.socket)
	if err != nil {
		return err
	}
	base, there := findLink(links, l.Base), findLink(links, l.Name)
	switch {
	case base == nil:
		return fmt.Errorf("interface %q: %w: create it, or name another one in the configuration", l.Base, unix.ENODEV)
	case there == nil:
		if err := h.createLink(l, *base); err != nil {
			return err
		}
	default:
		have, ok := there.object(links)
		if !ok || !l.Equal(have) {
			return fmt.Errorf("an interface of this name exists, of kind %q: remove it, or give another name", there.Kind)
		}
		if vrf := base.VRF(); vrf != there.VRF() {
			if err := h.request(unix.RTM_SETLINK, 0, nil, linkHead(there.Index, 0), nl.NewRtAttr(unix.IFLA_MASTER, nl.Uint32Attr(uint32(vrf)))); err != nil {
				return fmt.Errorf("put it into the VRF of %q: %w", l.Base, err)
			}
		}
	}
	if links, err = dumpLinks(h.socket); err != nil {
		return err
	}
	if there = findLink(links, l.Name); there == nil {
		return fmt.Errorf("interface %q: %w", l.Name, unix.ENODEV)
	}
	return h.setUpLink(l, *there, *base)
}

func findLink(links map[int]Link, name string) *Link {
	for _, l := range links {
		if l.Name == name {
			return &l
		}
	}
	return nil
}

func (h *Handle) createLink(l effect.Link, base Link) error {
	group := base.Group
	if l.Group != nil {
		group = *l.Group
	}
	info := nl.NewRtAttr(unix.IFLA_LINKINFO, nil)
	info.AddRtAttr(unix.IFLA_INFO_KIND, []byte(l.LinkKind))
	data := info.AddRtAttr(unix.IFLA_INFO_DATA, nil)
	body := []nl.NetlinkRequestData{
		nl.NewIfInfomsg(unix.AF_UNSPEC),
		nl.NewRtAttr(unix.IFLA_IFNAME, nl.ZeroTerminated(l.Name)),
		nl.NewRtAttr(unix.IFLA_LINK, nl.Uint32Attr(uint32(base.Index))),
		nl.NewRtAttr(unix.IFLA_GROUP, nl.Uint32Attr(group)),
	}
	if l.LinkKind == effect.MACVLAN {
		data.AddRtAttr(unix.IFLA_MACVLAN_MODE, nl.Uint32Attr(macvlanPrivate))
		body = append(body, nl.NewRtAttr(unix.IFLA_ADDRESS, l.MAC[:]))
	} else {
		data.AddRtAttr(ipvlanMode, nl.Uint16Attr(ipvlanL2))
		data.AddRtAttr(ipvlanFlags, nl.Uint16Attr(ipvlanModes[l.Mode]))
	}
	if vrf := base.VRF(); vrf != 0 {
		body = append(body, nl.NewRtAttr(unix.IFLA_MASTER, nl.Uint32Attr(uint32(vrf))))
	}
	err := h.request(unix.RTM_NEWLINK, unix.NLM_F_CREATE|unix.NLM_F_EXCL, nil, append(body, info)...)
	if errors.Is(err, unix.EOPNOTSUPP) {
		err = fmt.Errorf("this kernel has no interfaces of kind %s: %w", l.LinkKind, err)
	}
	return err
}

// setUpLink does what an interface needs after it was made: settings, no link-local address of the kernel's own
// making, and the address that adverts over IPv6 leave from.
func (h *Handle) setUpLink(l effect.Link, link, base Link) error {
	var failed, refused []error
	for _, s := range l.Settings {
		err := h.setSysctl(s.Path, s.Value)
		var notHere *SettingError
		switch {
		case errors.As(err, &notHere):
			refused = append(refused, err)
		case !errors.Is(err, unix.ENOENT): // a kernel without IPv6 lacks its settings, and needs none
			failed = append(failed, err)
		}
	}
	if l.LinkKind == effect.MACVLAN {
		spec := nl.NewRtAttr(unix.IFLA_AF_SPEC, nil)
		spec.AddRtAttr(unix.AF_INET6, nil).AddRtAttr(addrGenMode, []byte{addrGenModeNone})
		failed = append(failed, h.request(unix.RTM_SETLINK, 0, []unix.Errno{unix.EAFNOSUPPORT}, linkHead(link.Index, 0), spec))
	}
	if base.HasIPv6() && !link.HasIPv6() {
		failed = append(failed, h.request(unix.RTM_NEWLINK, 0, nil, linkHead(link.Index, 0), nl.NewRtAttr(unix.IFLA_MTU, nl.Uint32Attr(uint32(base.MTU)))))
	}
	if l.LinkLocal && base.HasIPv6() {
		failed = append(failed, h.addLinkLocal(l, base))
	}
	if err := errors.Join(failed...); err != nil || len(refused) == 0 {
		return err
	}
	return &SettingError{errors.Join(refused...)}
}

// RaiseLink brings an interface up that was added, once the tables of nftables know it: the kernel reports its
// multicast groups at once, and switches would learn the virtual MAC of a backup. One that is gone meanwhile, with
// its base, is no error.
func (h *Handle) RaiseLink(l effect.Link) error {
	links, err := dumpLinks(h.socket)
	if err != nil {
		return err
	}
	base, there := findLink(links, l.Base), findLink(links, l.Name)
	if base == nil || there == nil {
		return nil
	}
	err = h.request(unix.RTM_NEWLINK, 0, []unix.Errno{unix.ENODEV}, linkHead(there.Index, unix.IFF_UP))
	if l.Announce {
		err = errors.Join(err, h.request(unix.RTM_NEWLINK, 0, nil, linkHead(base.Index, 0), nl.NewRtAttr(unix.IFLA_GROUP, nl.Uint32Attr(base.Group))))
	}
	if err != nil {
		return fmt.Errorf("set %s up: %w", l, err)
	}
	return nil
}

// linkHead is the header of a change of an interface, with the flags that are set.
func linkHead(index int, flags uint32) *nl.IfInfomsg {
	m := nl.NewIfInfomsg(unix.AF_UNSPEC)
	m.Index, m.Flags, m.Change = int32(index), flags, flags
	return m
}

// addLinkLocal gives the interface the link-local address that was asked for, else the base's, else the one
// that the base's MAC makes (RFC 4291 appendix A). One that a VRRP daemon has added to the base is a virtual router's,
// and another node's at any time: the base's own is the oldest, which the kernel lists last.
func (h *Handle) addLinkLocal(l effect.Link, base Link) error {
	address := l.LinkLocalAddress
	if !address.IsValid() {
		objects, _, err := dumpAll(h.socket, nil)
		if err != nil {
			return err
		}
		for _, o := range objects {
			a, ok := o.(effect.Address)
			if ip := a.Prefix.Addr(); ok && a.Interface == l.Base && ip.Is6() && ip.IsLinkLocalUnicast() && a.Protocol != effect.ProtocolKeepalived {
				address = ip
			}
		}
	}
	if !address.IsValid() {
		address = linkLocalOf(base.MAC)
	}
	return h.Apply(effect.Change{Op: effect.Add, Want: effect.Address{
		Prefix: netip.PrefixFrom(address, 64), Interface: l.Name, NoDAD: true, Deprecated: true, Protocol: effect.ProtocolKeepalived,
		Scope: unix.RT_SCOPE_LINK,
	}})
}

func linkLocalOf(mac [6]byte) netip.Addr {
	a := [16]byte{0: 0xfe, 1: 0x80, 11: 0xff, 12: 0xfe}
	copy(a[8:], mac[:3])
	copy(a[13:], mac[3:])
	a[8] ^= 2
	return netip.AddrFrom16(a)
}

// removeLink removes an interface, if it is of the kind that it should be: one that somebody else made in its
// place stays.
func (h *Handle) removeLink(l effect.Link) error {
	links, err := dumpLinks(h.socket)
	if err != nil {
		return err
	}
	there := findLink(links, l.Name)
	if there == nil || there.Kind != string(l.LinkKind) {
		return nil
	}
	return h.request(unix.RTM_DELLINK, 0, []unix.Errno{unix.ENODEV}, linkHead(there.Index, 0))
}

// applyLink makes a change about an interface: one that is another one now is made anew.
func (h *Handle) applyLink(c effect.Change) error {
	if have, ok := c.Have.(effect.Link); ok {
		if err := h.removeLink(have); err != nil {
			return fmt.Errorf("remove %s: %w", have, err)
		}
	}
	if want, ok := c.Want.(effect.Link); ok {
		if err := h.addLink(want); err != nil {
			return fmt.Errorf("add %s: %w", want, err)
		}
	}
	return nil
}

// HasLinkKind reports whether the kernel knows a kind of interfaces: it is asked for one without a base,
// which it does not make, but refuses otherwise than a kind that it does not know.
func (h *Handle) HasLinkKind(kind effect.LinkKind) bool {
	info := nl.NewRtAttr(unix.IFLA_LINKINFO, nil)
	info.AddRtAttr(unix.IFLA_INFO_KIND, []byte(kind))
	err := h.request(unix.RTM_NEWLINK, unix.NLM_F_CREATE|unix.NLM_F_EXCL, nil, nl.NewIfInfomsg(unix.AF_UNSPEC), info)
	return !errors.Is(err, unix.EOPNOTSUPP)
}
