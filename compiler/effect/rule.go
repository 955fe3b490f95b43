package effect

import (
	"fmt"
	"net/netip"
	"strings"

	"ka/compiler/plan"
	"ka/lang/schema/kw"
)

// RuleAction is what a rule does with a packet (linux/fib_rules.h).
type RuleAction uint8

// The actions. RuleTable is also that of l3mdev, which has no table of its own.
const (
	RuleTable       RuleAction = 1
	RuleGoto        RuleAction = 2
	RuleNop         RuleAction = 3
	RuleBlackhole   RuleAction = 6
	RuleUnreachable RuleAction = 7
	RuleProhibit    RuleAction = 8
)

// ruleActions are keepalived's words.
var ruleActions = [...]string{
	RuleTable: kw.Table, RuleGoto: kw.Goto, RuleNop: kw.Nop, RuleBlackhole: kw.Blackhole, RuleUnreachable: kw.Unreachable, RuleProhibit: kw.Prohibit,
}

// NoLimit in a rule's Suppress fields suppresses nothing.
const NoLimit = -1

// Rule is a routing rule. All of it says which rule it is: the kernel changes none, and two that differ in
// one field are two rules.
type Rule struct {
	IPv6 bool
	// Preference orders the rules, the lowest first.
	Preference uint32
	// Not turns the selection around.
	Not bool
	// From and To have their host bits cleared; not valid: all addresses.
	From, To netip.Prefix
	TOS      uint8
	// Mark counts under Mask; both 0: any.
	Mark, Mask                      uint32
	InputInterface, OutputInterface string
	TunnelID                        uint64
	// UIDs is nil for all users; a span of ports is zero for all ports.
	UIDs                          *plan.Span
	IPProtocol                    uint8
	SourcePorts, DestinationPorts plan.Span

	Action RuleAction
	// Table is the number behind RuleTable, 0 where TableName could not be resolved, and with L3MDev.
	Table     uint32
	TableName string
	L3MDev    bool
	Goto      uint32
	// SuppressLength and SuppressGroup are NoLimit where nothing is suppressed.
	SuppressLength, SuppressGroup int64
	// Realms is FROM<<16 | TO.
	Realms uint32
	// Protocol says who added it (FRA_PROTOCOL).
	Protocol uint8
	// Unknown names the attributes that the reader does not know, by number.
	Unknown []string
}

// NewRule gives the kernel object of a rule of the plan.
func NewRule(r plan.Rule) Rule {
	out := Rule{
		IPv6: r.IPv6, Preference: r.Preference, Not: r.Not, From: anywhere(r.From), To: anywhere(r.To), TOS: r.TOS,
		InputInterface: r.InputInterface, OutputInterface: r.OutputInterface, TunnelID: r.TunnelID, UIDs: r.UIDs,
		IPProtocol: plan.ProtocolNumber(r.IPProtocol), Table: r.Table, TableName: r.TableName, L3MDev: r.Action == kw.L3mdev, Goto: r.Goto,
		Action: RuleAction(numberOf(r.Action, ruleActions[:], 0)), SuppressLength: limit(r.SuppressPrefixLength),
		SuppressGroup: limit(r.SuppressInterfaceGroup), Realms: realms(r.Realms), Protocol: r.Protocol,
	}
	if r.SourcePorts != nil {
		out.SourcePorts = *r.SourcePorts
	}
	if r.DestinationPorts != nil {
		out.DestinationPorts = *r.DestinationPorts
	}
	if out.L3MDev {
		out.Action = RuleTable
	}
	if out.Protocol == 0 {
		out.Protocol = ProtocolKeepalived
	}
	if m := r.Mark; m != nil {
		out.Mark, out.Mask = m.Value, ^uint32(0)
		if m.Mask != nil {
			out.Mask = *m.Mask
		}
		if out.Mark == 0 && m.Mask == nil {
			out.Mask = 0 // the kernel takes a mark of 0 without a mask for none
		}
	}
	return out
}

// anywhere makes a prefix of no bits the same as none, as the kernel reads it.
func anywhere(p netip.Prefix) netip.Prefix {
	if !p.IsValid() || p.Bits() == 0 {
		return netip.Prefix{}
	}
	return p.Masked()
}

func limit(n *uint32) int64 {
	if n == nil || *n == 1<<32-1 {
		return NoLimit
	}
	return int64(*n)
}

// Kind is KindRule.
func (Rule) Kind() Kind { return KindRule }

// Key names the whole rule but for who added it.
func (r Rule) Key() string {
	family := "rule "
	if r.IPv6 {
		family = "rule6 "
	}
	if r.Table != 0 {
		r.TableName = ""
	}
	r.Protocol, r.Unknown = 0, nil
	return family + r.String()
}

// Equal compares what r sets. Protocol is not compared.
func (r Rule) Equal(o Object) bool {
	b, ok := unwrap(o).(Rule)
	return ok && r.Key() == b.Key() && len(b.Unknown) == 0
}

// String writes the rule as ip(8) shows it, with the family in front where it is IPv6.
func (r Rule) String() string {
	var b strings.Builder
	if r.IPv6 {
		b.WriteString("-6 ")
	}
	fmt.Fprintf(&b, "rule %d:", r.Preference)
	r.writeSelector(&b)
	switch {
	case r.L3MDev:
		b.WriteString(" lookup [l3mdev-table]")
	case r.Action == RuleTable && r.TableName != "":
		fmt.Fprintf(&b, " lookup %s", r.TableName)
	case r.Action == RuleTable && r.Table == tableMain:
		b.WriteString(" lookup main")
	case r.Action == RuleTable:
		fmt.Fprintf(&b, " lookup %d", r.Table)
	case r.Action == RuleGoto:
		fmt.Fprintf(&b, " goto %d", r.Goto)
	default:
		b.WriteString(" " + nameOf(uint8(r.Action), ruleActions[:]))
	}
	if r.SuppressLength != NoLimit {
		fmt.Fprintf(&b, " suppress_prefixlength %d", r.SuppressLength)
	}
	if r.SuppressGroup != NoLimit {
		fmt.Fprintf(&b, " suppress_ifgroup %d", r.SuppressGroup)
	}
	writeRealms(&b, r.Realms)
	writeProtocol(&b, r.Protocol)
	writeUnknown(&b, r.Unknown)
	return b.String()
}

// writeSelector writes which packets the rule is for.
func (r Rule) writeSelector(b *strings.Builder) {
	if r.Not {
		b.WriteString(" not")
	}
	from := "all"
	if r.From.IsValid() {
		from = r.From.String()
	}
	fmt.Fprintf(b, " from %s", from)
	if r.To.IsValid() {
		fmt.Fprintf(b, " to %s", r.To)
	}
	if r.TOS != 0 {
		fmt.Fprintf(b, " tos %#x", r.TOS)
	}
	switch {
	case r.Mask == ^uint32(0):
		fmt.Fprintf(b, " fwmark %#x", r.Mark)
	case r.Mark|r.Mask != 0:
		fmt.Fprintf(b, " fwmark %#x/%#x", r.Mark, r.Mask)
	}
	for _, f := range []struct{ word, value string }{{" iif ", r.InputInterface}, {" oif ", r.OutputInterface}} {
		if f.value != "" {
			b.WriteString(f.word + f.value)
		}
	}
	if r.TunnelID != 0 {
		fmt.Fprintf(b, " tun_id %d", r.TunnelID)
	}
	if r.UIDs != nil {
		fmt.Fprintf(b, " uidrange %d-%d", r.UIDs.Low, r.UIDs.High)
	}
	if r.IPProtocol != 0 {
		fmt.Fprintf(b, " ipproto %d", r.IPProtocol)
	}
	writePorts(b, " sport", r.SourcePorts)
	writePorts(b, " dport", r.DestinationPorts)
}

func writePorts(b *strings.Builder, word string, s plan.Span) {
	switch {
	case s == plan.Span{}:
	case s.Low == s.High:
		fmt.Fprintf(b, "%s %d", word, s.Low)
	default:
		fmt.Fprintf(b, "%s %d-%d", word, s.Low, s.High)
	}
}
