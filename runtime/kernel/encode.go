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
	for _, f := range []struct {
		set bool
		bit uint32
	}{
		{a.NoDAD, flagNoDAD}, {a.Home, flagHome}, {a.TemporaryBase, flagTemporaryBase}, {a.NoPrefixRoute, flagNoPrefixRoute},
		{a.Autojoin, flagAutojoin},
	} {
		if f.set {
			flags |= f.bit
		}
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
	if a.Deprecated || a.PreferredSeconds != 0 {
		// struct ifa_cacheinfo: preferred, valid, created, updated.
		var c [16]byte
		binary.NativeEndian.PutUint32(c[:], a.PreferredSeconds)
		binary.NativeEndian.PutUint32(c[4:], lifetimeForever)
		req.AddData(nl.NewRtAttr(unix.IFA_CACHEINFO, c[:]))
	}
	req.AddData(nl.NewRtAttr(unix.IFA_FLAGS, nl.Uint32Attr(flags)))
	if a.Protocol != 0 {
		req.AddData(nl.NewRtAttr(attrAddressProtocol, []byte{a.Protocol}))
	}
}
