//go:build linux

package kernel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"

	"ka/compiler/effect"
	"ka/runtime/internal/nlattr"
)

// errNotOurs marks what is read and deliberately not listed: the kernel's own routes of the local table, and
// cached ones.
var errNotOurs = errors.New("not listed")

// The attributes of an address (linux/if_addr.h) that x/sys does not name.
const (
	attrAddressMetric   = 9
	attrAddressProtocol = 11
)

// Flags of addresses and routes.
const (
	flagSecondary     = 0x01 // IPv4 only; the same bit of an IPv6 address says temporary
	flagNoDAD         = 0x02
	flagDeprecated    = 0x20
	flagTentative     = 0x40
	flagHome          = 0x10
	flagTemporaryBase = 0x100
	flagNoPrefixRoute = 0x200
	flagAutojoin      = 0x400
	routeFlagCloned   = 0x200
	nexthopFlagOnlink = 0x4
)

// The sizes of the fixed headers.
const (
	addressHeader = 8
	routeHeader   = 12
	linkHeader    = 16
)

// decodeAddress reads the body of an RTM_NEWADDR or RTM_DELADDR; name gives the name of an interface.
func decodeAddress(b []byte, name func(int) string) (effect.Address, error) {
	if len(b) < addressHeader {
		return effect.Address{}, nlattr.ErrShort
	}
	family, bits, flags := b[0], int(b[1]), uint32(b[2])
	if family != unix.AF_INET && family != unix.AF_INET6 {
		return effect.Address{}, errNotOurs
	}
	a := effect.Address{Scope: b[3], Interface: name(int(binary.NativeEndian.Uint32(b[4:])))}
	var local, address netip.Addr
	err := nlattr.Each(b[addressHeader:], func(kind uint16, v []byte) (err error) {
		switch kind {
		case unix.IFA_LOCAL:
			local, err = nlattr.Addr(v)
		case unix.IFA_ADDRESS:
			address, err = nlattr.Addr(v)
		case unix.IFA_BROADCAST:
			a.Broadcast, err = nlattr.Addr(v)
		case unix.IFA_LABEL:
			a.Label = nlattr.String(v)
		case unix.IFA_FLAGS:
			flags, err = nlattr.Uint32(v)
		case attrAddressProtocol:
			a.Protocol, err = nlattr.Uint8(v)
		case unix.IFA_CACHEINFO, attrAddressMetric:
			// Lifetimes show in the flags; a metric is nothing that a configuration can set.
		default:
			a.Unknown = append(a.Unknown, fmt.Sprintf("IFA %d", kind))
		}
		return err
	})
	if err != nil {
		return effect.Address{}, err
	}
	if !local.IsValid() {
		local = address
	}
	a.Prefix = netip.PrefixFrom(local, bits)
	if !a.Prefix.IsValid() {
		return effect.Address{}, nlattr.ErrShort
	}
	if address.IsValid() && address != local {
		a.Peer = netip.PrefixFrom(address, bits)
		a.Prefix = netip.PrefixFrom(local, local.BitLen())
	}
	if a.Label == a.Interface {
		a.Label = ""
	}
	a.NoDAD = flags&flagNoDAD != 0
	a.Deprecated = flags&flagDeprecated != 0
	a.Home, a.TemporaryBase = flags&flagHome != 0, flags&flagTemporaryBase != 0
	a.NoPrefixRoute, a.Autojoin = flags&flagNoPrefixRoute != 0, flags&flagAutojoin != 0
	a.Tentative = family == unix.AF_INET6 && flags&flagTentative != 0
	a.Secondary = family == unix.AF_INET && flags&flagSecondary != 0
	return a, nil
}

// decodeLink reads the body of an RTM_NEWLINK or RTM_DELLINK.
func decodeLink(b []byte) (Link, error) {
	if len(b) < linkHeader {
		return Link{}, nlattr.ErrShort
	}
	flags := binary.NativeEndian.Uint32(b[8:])
	l := Link{
		Index:    int(binary.NativeEndian.Uint32(b[4:])),
		Up:       flags&unix.IFF_UP != 0 && flags&unix.IFF_RUNNING != 0,
		Enabled:  flags&unix.IFF_UP != 0,
		NoARP:    flags&unix.IFF_NOARP != 0,
		Ethernet: binary.NativeEndian.Uint16(b[2:]) == unix.ARPHRD_ETHER,
	}
	err := nlattr.Each(b[linkHeader:], func(kind uint16, v []byte) (err error) {
		switch kind {
		case unix.IFLA_IFNAME:
			l.Name = nlattr.String(v)
		case unix.IFLA_MTU:
			var mtu uint32
			mtu, err = nlattr.Uint32(v)
			l.MTU = int(mtu)
		case unix.IFLA_ADDRESS:
			if len(v) == len(l.MAC) {
				copy(l.MAC[:], v)
			}
		case unix.IFLA_LINK:
			var base uint32
			base, err = nlattr.Uint32(v)
			l.Base = int(base)
		case unix.IFLA_LINK_NETNSID:
			l.BaseElsewhere = true
		case unix.IFLA_MASTER:
			var master uint32
			master, err = nlattr.Uint32(v)
			l.Master = int(master)
		case unix.IFLA_GROUP:
			l.Group, err = nlattr.Uint32(v)
		case unix.IFLA_LINKINFO:
			err = decodeLinkInfo(&l, v)
		}
		return err
	})
	return l, err
}

// decodeLinkInfo reads the kind of a link, and of some kinds what makes them special.
func decodeLinkInfo(l *Link, b []byte) error {
	var data []byte
	err := nlattr.Each(b, func(kind uint16, v []byte) error {
		switch kind {
		case unix.IFLA_INFO_KIND:
			l.Kind = nlattr.String(v)
		case unix.IFLA_INFO_SLAVE_KIND:
			l.masterIsVRF = nlattr.String(v) == kindVRF
		case unix.IFLA_INFO_DATA:
			data = v
		}
		return nil
	})
	if err != nil {
		return err
	}
	const first = 1 // IFLA_MACVLAN_MODE, IFLA_VRF_TABLE
	return nlattr.Each(data, func(kind uint16, v []byte) (err error) {
		switch {
		case l.Kind == kindIPVLAN && kind == ipvlanFlags:
			var flags uint16
			flags, err = nlattr.Uint16(v)
			l.Mode = uint32(flags)
		case kind != first:
		case l.Kind == kindVRF:
			l.VRFTable, err = nlattr.Uint32(v)
		case l.Kind == kindMACVLAN:
			l.Mode, err = nlattr.Uint32(v)
		}
		return err
	})
}
