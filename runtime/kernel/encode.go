//go:build linux

package kernel

import (
	"encoding/binary"
	"net/netip"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"ka/compiler/effect"
)

// lifetimeForever is the kernel's number for a lifetime without end.
const lifetimeForever = 0xffffffff

// scopeNowhere in the removal of a route matches every scope.
const scopeNowhere = 255

func family(a netip.Addr) uint8 {
	if a.Is6() {
		return unix.AF_INET6
	}
	return unix.AF_INET
}

// encodeAddress adds the body of an RTM_NEWADDR or RTM_DELADDR to req. Like keepalived, it sets no
// broadcast address that was not asked for.
func encodeAddress(req *nl.NetlinkRequest, a effect.Address, index int) {
	local := a.Prefix.Addr()
	bits, far := a.Prefix.Bits(), local
	if a.Peer.IsValid() {
		bits, far = a.Peer.Bits(), a.Peer.Addr()
	}
	var flags uint32
	if a.NoDAD {
		flags |= flagNoDAD
	}
	req.AddData(&nl.IfAddrmsg{IfAddrmsg: unix.IfAddrmsg{
		Family: family(local), Prefixlen: uint8(bits), Flags: uint8(flags), Scope: a.Scope, Index: uint32(index),
	}})
	req.AddData(nl.NewRtAttr(unix.IFA_LOCAL, local.AsSlice()))
	req.AddData(nl.NewRtAttr(unix.IFA_ADDRESS, far.AsSlice()))
	if req.Type == unix.RTM_DELADDR {
		return
	}
	if a.Broadcast.IsValid() {
		req.AddData(nl.NewRtAttr(unix.IFA_BROADCAST, a.Broadcast.AsSlice()))
	}
	if a.Label != "" {
		req.AddData(nl.NewRtAttr(unix.IFA_LABEL, nl.ZeroTerminated(a.Label)))
	}
	if a.Deprecated {
		// struct ifa_cacheinfo: preferred, valid, created, updated.
		var c [16]byte
		binary.NativeEndian.PutUint32(c[4:], lifetimeForever)
		req.AddData(nl.NewRtAttr(unix.IFA_CACHEINFO, c[:]))
	}
	req.AddData(nl.NewRtAttr(unix.IFA_FLAGS, nl.Uint32Attr(flags)))
	if a.Protocol != 0 {
		req.AddData(nl.NewRtAttr(attrAddressProtocol, []byte{a.Protocol}))
	}
}

// encodeRoute adds the body of an RTM_NEWROUTE or RTM_DELROUTE to req. index is 0 where the route
// names no interface.
func encodeRoute(req *nl.NetlinkRequest, r effect.Route, index int) {
	table := uint8(unix.RT_TABLE_UNSPEC)
	if r.Table < 256 {
		table = uint8(r.Table)
	}
	scope := r.Scope
	if req.Type == unix.RTM_DELROUTE {
		scope = scopeNowhere
	}
	req.AddData(&nl.RtMsg{RtMsg: unix.RtMsg{
		Family: family(r.Destination.Addr()), Dst_len: uint8(r.Destination.Bits()), Table: table,
		Protocol: r.Protocol, Scope: scope, Type: max(r.Type, unix.RTN_UNICAST),
	}})
	if r.Destination.Bits() > 0 {
		req.AddData(nl.NewRtAttr(unix.RTA_DST, r.Destination.Addr().AsSlice()))
	}
	if r.Gateway.IsValid() {
		if family(r.Gateway) == family(r.Destination.Addr()) {
			req.AddData(nl.NewRtAttr(unix.RTA_GATEWAY, r.Gateway.AsSlice()))
		} else {
			via := binary.NativeEndian.AppendUint16(nil, uint16(family(r.Gateway)))
			req.AddData(nl.NewRtAttr(unix.RTA_VIA, append(via, r.Gateway.AsSlice()...)))
		}
	}
	if index != 0 {
		req.AddData(nl.NewRtAttr(unix.RTA_OIF, nl.Uint32Attr(uint32(index))))
	}
	if r.Source.IsValid() {
		req.AddData(nl.NewRtAttr(unix.RTA_PREFSRC, r.Source.AsSlice()))
	}
	if r.Metric != 0 {
		req.AddData(nl.NewRtAttr(unix.RTA_PRIORITY, nl.Uint32Attr(r.Metric)))
	}
	if r.Table >= 256 {
		req.AddData(nl.NewRtAttr(unix.RTA_TABLE, nl.Uint32Attr(r.Table)))
	}
}
