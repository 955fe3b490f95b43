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

// errNotOurs marks what is read and deliberately not listed: routes of the local table and cached ones.
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
	a.Secondary = family == unix.AF_INET && flags&flagSecondary != 0
	return a, nil
}

// decodeRoute reads the body of an RTM_NEWROUTE or RTM_DELROUTE.
func decodeRoute(b []byte, name func(int) string) (effect.Route, error) {
	if len(b) < routeHeader {
		return effect.Route{}, nlattr.ErrShort
	}
	family, bits := b[0], int(b[1])
	if family != unix.AF_INET && family != unix.AF_INET6 {
		return effect.Route{}, errNotOurs
	}
	flags := binary.NativeEndian.Uint32(b[8:])
	if flags&routeFlagCloned != 0 {
		return effect.Route{}, errNotOurs
	}
	r := effect.Route{Table: uint32(b[4]), Protocol: b[5], Scope: b[6], Type: b[7]}
	if b[2] != 0 || b[3] != 0 {
		r.Unknown = append(r.Unknown, "source prefix or type of service")
	}
	if flags&nexthopFlagOnlink != 0 {
		r.Unknown = append(r.Unknown, "onlink")
	}
	destination := netip.IPv4Unspecified()
	if family == unix.AF_INET6 {
		destination = netip.IPv6Unspecified()
	}
	err := nlattr.Each(b[routeHeader:], func(kind uint16, v []byte) (err error) {
		if kind == unix.RTA_DST {
			destination, err = nlattr.Addr(v)
			return err
		}
		return decodeRouteAttr(&r, kind, v, name)
	})
	if err != nil {
		return effect.Route{}, err
	}
	if r.Table == unix.RT_TABLE_LOCAL {
		return effect.Route{}, errNotOurs
	}
	r.Destination = netip.PrefixFrom(destination, bits)
	if !r.Destination.IsValid() {
		return effect.Route{}, nlattr.ErrShort
	}
	return r, nil
}

func decodeRouteAttr(r *effect.Route, kind uint16, v []byte, name func(int) string) (err error) {
	switch kind {
	case unix.RTA_GATEWAY:
		r.Gateway, err = nlattr.Addr(v)
	case unix.RTA_VIA:
		if len(v) < 2 {
			return nlattr.ErrShort
		}
		r.Gateway, err = nlattr.Addr(v[2:])
	case unix.RTA_PREFSRC:
		r.Source, err = nlattr.Addr(v)
	case unix.RTA_OIF:
		var index uint32
		index, err = nlattr.Uint32(v)
		r.Interface = name(int(index))
	case unix.RTA_PRIORITY:
		r.Metric, err = nlattr.Uint32(v)
	case unix.RTA_TABLE:
		r.Table, err = nlattr.Uint32(v)
	case unix.RTA_CACHEINFO:
		// Ages and counters.
	case unix.RTA_PREF:
		if len(v) > 0 && v[0] == 0 {
			return nil // medium, what every IPv6 route has
		}
		r.Unknown = append(r.Unknown, "pref")
	case unix.RTA_MULTIPATH:
		r.Unknown = append(r.Unknown, "nexthops")
	default:
		r.Unknown = append(r.Unknown, fmt.Sprintf("RTA %d", kind))
	}
	return err
}

// decodeLink reads the body of an RTM_NEWLINK or RTM_DELLINK.
func decodeLink(b []byte) (Link, error) {
	if len(b) < linkHeader {
		return Link{}, nlattr.ErrShort
	}
	flags := binary.NativeEndian.Uint32(b[8:])
	l := Link{
		Index: int(binary.NativeEndian.Uint32(b[4:])),
		Up:    flags&unix.IFF_UP != 0 && flags&unix.IFF_RUNNING != 0,
		NoARP: flags&unix.IFF_NOARP != 0,
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
		}
		return err
	})
	return l, err
}
