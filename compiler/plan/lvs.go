package plan

import (
	"fmt"
	"net/netip"
	"time"
)

// Protocol is the transport of a virtual server; the number is IP's.
type Protocol uint8

// The transports that IPVS balances.
const (
	TCP  Protocol = 6
	UDP  Protocol = 17
	SCTP Protocol = 132
)

// String gives "tcp", "udp" or "sctp".
func (p Protocol) String() string {
	switch p {
	case TCP:
		return "tcp"
	case UDP:
		return "udp"
	case SCTP:
		return "sctp"
	}
	return "unknown"
}

// Method is the forwarding method of a destination; the number is the kernel's.
type Method uint8

// The forwarding methods.
const (
	NAT Method = 0
	TUN Method = 2
	DR  Method = 3
)

// String gives keepalived's word.
func (m Method) String() string {
	switch m {
	case NAT:
		return "NAT"
	case TUN:
		return "TUN"
	case DR:
		return "DR"
	}
	return "unknown"
}

// TunnelType is how method TUN wraps packets; the number is the kernel's.
type TunnelType uint8

// The types of tunnels.
const (
	TunnelIPIP TunnelType = iota
	TunnelGUE
	TunnelGRE
)

// String gives keepalived's word.
func (t TunnelType) String() string {
	return [...]string{"ipip", "gue", "gre"}[min(t, TunnelGRE)]
}

// TunnelChecksum is what a tunnel does about checksums; the number is the kernel's flag.
type TunnelChecksum uint8

// The checksum options; ipip has none of them.
const (
	TunnelNoChecksum TunnelChecksum = iota
	TunnelChecksummed
	TunnelRemoteChecksum
)

// String gives keepalived's word.
func (c TunnelChecksum) String() string {
	return [...]string{"nocsum", "csum", "remcsum"}[min(c, TunnelRemoteChecksum)]
}

// Tunnel says how method TUN reaches a server. The zero value is an ipip tunnel.
type Tunnel struct {
	Type TunnelType
	// Port is gue's, 0 for the others.
	Port     uint16
	Checksum TunnelChecksum
}

// TLS is the SSL block: what SSL_GET presents to servers.
type TLS struct {
	Origin Origin
	// CA, Certificate and Key are files; "" where not given.
	CA, Certificate, Key string
	// Password opens Key. It is a secret: never printed.
	Password string
}

// VirtualServerGroup is a virtual_server_group: the services that a virtual server of the group gives.
type VirtualServerGroup struct {
	Origin  Origin
	Name    string
	Members []GroupMember
}

// GroupMember is a line of a group: addresses with one port, or a firewall mark.
type GroupMember struct {
	Origin Origin
	// First and Last are the range of addresses, equal for a single one; not valid for a mark.
	First, Last netip.Addr
	Port        uint16
	// FirewallMark is 0 for addresses; IPv6 is the family of a mark.
	FirewallMark uint32
	IPv6         bool
}

// VirtualServer is a virtual_server. It is on an address and port, on a firewall mark, or on all members
// of a group: one of Address, FirewallMark and Group is set.
type VirtualServer struct {
	Origin       Origin
	Address      netip.AddrPort
	FirewallMark uint32
	// IPv6 is the family of a service on a mark.
	IPv6  bool
	Group string
	// Ordinal counts the virtual servers of one group, from 0.
	Ordinal int
	// Protocol is 0 where there are only marks.
	Protocol Protocol

	// Scheduler is the kernel's name ("wlc"); SchedulerFlags are its flags 1 to 3 as bits 0 to 2: for sh
	// and mh the first is "fallback", the second "port".
	Scheduler      string
	SchedulerFlags uint8
	// OnePacket schedules every UDP packet by itself.
	OnePacket bool
	Method    Method
	Tunnel    Tunnel
	// Persistence is how long a client stays with its server, whole seconds; 0: none.
	Persistence time.Duration
	// PersistenceNetmask groups clients; not valid: each address by itself. It is a mask in IPv6 too.
	PersistenceNetmask netip.Addr
	// PersistenceEngine is the kernel's name; "" for none.
	PersistenceEngine string

	// Alpha takes servers as down until their first check succeeds; Omega notifies of what a stop takes
	// down; HASuspend checks only while the address is on this machine.
	Alpha, Omega, HASuspend bool
	// Quorum is the weight of healthy servers that the service needs, at most the total weight;
	// Hysteresis is less than Quorum and widens the way back.
	Quorum, Hysteresis uint32
	QuorumUp           *Command
	QuorumDown         *Command
	// Sorry answers without a quorum; nil for none.
	Sorry *SorryServer
	// SMTPAlert mails changes of the quorum.
	SMTPAlert bool
	SNMPName  string

	RealServers []RealServer
}

// Name names the virtual server as messages and scopes do: "tcp 192.0.2.1:80", "fwmark 7", "group web"
// (the second virtual server of a group is "group web:1").
func (v *VirtualServer) Name() string {
	switch {
	case v.Group != "" && v.Ordinal > 0:
		return fmt.Sprintf("group %s:%d", v.Group, v.Ordinal)
	case v.Group != "":
		return "group " + v.Group
	case v.FirewallMark != 0 && v.IPv6:
		return fmt.Sprintf("fwmark %d inet6", v.FirewallMark)
	case v.FirewallMark != 0:
		return fmt.Sprintf("fwmark %d", v.FirewallMark)
	}
	return v.Protocol.String() + " " + v.Address.String()
}

// SorryServer is the server of last resort of a virtual server.
type SorryServer struct {
	Origin  Origin
	Address netip.AddrPort
	Method  Method
	Tunnel  Tunnel
	// Inhibit keeps it in the table with weight 0 while it is not needed.
	Inhibit bool
}

// RealServer is a real_server.
type RealServer struct {
	Origin Origin
	// Address has port 0 where the port is that of each member of a group, or there is none (a mark).
	Address netip.AddrPort
	Weight  uint32
	Method  Method
	Tunnel  Tunnel
	// UpperThreshold and LowerThreshold bound the connections; 0 for none.
	UpperThreshold, LowerThreshold uint32
	// Inhibit keeps a server that is down in the table with weight 0.
	Inhibit bool
	// NotifyUp and NotifyDown run when the server changes; nil for none.
	NotifyUp, NotifyDown *Command
	// SMTPAlert mails changes.
	SMTPAlert bool
	SNMPName  string
	Checks    []Check
}
