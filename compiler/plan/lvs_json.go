package plan

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"
)

type jsonTLS struct {
	Origin      origin `json:"origin"`
	CA          text   `json:"ca,omitempty"`
	Certificate text   `json:"certificate,omitempty"`
	Key         text   `json:"key,omitempty"`
	Password    text   `json:"password,omitempty" jsonschema:"a secret"`
}

type jsonGroup struct {
	Origin  origin       `json:"origin"`
	Name    text         `json:"name"`
	Members []jsonMember `json:"members"`
}

type jsonMember struct {
	Origin       origin   `json:"origin"`
	First        addrText `json:"first,omitempty" jsonschema:"first address of the range"`
	Last         addrText `json:"last,omitempty" jsonschema:"last address of the range"`
	Port         int      `json:"port,omitempty"`
	FirewallMark int64    `json:"fwmark,omitempty"`
	IPv6         bool     `json:"ipv6,omitempty" jsonschema:"the family of a mark"`
}

type jsonTunnel struct {
	Type     string `json:"type" jsonschema:"ipip, gue or gre"`
	Port     int    `json:"port,omitempty"`
	Checksum string `json:"checksum,omitempty" jsonschema:"csum or remcsum; absent: none"`
}

type jsonVirtual struct {
	Origin       origin       `json:"origin"`
	Address      addrPortText `json:"address,omitempty" jsonschema:"absent with a mark or a group"`
	FirewallMark int64        `json:"fwmark,omitempty"`
	IPv6         bool         `json:"ipv6,omitempty" jsonschema:"the family of a mark"`
	Group        text         `json:"group,omitempty" jsonschema:"name of a virtual_server_group"`
	Ordinal      int          `json:"ordinal,omitempty" jsonschema:"counts the virtual servers of one group"`
	Protocol     string       `json:"protocol,omitempty" jsonschema:"tcp, udp or sctp; absent with marks only"`

	Scheduler          string      `json:"scheduler" jsonschema:"the kernel's name"`
	SchedulerFlags     []int       `json:"scheduler_flags,omitempty" jsonschema:"numbers 1 to 3"`
	OnePacket          bool        `json:"one_packet,omitempty"`
	Method             string      `json:"method" jsonschema:"NAT, DR or TUN"`
	Tunnel             *jsonTunnel `json:"tunnel,omitempty" jsonschema:"absent: ipip"`
	PersistenceS       int64       `json:"persistence_s" jsonschema:"0 is none"`
	PersistenceNetmask addrText    `json:"persistence_netmask,omitempty"`
	PersistenceEngine  text        `json:"persistence_engine,omitempty"`

	Alpha      bool         `json:"alpha,omitempty"`
	Omega      bool         `json:"omega,omitempty"`
	HASuspend  bool         `json:"ha_suspend,omitempty"`
	Quorum     int64        `json:"quorum,omitempty" jsonschema:"absent: 1"`
	Hysteresis int64        `json:"hysteresis,omitempty"`
	QuorumUp   *jsonCommand `json:"quorum_up,omitempty"`
	QuorumDown *jsonCommand `json:"quorum_down,omitempty"`
	Sorry      *jsonSorry   `json:"sorry_server,omitempty"`
	SMTPAlert  bool         `json:"smtp_alert,omitempty"`
	SNMPName   text         `json:"snmp_name,omitempty"`

	RealServers []jsonReal `json:"real_servers"`
}

type jsonSorry struct {
	Origin  origin       `json:"origin"`
	Address addrPortText `json:"address"`
	Method  string       `json:"method" jsonschema:"NAT, DR or TUN"`
	Tunnel  *jsonTunnel  `json:"tunnel,omitempty" jsonschema:"absent: ipip"`
	Inhibit bool         `json:"inhibit,omitempty"`
}

type jsonReal struct {
	Origin         origin       `json:"origin"`
	Address        addrPortText `json:"address"`
	Weight         int64        `json:"weight"`
	Method         string       `json:"method" jsonschema:"NAT, DR or TUN"`
	Tunnel         *jsonTunnel  `json:"tunnel,omitempty" jsonschema:"absent: ipip"`
	UpperThreshold int64        `json:"upper_threshold,omitempty" jsonschema:"connections; absent: no bound"`
	LowerThreshold int64        `json:"lower_threshold,omitempty" jsonschema:"connections; absent: no bound"`
	Inhibit        bool         `json:"inhibit_on_failure,omitempty"`
	NotifyUp       *jsonCommand `json:"notify_up,omitempty"`
	NotifyDown     *jsonCommand `json:"notify_down,omitempty"`
	SMTPAlert      bool         `json:"smtp_alert,omitempty"`
	SNMPName       text         `json:"snmp_name,omitempty"`
	Checks         []jsonCheck  `json:"checks"`
}

func toTLS(t *TLS) *jsonTLS {
	if t == nil {
		return nil
	}
	return &jsonTLS{
		Origin: toOrigin(t.Origin), CA: text(t.CA), Certificate: text(t.Certificate), Key: text(t.Key),
		Password: text(t.Password),
	}
}

func (r *reader) tls(path string, t *jsonTLS) *TLS {
	if t == nil {
		return nil
	}
	return &TLS{
		Origin: r.origin(path+".origin", t.Origin), CA: r.word(path+".ca", t.CA),
		Certificate: r.word(path+".certificate", t.Certificate), Key: r.word(path+".key", t.Key),
		Password: r.word(path+".password", t.Password),
	}
}

func toServiceGroup(g *VirtualServerGroup) jsonGroup {
	return jsonGroup{Origin: toOrigin(g.Origin), Name: text(g.Name), Members: each(g.Members, func(m *GroupMember) jsonMember {
		return jsonMember{
			Origin: toOrigin(m.Origin), First: toAddr(m.First), Last: toAddr(m.Last), Port: int(m.Port),
			FirewallMark: int64(m.FirewallMark), IPv6: m.IPv6,
		}
	})}
}

func (r *reader) serviceGroup(path string, g *jsonGroup) VirtualServerGroup {
	return VirtualServerGroup{
		Origin: r.origin(path+".origin", g.Origin), Name: r.name(path+".name", g.Name),
		Members: read(r, path+".members", g.Members, maxEntries, r.member),
	}
}

func (r *reader) member(path string, m *jsonMember) GroupMember {
	out := GroupMember{
		Origin: r.origin(path+".origin", m.Origin),
		First:  r.addr(path+".first", m.First, false), Last: r.addr(path+".last", m.Last, false),
		Port:         r.port(path+".port", m.Port),
		FirewallMark: r.uint32(path+".fwmark", m.FirewallMark), IPv6: m.IPv6,
	}
	if out.First.IsValid() == (out.FirewallMark != 0) || out.First.IsValid() != out.Last.IsValid() {
		r.fail(path, "neither addresses nor a firewall mark")
		return out
	}
	if out.First.IsValid() && addressesBetween(out.First, out.Last) == 0 {
		r.fail(path+".last", "%s to %s is no range of at most %d addresses", out.First, out.Last, MaxGroupAddresses)
	}
	return out
}

func toTunnel(t Tunnel) *jsonTunnel {
	if t == (Tunnel{}) {
		return nil
	}
	out := &jsonTunnel{Type: t.Type.String(), Port: int(t.Port)}
	if t.Checksum != TunnelNoChecksum {
		out.Checksum = t.Checksum.String()
	}
	return out
}

func (r *reader) tunnel(path string, t *jsonTunnel) Tunnel {
	if t == nil {
		return Tunnel{}
	}
	for _, kind := range []TunnelType{TunnelIPIP, TunnelGUE, TunnelGRE} {
		if kind.String() != t.Type {
			continue
		}
		out := Tunnel{Type: kind, Port: r.port(path+".port", t.Port)}
		for _, c := range []TunnelChecksum{TunnelChecksummed, TunnelRemoteChecksum} {
			if c.String() == t.Checksum {
				out.Checksum = c
			}
		}
		if t.Checksum != "" && out.Checksum == TunnelNoChecksum {
			r.fail(path+".checksum", "%q is not csum or remcsum", t.Checksum)
		}
		return out
	}
	r.fail(path+".type", "%q is not ipip, gue or gre", t.Type)
	return Tunnel{}
}

// toAddrPort writes nothing for an address that is not there.
func toAddrPort(a netip.AddrPort) addrPortText {
	if !a.IsValid() {
		return ""
	}
	return addrPortText(a.String())
}

// converter converts one virtual server after the other. What it gives is good until the next one, which takes
// the same memory.
type converter struct {
	reals  []jsonReal
	checks []jsonCheck
}

func (c *converter) virtual(v *VirtualServer) jsonVirtual {
	c.checks = c.checks[:0]
	c.reals = eachInto(c.reals[:0], v.RealServers, c.real)
	out := jsonVirtual{
		Origin: toOrigin(v.Origin), Address: toAddrPort(v.Address), FirewallMark: int64(v.FirewallMark), IPv6: v.IPv6,
		Group: text(v.Group), Ordinal: v.Ordinal,
		Scheduler: v.Scheduler, OnePacket: v.OnePacket, Method: v.Method.String(), Tunnel: toTunnel(v.Tunnel),
		PersistenceS: int64(v.Persistence / time.Second), PersistenceNetmask: toAddr(v.PersistenceNetmask),
		PersistenceEngine: text(v.PersistenceEngine),
		Alpha:             v.Alpha, Omega: v.Omega, HASuspend: v.HASuspend,
		Hysteresis: int64(v.Hysteresis), QuorumUp: toCommand(v.QuorumUp), QuorumDown: toCommand(v.QuorumDown),
		SMTPAlert: v.SMTPAlert, SNMPName: text(v.SNMPName), RealServers: c.reals,
	}
	if v.Protocol != 0 {
		out.Protocol = v.Protocol.String()
	}
	if v.Quorum != 1 {
		out.Quorum = int64(v.Quorum)
	}
	for n := range 3 {
		if v.SchedulerFlags&(1<<n) != 0 {
			out.SchedulerFlags = append(out.SchedulerFlags, n+1)
		}
	}
	if s := v.Sorry; s != nil {
		out.Sorry = &jsonSorry{
			Origin: toOrigin(s.Origin), Address: toAddrPort(s.Address), Method: s.Method.String(),
			Tunnel: toTunnel(s.Tunnel), Inhibit: s.Inhibit,
		}
	}
	return out
}

func (r *reader) virtual(path string, v *jsonVirtual) VirtualServer {
	out := VirtualServer{
		Origin: r.origin(path+".origin", v.Origin), FirewallMark: r.uint32(path+".fwmark", v.FirewallMark), IPv6: v.IPv6,
		Group: r.word(path+".group", v.Group), Ordinal: r.count(path+".ordinal", v.Ordinal),
		Scheduler: v.Scheduler, OnePacket: v.OnePacket,
		Method: r.method(path+".method", v.Method), Tunnel: r.tunnel(path+".tunnel", v.Tunnel),
		Persistence:        r.duration(path+".persistence_s", v.PersistenceS, time.Second),
		PersistenceNetmask: r.addr(path+".persistence_netmask", v.PersistenceNetmask, false),
		PersistenceEngine:  r.label(path+".persistence_engine", v.PersistenceEngine),
		Alpha:              v.Alpha, Omega: v.Omega, HASuspend: v.HASuspend,
		Quorum: r.uint32(path+".quorum", v.Quorum), Hysteresis: r.uint32(path+".hysteresis", v.Hysteresis),
		QuorumUp: r.command(path+".quorum_up", v.QuorumUp), QuorumDown: r.command(path+".quorum_down", v.QuorumDown),
		SMTPAlert: v.SMTPAlert, SNMPName: r.word(path+".snmp_name", v.SNMPName),
		RealServers: read(r, path+".real_servers", v.RealServers, maxEntries, r.real),
	}
	if out.Quorum == 0 {
		out.Quorum = 1
	}
	for _, n := range v.SchedulerFlags {
		out.SchedulerFlags |= 1 << (r.number(path+".scheduler_flags", int64(n), 1, 3) - 1)
	}
	if s := v.Sorry; s != nil {
		out.Sorry = &SorryServer{
			Origin: r.origin(path+".sorry_server.origin", s.Origin), Address: r.addrPort(path+".sorry_server.address", s.Address),
			Method: r.method(path+".sorry_server.method", s.Method), Tunnel: r.tunnel(path+".sorry_server.tunnel", s.Tunnel),
			Inhibit: s.Inhibit,
		}
	}
	r.kernelName(path+".scheduler", r.must(path+".scheduler", v.Scheduler))
	r.identity(path, v, &out)
	return out
}

// identity reads what the virtual server is on, and its protocol.
func (r *reader) identity(path string, v *jsonVirtual, out *VirtualServer) {
	kinds := 0
	for _, set := range []bool{v.Address != "", out.FirewallMark != 0, out.Group != ""} {
		if set {
			kinds++
		}
	}
	if kinds != 1 {
		r.fail(path, "not exactly one of address, fwmark and group")
		return
	}
	if v.Address != "" {
		out.Address = r.addrPort(path+".address", v.Address)
	}
	if v.Protocol == "" && v.Address == "" {
		return
	}
	i := slices.IndexFunc(protocols, func(p Protocol) bool { return p.String() == v.Protocol })
	if i < 0 {
		r.fail(path+".protocol", "%q is not tcp, udp or sctp", v.Protocol)
		return
	}
	out.Protocol = protocols[i]
}

var protocols = []Protocol{TCP, UDP, SCTP}

func (c *converter) real(s *RealServer) jsonReal {
	from := len(c.checks)
	c.checks = eachInto(c.checks, s.Checks, toCheck)
	return jsonReal{
		Origin: toOrigin(s.Origin), Address: addrPortText(s.Address.String()), Weight: int64(s.Weight),
		Method: s.Method.String(), Tunnel: toTunnel(s.Tunnel),
		UpperThreshold: int64(s.UpperThreshold), LowerThreshold: int64(s.LowerThreshold), Inhibit: s.Inhibit,
		NotifyUp: toCommand(s.NotifyUp), NotifyDown: toCommand(s.NotifyDown),
		SMTPAlert: s.SMTPAlert, SNMPName: text(s.SNMPName), Checks: c.checks[from:],
	}
}

func (r *reader) real(path string, s *jsonReal) RealServer {
	return RealServer{
		Origin: r.origin(path+".origin", s.Origin), Address: r.addrPort(path+".address", s.Address),
		Weight: uint32(r.number(path+".weight", s.Weight, 0, math.MaxInt32)),
		Method: r.method(path+".method", s.Method), Tunnel: r.tunnel(path+".tunnel", s.Tunnel),
		UpperThreshold: r.uint32(path+".upper_threshold", s.UpperThreshold),
		LowerThreshold: r.uint32(path+".lower_threshold", s.LowerThreshold), Inhibit: s.Inhibit,
		NotifyUp: r.command(path+".notify_up", s.NotifyUp), NotifyDown: r.command(path+".notify_down", s.NotifyDown),
		SMTPAlert: s.SMTPAlert, SNMPName: r.word(path+".snmp_name", s.SNMPName),
		Checks: read(r, path+".checks", s.Checks, maxEntries, r.check),
	}
}

// services checks that groups and virtual servers are given once, and that every group that is used is there.
func (r *reader) services(p *Plan) {
	groups := map[string]bool{}
	for i, g := range p.VirtualServerGroups {
		if groups[g.Name] {
			r.fail(fmt.Sprintf("virtual_server_groups[%d].name", i), "%q is there twice", g.Name)
		}
		groups[g.Name] = true
	}
	servers := map[string]bool{}
	for i := range p.VirtualServers {
		v := &p.VirtualServers[i]
		if v.Group != "" && !groups[v.Group] {
			r.fail(fmt.Sprintf("virtual_servers[%d].group", i), "there is no virtual_server_group %q", v.Group)
		}
		name := v.Name()
		if servers[name] {
			r.fail(fmt.Sprintf("virtual_servers[%d]", i), "%s is there twice", name)
		}
		servers[name] = true
	}
}

func (r *reader) uint32(path string, n int64) uint32 {
	return uint32(r.number(path, n, 0, math.MaxUint32))
}

func (r *reader) port(path string, n int) uint16 {
	return uint16(r.number(path, int64(n), 0, math.MaxUint16))
}

// must reads a string that is not empty.
func (r *reader) must(path, s string) string {
	if s == "" {
		r.fail(path, "is empty")
	}
	return s
}

// kernelName checks the name of a scheduler.
func (r *reader) kernelName(path, s string) {
	const longest = 15
	if len(s) > longest || strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c > '~' }) {
		r.fail(path, "%q is no name of a scheduler", s)
	}
}
