package plan

import (
	"math"
	"net/netip"
	"strconv"
	"strings"
)

// Rule is a rule of static_rules or virtual_rules (reference keywords, lines of rules).
type Rule struct {
	Origin Origin
	// IPv6 is the family of the rule.
	IPv6 bool
	// Preference orders the rules, the lowest first. keepalived assigns it where it is not given.
	Preference uint32
	// Not turns the selection around.
	Not bool
	// From and To are not valid for all addresses.
	From, To netip.Prefix
	// TOS is the type of service, 0 for any.
	TOS  uint8
	Mark *Mark
	// InputInterface and OutputInterface are "" for any.
	InputInterface, OutputInterface string
	// TunnelID is the key of the tunnel that a packet came through; 0 for any.
	TunnelID uint64
	UIDs     *Span
	// IPProtocol is a number (6) or a name (tcp); "" for any.
	IPProtocol                    string
	SourcePorts, DestinationPorts *Span

	// Action is keepalived's word: table, l3mdev, goto, nop, blackhole, unreachable or prohibit.
	Action string
	// Table is the number behind the action table; TableName the name where it is not well known, Table is
	// then 0 and the machine's own tables of names decide (a need).
	Table     uint32
	TableName string
	// Goto is the preference to go on with.
	Goto uint32
	// SuppressPrefixLength drops what the table finds with at most this length; nil: nothing.
	SuppressPrefixLength *uint32
	// SuppressInterfaceGroup drops what the table finds on an interface of this group; nil: nothing.
	SuppressInterfaceGroup *uint32
	Realms                 *Realms
	// Protocol is the kernel's number of who added the rule; 0 means keepalived's own (18).
	Protocol uint8
	// NoTrack takes the rule out of what the instance watches.
	NoTrack bool
	// TrackGroup names the track_group whose instances watch the interface of a static rule.
	TrackGroup string
}

// Mark is a firewall mark under a mask.
type Mark struct {
	Value uint32
	// Mask is nil where all bits count.
	Mask *uint32
}

// Span is a range of numbers, both ends included.
type Span struct {
	Low, High uint32
}

// protocolNumbers are the names of IP protocols that a rule may bear (IANA, as in /etc/protocols).
var protocolNumbers = map[string]uint8{
	"ip": 0, "icmp": 1, "igmp": 2, "ipencap": 4, "tcp": 6, "egp": 8, "igp": 9, "udp": 17, "dccp": 33, "ipv6": 41,
	"rsvp": 46, "gre": 47, "esp": 50, "ah": 51, "ipv6-icmp": 58, "icmpv6": 58, "ospf": 89, "ospfigp": 89, "ipip": 94, "pim": 103,
	"vrrp": 112, "l2tp": 115, "isis": 124, "sctp": 132, "udplite": 136, "mpls-in-ip": 137,
}

// ProtocolNumber is the number of an IP protocol by its number or name; 0 where it is not known.
func ProtocolNumber(word string) uint8 {
	if n, ok := protocolNumbers[strings.ToLower(word)]; ok {
		return n
	}
	n, _ := strconv.ParseUint(word, 10, 8)
	return uint8(n)
}

type jsonMark struct {
	Value int64   `json:"value"`
	Mask  *uint32 `json:"mask,omitempty"`
}

type jsonSpan struct {
	Low  int64 `json:"low"`
	High int64 `json:"high"`
}

type jsonRule struct {
	Origin                 origin      `json:"origin"`
	IPv6                   bool        `json:"ipv6"`
	Preference             int64       `json:"preference"`
	Not                    bool        `json:"not,omitempty"`
	From                   prefixText  `json:"from,omitempty"`
	To                     prefixText  `json:"to,omitempty"`
	TOS                    int         `json:"tos,omitempty"`
	Mark                   *jsonMark   `json:"mark,omitempty"`
	InputInterface         text        `json:"input_interface,omitempty"`
	OutputInterface        text        `json:"output_interface,omitempty"`
	TunnelID               uint64      `json:"tunnel_id,omitempty"`
	UIDs                   *jsonSpan   `json:"uids,omitempty"`
	IPProtocol             text        `json:"ip_protocol,omitempty"`
	SourcePorts            *jsonSpan   `json:"source_ports,omitempty"`
	DestinationPorts       *jsonSpan   `json:"destination_ports,omitempty"`
	Action                 text        `json:"action" jsonschema:"table, l3mdev, goto, nop, blackhole, unreachable or prohibit"`
	Table                  int64       `json:"table,omitempty"`
	TableName              text        `json:"table_name,omitempty" jsonschema:"a name of the machine's own tables"`
	Goto                   int64       `json:"goto,omitempty"`
	SuppressPrefixLength   *uint32     `json:"suppress_prefix_length,omitempty"`
	SuppressInterfaceGroup *uint32     `json:"suppress_interface_group,omitempty"`
	Realms                 *jsonRealms `json:"realms,omitempty"`
	Protocol               int         `json:"protocol,omitempty" jsonschema:"absent: 18, keepalived's"`
	NoTrack                bool        `json:"no_track,omitempty"`
	TrackGroup             text        `json:"track_group,omitempty"`
}

func toSpan(s *Span) *jsonSpan {
	if s == nil {
		return nil
	}
	return &jsonSpan{Low: int64(s.Low), High: int64(s.High)}
}

func toRule(r *Rule) jsonRule {
	out := jsonRule{
		Origin: toOrigin(r.Origin), IPv6: r.IPv6, Preference: int64(r.Preference), Not: r.Not,
		From: toOptionalPrefix(r.From), To: toOptionalPrefix(r.To), TOS: int(r.TOS),
		InputInterface: text(r.InputInterface), OutputInterface: text(r.OutputInterface), TunnelID: r.TunnelID,
		UIDs: toSpan(r.UIDs), IPProtocol: text(r.IPProtocol), SourcePorts: toSpan(r.SourcePorts),
		DestinationPorts: toSpan(r.DestinationPorts), Action: text(r.Action), Table: int64(r.Table),
		TableName: text(r.TableName), Goto: int64(r.Goto), SuppressPrefixLength: r.SuppressPrefixLength,
		SuppressInterfaceGroup: r.SuppressInterfaceGroup, Realms: toRealms(r.Realms), Protocol: int(r.Protocol),
		NoTrack: r.NoTrack, TrackGroup: text(r.TrackGroup),
	}
	if r.Mark != nil {
		out.Mark = &jsonMark{Value: int64(r.Mark.Value), Mask: r.Mark.Mask}
	}
	return out
}

func (r *reader) span(path string, s *jsonSpan) *Span {
	if s == nil {
		return nil
	}
	return &Span{
		Low:  uint32(r.number(path+".low", s.Low, 0, math.MaxUint32)),
		High: uint32(r.number(path+".high", s.High, 0, math.MaxUint32)),
	}
}

func (r *reader) rule(path string, in *jsonRule) Rule {
	number := func(field string, n int64) uint32 {
		return uint32(r.number(path+"."+field, n, 0, math.MaxUint32))
	}
	out := Rule{
		Origin: r.origin(path+".origin", in.Origin), IPv6: in.IPv6, Preference: number("preference", in.Preference),
		Not: in.Not, From: r.optionalPrefix(path+".from", in.From), To: r.optionalPrefix(path+".to", in.To),
		TOS: r.byte(path+".tos", in.TOS), TunnelID: in.TunnelID,
		InputInterface:  r.iface(path+".input_interface", in.InputInterface, false),
		OutputInterface: r.iface(path+".output_interface", in.OutputInterface, false),
		UIDs:            r.span(path+".uids", in.UIDs), IPProtocol: r.word(path+".ip_protocol", in.IPProtocol),
		SourcePorts:      r.span(path+".source_ports", in.SourcePorts),
		DestinationPorts: r.span(path+".destination_ports", in.DestinationPorts),
		Action:           r.name(path+".action", in.Action), Table: number("table", in.Table),
		TableName: r.word(path+".table_name", in.TableName), Goto: number("goto", in.Goto),
		SuppressPrefixLength: in.SuppressPrefixLength, SuppressInterfaceGroup: in.SuppressInterfaceGroup,
		Realms: r.realms(path+".realms", in.Realms), Protocol: r.byte(path+".protocol", in.Protocol),
		NoTrack: in.NoTrack, TrackGroup: r.word(path+".track_group", in.TrackGroup),
	}
	if in.Mark != nil {
		out.Mark = &Mark{Value: number("mark.value", in.Mark.Value), Mask: in.Mark.Mask}
	}
	for _, p := range []netip.Prefix{out.From, out.To} {
		if p.IsValid() && p.Addr().Is4() == out.IPv6 {
			r.fail(path, "addresses of both families")
		}
	}
	return out
}
