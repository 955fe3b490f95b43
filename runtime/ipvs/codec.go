//go:build linux

package ipvs

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"ka/compiler/effect"
	"ka/compiler/plan"
	"ka/runtime/internal/nlattr"
)

// Commands and attributes of linux/ip_vs.h.
const (
	cmdGetService = 4
	cmdNewDest    = 5
	cmdSetDest    = 6
	cmdDelDest    = 7
	cmdGetDest    = 8

	attrService = 1
	attrDest    = 2

	svcFamily   = 1
	svcProtocol = 2
	svcAddress  = 3
	svcPort     = 4
	svcMark     = 5
	svcSched    = 6
	svcFlags    = 7
	svcTimeout  = 8
	svcNetmask  = 9
	svcStats    = 10
	svcEngine   = 11
	svcStats64  = 12

	destAddress         = 1
	destPort            = 2
	destMethod          = 3
	destWeight          = 4
	destUpper           = 5
	destLower           = 6
	destActive          = 7
	destInactive        = 8
	destPersistent      = 9
	destStats           = 10
	destFamily          = 11
	destStats64         = 12
	destTunnelType      = 13
	destTunnelPort      = 14
	destTunnelFlags     = 15
	methodMask          = 0x7
	headerGenericLength = 4
)

// nested unpacks an answer: the generic header, one attribute of the given kind, its attributes.
func nested(m []byte, kind uint16, f func(kind uint16, v []byte) error) error {
	if len(m) < headerGenericLength {
		return nlattr.ErrShort
	}
	found := false
	err := nlattr.Each(m[headerGenericLength:], func(k uint16, v []byte) error {
		if k != kind {
			return nil
		}
		found = true
		return nlattr.Each(v, f)
	})
	if err == nil && !found {
		err = fmt.Errorf("answer without attribute %d: %w", kind, nlattr.ErrShort)
	}
	return err
}

// address reads the 4 or 16 bytes of family out of an attribute that always has 16.
func address(family uint16, v []byte) (netip.Addr, error) {
	size := 4
	if family == unix.AF_INET6 {
		size = 16
	} else if family != unix.AF_INET {
		return netip.Addr{}, fmt.Errorf("unknown address family %d", family)
	}
	if len(v) < size {
		return netip.Addr{}, nlattr.ErrShort
	}
	return nlattr.Addr(v[:size])
}

// decodeService reads an answer to IPVS_CMD_GET_SERVICE.
func decodeService(m []byte) (effect.Service, error) {
	var s effect.Service
	var family, protocol, port uint16
	var addr, mask []byte
	err := nested(m, attrService, func(kind uint16, v []byte) (err error) {
		switch kind {
		case svcFamily:
			family, err = nlattr.Uint16(v)
		case svcProtocol:
			protocol, err = nlattr.Uint16(v)
		case svcAddress:
			addr = v
		case svcPort:
			port, err = nlattr.Port(v)
		case svcMark:
			s.FirewallMark, err = nlattr.Uint32(v)
		case svcSched:
			s.Scheduler = nlattr.String(v)
		case svcFlags:
			s.Flags, err = nlattr.Uint32(v)
			s.Flags &^= effect.FlagHashed
		case svcTimeout:
			s.TimeoutSeconds, err = nlattr.Uint32(v)
		case svcNetmask:
			mask = v
		case svcEngine:
			s.Engine = nlattr.String(v)
		case svcStats, svcStats64:
			// Counters, which no diff compares.
		default:
			s.Unknown = append(s.Unknown, fmt.Sprintf("SVC %d", kind))
		}
		return err
	})
	if err != nil {
		return effect.Service{}, err
	}
	if s.FirewallMark != 0 {
		s.IPv6 = family == unix.AF_INET6
	} else {
		ip, err := address(family, addr)
		if err != nil {
			return effect.Service{}, err
		}
		s.Protocol, s.Address = plan.Protocol(protocol), netip.AddrPortFrom(ip, port)
	}
	if len(mask) < 4 {
		return effect.Service{}, nlattr.ErrShort
	}
	if family == unix.AF_INET6 {
		s.PrefixBits = uint8(min(binary.NativeEndian.Uint32(mask), 128))
	} else {
		s.Netmask, err = nlattr.Addr(mask[:4])
	}
	return s, err
}

// decodeDestination reads an answer to IPVS_CMD_GET_DEST about service.
func decodeDestination(m []byte, service effect.ServiceID) (effect.Destination, error) {
	d := effect.Destination{Service: service}
	// Kernels before 3.18 send no family: it is the service's.
	family := familyOf(service.Is6())
	var port uint16
	var addr []byte
	err := nested(m, attrDest, func(kind uint16, v []byte) (err error) {
		switch kind {
		case destAddress:
			addr = v
		case destPort:
			port, err = nlattr.Port(v)
		case destFamily:
			family, err = nlattr.Uint16(v)
		case destMethod:
			var flags uint32
			flags, err = nlattr.Uint32(v)
			d.Method = plan.Method(flags & methodMask)
		case destStats, destStats64:
			// Counters, which no diff compares.
		default:
			return decodeDestinationNumber(&d, kind, v)
		}
		return err
	})
	if err != nil {
		return effect.Destination{}, err
	}
	ip, err := address(family, addr)
	d.Address = netip.AddrPortFrom(ip, port)
	return d, err
}

func decodeDestinationNumber(d *effect.Destination, kind uint16, v []byte) (err error) {
	switch kind {
	case destWeight:
		d.Weight, err = nlattr.Uint32(v)
	case destUpper:
		d.UpperThreshold, err = nlattr.Uint32(v)
	case destLower:
		d.LowerThreshold, err = nlattr.Uint32(v)
	case destActive:
		d.ActiveConnections, err = nlattr.Uint32(v)
	case destInactive:
		d.InactiveConnections, err = nlattr.Uint32(v)
	case destPersistent:
		d.PersistentConnections, err = nlattr.Uint32(v)
	case destTunnelType:
		d.TunnelType, err = nlattr.Uint8(v)
	case destTunnelPort:
		d.TunnelPort, err = nlattr.Port(v)
	case destTunnelFlags:
		d.TunnelFlags, err = nlattr.Uint16(v)
	default:
		d.Unknown = append(d.Unknown, fmt.Sprintf("DEST %d", kind))
	}
	return err
}

// serviceAttributes names a service in a request about its destinations. The kernel wants all
// attributes of a service only where it adds one; here identity is enough.
func serviceAttributes(s effect.ServiceID) *nl.RtAttr {
	out := nl.NewRtAttr(attrService|unix.NLA_F_NESTED, nil)
	out.AddRtAttr(svcFamily, nl.Uint16Attr(familyOf(s.Is6())))
	if s.FirewallMark != 0 {
		out.AddRtAttr(svcMark, nl.Uint32Attr(s.FirewallMark))
		return out
	}
	out.AddRtAttr(svcProtocol, nl.Uint16Attr(uint16(s.Protocol)))
	out.AddRtAttr(svcAddress, address16(s.Address.Addr()))
	out.AddRtAttr(svcPort, binary.BigEndian.AppendUint16(nil, s.Address.Port()))
	return out
}

// destinationAttributes writes all of a destination.
func destinationAttributes(d effect.Destination) *nl.RtAttr {
	out := nl.NewRtAttr(attrDest|unix.NLA_F_NESTED, nil)
	out.AddRtAttr(destFamily, nl.Uint16Attr(familyOf(d.Address.Addr().Is6())))
	out.AddRtAttr(destAddress, address16(d.Address.Addr()))
	out.AddRtAttr(destPort, binary.BigEndian.AppendUint16(nil, d.Address.Port()))
	out.AddRtAttr(destMethod, nl.Uint32Attr(uint32(d.Method)))
	out.AddRtAttr(destWeight, nl.Uint32Attr(d.Weight))
	out.AddRtAttr(destUpper, nl.Uint32Attr(d.UpperThreshold))
	out.AddRtAttr(destLower, nl.Uint32Attr(d.LowerThreshold))
	out.AddRtAttr(destTunnelType, nl.Uint8Attr(d.TunnelType))
	out.AddRtAttr(destTunnelPort, binary.BigEndian.AppendUint16(nil, d.TunnelPort))
	out.AddRtAttr(destTunnelFlags, nl.Uint16Attr(d.TunnelFlags))
	return out
}

func familyOf(is6 bool) uint16 {
	if is6 {
		return unix.AF_INET6
	}
	return unix.AF_INET
}

// address16 gives the 16 bytes that the kernel wants of either family.
func address16(a netip.Addr) []byte {
	var out [16]byte
	copy(out[:], a.AsSlice())
	return out[:]
}
