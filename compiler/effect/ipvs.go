package effect

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"ka/compiler/plan"
)

// ServiceID is what the kernel tells IPVS services apart by: either a firewall mark with a family, or
// protocol, address and port.
type ServiceID struct {
	Protocol plan.Protocol
	Address  netip.AddrPort
	// FirewallMark is 0 for a service with an address; IPv6 is the family of one with a mark.
	FirewallMark uint32
	IPv6         bool
}

// String gives "tcp 192.0.2.1:80" or "fwmark 7".
func (s ServiceID) String() string {
	if s.FirewallMark == 0 {
		return s.Protocol.String() + " " + s.Address.String()
	}
	text := "fwmark " + strconv.FormatUint(uint64(s.FirewallMark), 10)
	if s.IPv6 {
		text += " inet6"
	}
	return text
}

// arguments writes the service as ipvsadm does: "-t 192.0.2.1:80", "-f 7 -6".
func (s ServiceID) arguments() string {
	switch {
	case s.FirewallMark != 0 && s.IPv6:
		return fmt.Sprintf("-f %d -6", s.FirewallMark)
	case s.FirewallMark != 0:
		return fmt.Sprintf("-f %d", s.FirewallMark)
	case s.Protocol == plan.UDP:
		return "-u " + s.Address.String()
	case s.Protocol == plan.SCTP:
		return "--sctp-service " + s.Address.String()
	}
	return "-t " + s.Address.String()
}

// Is6 says whether the service is one of IPv6.
func (s ServiceID) Is6() bool {
	return s.IPv6 || s.FirewallMark == 0 && s.Address.Addr().Is6()
}

// The flags of a service (IP_VS_SVC_F_*) that the decoder names.
const (
	FlagPersistent = 0x1
	// FlagHashed is the kernel's own; readers mask it.
	FlagHashed    = 0x2
	FlagOnePacket = 0x4
	FlagSched1    = 0x8
	FlagSched2    = 0x10
	FlagSched3    = 0x20
)

// Service is an IPVS service.
type Service struct {
	ServiceID
	// Scheduler is the kernel's name.
	Scheduler string
	// Flags are IP_VS_SVC_F_* without FlagHashed.
	Flags uint32
	// TimeoutSeconds is the persistence; it counts only with FlagPersistent.
	TimeoutSeconds uint32
	// PrefixBits groups the clients of a persistent IPv6 service, 128 by default; Netmask does it for
	// IPv4, 255.255.255.255 by default.
	PrefixBits uint8
	Netmask    netip.Addr
	// Engine is the persistence engine; empty for none.
	Engine string
	// Unknown names the attributes that the reader does not know, by number.
	Unknown []string
}

// hostMask is the persistence netmask that takes each client by itself.
var hostMask = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// Services gives the kernel objects of a virtual server: one, or one for each address and mark of its group.
func Services(vs *plan.VirtualServer, group *plan.VirtualServerGroup) []Service {
	if vs.Group == "" {
		id := ServiceID{FirewallMark: vs.FirewallMark, IPv6: vs.IPv6}
		if vs.FirewallMark == 0 {
			id = ServiceID{Protocol: vs.Protocol, Address: vs.Address}
		}
		return []Service{newService(vs, id)}
	}
	var out []Service
	if group == nil {
		return nil
	}
	for i := range group.Members {
		m := &group.Members[i]
		if m.FirewallMark != 0 {
			out = append(out, newService(vs, ServiceID{FirewallMark: m.FirewallMark, IPv6: m.IPv6}))
			continue
		}
		m.Addresses(func(a netip.Addr) {
			out = append(out, newService(vs, ServiceID{Protocol: vs.Protocol, Address: netip.AddrPortFrom(a, m.Port)}))
		})
	}
	return out
}

func newService(vs *plan.VirtualServer, id ServiceID) Service {
	s := Service{ServiceID: id, Scheduler: vs.Scheduler, Flags: uint32(vs.SchedulerFlags) * FlagSched1}
	if vs.OnePacket {
		s.Flags |= FlagOnePacket
	}
	if vs.Persistence > 0 {
		s.Flags |= FlagPersistent
		s.TimeoutSeconds = uint32(vs.Persistence.Seconds())
		s.Engine = vs.PersistenceEngine
	}
	switch {
	case s.Is6():
		s.PrefixBits = 128
		if vs.PersistenceNetmask.Is6() {
			s.PrefixBits = leadingOnes(vs.PersistenceNetmask)
		}
	case vs.PersistenceNetmask.Is4():
		s.Netmask = vs.PersistenceNetmask
	default:
		s.Netmask = hostMask
	}
	return s
}

// leadingOnes turns a mask into a prefix length.
func leadingOnes(mask netip.Addr) uint8 {
	var n uint8
	for _, b := range mask.AsSlice() {
		for bit := 7; bit >= 0; bit-- {
			if b&(1<<bit) == 0 {
				return n
			}
			n++
		}
	}
	return n
}

// Kind is KindService.
func (Service) Kind() Kind { return KindService }

// Key names the service.
func (s Service) Key() string { return "service " + s.ServiceID.String() }

// Equal compares all attributes.
func (s Service) Equal(o Object) bool {
	b, ok := unwrap(o).(Service)
	return ok && s.ServiceID == b.ServiceID && s.Scheduler == b.Scheduler && s.Flags == b.Flags &&
		(s.Flags&FlagPersistent == 0 || s.TimeoutSeconds == b.TimeoutSeconds) &&
		s.PrefixBits == b.PrefixBits && s.Netmask == b.Netmask && s.Engine == b.Engine && len(b.Unknown) == 0
}

// String writes the line of "ipvsadm -Sn".
func (s Service) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "-A %s -s %s", s.arguments(), s.Scheduler)
	if s.Flags&FlagPersistent != 0 {
		fmt.Fprintf(&b, " -p %d", s.TimeoutSeconds)
		switch {
		case s.Is6() && s.PrefixBits != 128:
			fmt.Fprintf(&b, " -M %d", s.PrefixBits)
		case !s.Is6() && s.Netmask != hostMask:
			fmt.Fprintf(&b, " -M %s", s.Netmask)
		}
		if s.Engine != "" {
			fmt.Fprintf(&b, " --pe %s", s.Engine)
		}
	}
	if s.Flags&FlagOnePacket != 0 {
		b.WriteString(" -o")
	}
	if names := s.schedulerFlags(); len(names) > 0 {
		b.WriteString(" -b " + strings.Join(names, ","))
	}
	writeUnknown(&b, s.Unknown)
	return b.String()
}

// schedulerFlags names the flags as ipvsadm does; sh and mh have names of their own.
func (s Service) schedulerFlags() []string {
	names := [3]string{"flag-1", "flag-2", "flag-3"}
	if s.Scheduler == "sh" || s.Scheduler == "mh" {
		names[0], names[1] = s.Scheduler+"-fallback", s.Scheduler+"-port"
	}
	var out []string
	for i, flag := range [3]uint32{FlagSched1, FlagSched2, FlagSched3} {
		if s.Flags&flag != 0 {
			out = append(out, names[i])
		}
	}
	return out
}

// Destination is a real server of an IPVS service.
type Destination struct {
	Service ServiceID
	Address netip.AddrPort
	Method  plan.Method
	Weight  uint32
	// UpperThreshold and LowerThreshold bound the connections; 0 for none.
	UpperThreshold, LowerThreshold uint32
	// TunnelType (0 ipip, 1 gue, 2 gre), TunnelPort and TunnelFlags belong to method TUN.
	TunnelType  uint8
	TunnelPort  uint16
	TunnelFlags uint16
	// ActiveConnections, InactiveConnections and PersistentConnections are what the kernel counts;
	// they are not compared.
	ActiveConnections, InactiveConnections, PersistentConnections uint32
	// Unknown names the attributes that the reader does not know, by number.
	Unknown []string
}

// NewDestination gives the kernel object of a real server in one service of its virtual server. Port 0 of
// the plan is the service's port, and none where there is a mark.
func NewDestination(service ServiceID, rs *plan.RealServer) Destination {
	d := Destination{
		Service: service, Address: rs.Address, Method: rs.Method, Weight: rs.Weight,
		UpperThreshold: rs.UpperThreshold, LowerThreshold: rs.LowerThreshold,
	}
	if rs.Address.Port() == 0 {
		d.Address = netip.AddrPortFrom(rs.Address.Addr(), service.Address.Port())
	}
	if rs.Method == plan.TUN {
		d.TunnelType, d.TunnelPort, d.TunnelFlags = uint8(rs.Tunnel.Type), rs.Tunnel.Port, uint16(rs.Tunnel.Checksum)
	}
	return d
}

// RealServerKey names a real server of a plan: "tcp 192.0.2.1:80 10.0.0.1:80".
func RealServerKey(vs *plan.VirtualServer, rs *plan.RealServer) string {
	return vs.Name() + " " + rs.Address.String()
}

// Kind is KindDestination.
func (Destination) Kind() Kind { return KindDestination }

// Key names the service and the real server.
func (d Destination) Key() string {
	return "destination " + d.Service.String() + " " + d.Address.String()
}

// Equal compares all attributes but the counters.
func (d Destination) Equal(o Object) bool {
	b, ok := unwrap(o).(Destination)
	return ok && d.Service == b.Service && d.Address == b.Address && d.Method == b.Method && d.Weight == b.Weight &&
		d.UpperThreshold == b.UpperThreshold && d.LowerThreshold == b.LowerThreshold &&
		d.TunnelType == b.TunnelType && d.TunnelPort == b.TunnelPort && d.TunnelFlags == b.TunnelFlags &&
		len(b.Unknown) == 0
}

// String writes the line of "ipvsadm -Sn" (which leaves thresholds out; they follow here).
func (d Destination) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "-a %s -r %s", d.Service.arguments(), d.Address)
	switch d.Method {
	case plan.NAT:
		b.WriteString(" -m")
	case plan.TUN:
		b.WriteString(" -i")
	case plan.DR:
		b.WriteString(" -g")
	default:
		fmt.Fprintf(&b, " (method %d)", d.Method)
	}
	fmt.Fprintf(&b, " -w %d", d.Weight)
	if d.Method == plan.TUN {
		d.writeTunnel(&b)
	}
	if d.UpperThreshold != 0 || d.LowerThreshold != 0 {
		fmt.Fprintf(&b, " -x %d -y %d", d.UpperThreshold, d.LowerThreshold)
	}
	writeUnknown(&b, d.Unknown)
	return b.String()
}

func (d Destination) writeTunnel(b *strings.Builder) {
	switch d.TunnelType {
	case 1:
		fmt.Fprintf(b, " --tun-type gue --tun-port %d", d.TunnelPort)
	case 2:
		b.WriteString(" --tun-type gre")
	default:
		b.WriteString(" --tun-type ipip")
		return
	}
	switch d.TunnelFlags {
	case 0:
		b.WriteString(" --tun-nocsum")
	case 1:
		b.WriteString(" --tun-csum")
	case 2:
		b.WriteString(" --tun-remcsum")
	default:
		fmt.Fprintf(b, " (tunnel flags %d)", d.TunnelFlags)
	}
}
