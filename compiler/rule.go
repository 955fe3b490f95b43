package compiler

import (
	"fmt"
	"math"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// firstPreference is what keepalived gives the first rule without a preference, and then one less each,
// for each family.
const firstPreference = 16384

const ruleNoPreference = "rule-preference-missing"

// rules reads a list of rules (diagnostics D206 to D219).
func (c *compilation) rules(block *syntax.Statement) []plan.Rule {
	ctx := schema.At(block.Keyword.Inner())
	var all []plan.Rule
	for _, entry := range block.Children() {
		if entry.Dropped {
			c.leaveOut(entry, c.reason(entry))
			continue
		}
		r := &rule{line: line{compilation: c, what: "rule", entry: entry}}
		r.out.Origin = c.origin(entry)
		if r.read(check.Line(entry, ctx)) {
			c.need(plan.NeedInterface, r.out.InputInterface, r.out.Origin)
			c.need(plan.NeedInterface, r.out.OutputInterface, r.out.Origin)
			all = append(all, r.out)
		}
	}
	return all
}

// rule is one line of rules while it is read.
type rule struct {
	line
	out plan.Rule
	// action and tableOnly are the words that say what the rule does, and that only a table has.
	action, tableOnly *check.Token
	preference        *check.Token
	protocol          check.Token
	proto             uint32
}

// ruleWords are the options of a rule.
var ruleWords = map[string]func(*rule, check.Token){
	kw.Inet:                 func(r *rule, t check.Token) { r.ofFamily(t.Word, 4) },
	kw.Inet6:                func(r *rule, t check.Token) { r.ofFamily(t.Word, 6) },
	kw.From:                 func(r *rule, t check.Token) { r.out.From = r.prefix(t.Args[0]) },
	kw.To:                   func(r *rule, t check.Token) { r.out.To = r.prefix(t.Args[0]) },
	kw.Table:                (*rule).setTable,
	kw.Not:                  func(r *rule, _ check.Token) { r.out.Not = true },
	kw.Preference:           func(r *rule, t check.Token) { r.preference, r.out.Preference = &t, uint32(numberArg(t)) },
	kw.Tos:                  func(r *rule, t check.Token) { r.out.TOS = uint8(r.named(t)) },
	kw.Fwmark:               (*rule).setMark,
	kw.Realms:               (*rule).setRealms,
	kw.SuppressPrefixlength: func(r *rule, t check.Token) { r.out.SuppressPrefixLength, r.tableOnly = number32(numberArg(t)), &t },
	kw.SuppressIfgroup: func(r *rule, t check.Token) {
		r.out.SuppressInterfaceGroup, r.tableOnly = number32(uint64(r.named(t))), &t
	},
	kw.Dev:         func(r *rule, t check.Token) { r.out.InputInterface = t.Arg() },
	kw.Oif:         func(r *rule, t check.Token) { r.out.OutputInterface = t.Arg() },
	kw.TunnelID:    func(r *rule, t check.Token) { r.out.TunnelID = numberArg(t) },
	kw.Uidrange:    func(r *rule, t check.Token) { r.out.UIDs = span(t, math.MaxUint32) },
	kw.Protocol:    func(r *rule, t check.Token) { r.protocol, r.proto = t, uint32(numberArg(t)) },
	kw.Ipproto:     func(r *rule, t check.Token) { r.out.IPProtocol = t.Arg() },
	kw.Sport:       func(r *rule, t check.Token) { r.out.SourcePorts = span(t, math.MaxUint16) },
	kw.Dport:       func(r *rule, t check.Token) { r.out.DestinationPorts = span(t, math.MaxUint16) },
	kw.NoTrack:     func(r *rule, _ check.Token) { r.out.NoTrack = true },
	kw.TrackGroup:  func(r *rule, t check.Token) { r.setGroup(t) },
	kw.Goto:        (*rule).setGoto,
	kw.Type:        (*rule).setType,
	kw.L3mdev:      func(r *rule, t check.Token) { r.act(t, t.Word) },
	kw.Nop:         func(r *rule, t check.Token) { r.act(t, t.Word) },
	kw.Blackhole:   func(r *rule, t check.Token) { r.act(t, t.Word) },
	kw.Unreachable: func(r *rule, t check.Token) { r.act(t, t.Word) },
	kw.Prohibit:    func(r *rule, t check.Token) { r.act(t, t.Word) },
}

// read fills in the line. It reports false where keepalived drops it, or this release refuses it.
func (r *rule) read(tokens []check.Token) bool {
	for _, t := range tokens {
		if t.Keyword == nil || t.Problem != nil {
			continue // reported; keepalived ignores the word
		}
		if set := ruleWords[t.Keyword.Preferred()]; set != nil {
			set(r, t)
		}
		if r.dropped {
			return false
		}
		if r.ended {
			break
		}
	}
	r.settle()
	return !r.dropped
}

// settle decides what the whole line says.
func (r *rule) settle() {
	r.out.IPv6 = r.family == 6
	switch {
	case r.out.Action == kw.Goto && r.preference == nil:
		r.drop(r.action.Word, fmt.Sprintf("%q needs a preference of the rule's own", kw.Goto), fmt.Sprintf("write \"%s\" and a number below %d", kw.Preference, r.out.Goto))
	case r.out.Action == kw.Goto && r.out.Preference >= r.out.Goto:
		r.drop(r.action.Args[0], fmt.Sprintf("%q does not lead on: the rule itself has the preference %d", "goto "+r.action.Arg(), r.out.Preference), "write a number above the preference")
	case r.action == nil:
		r.drop(r.entry.Head, "the rule has no action", fmt.Sprintf("write %q and a routing table, or what else happens to the packet", kw.Table))
	case r.tableOnly != nil && r.out.Action != kw.Table && r.out.Action != kw.L3mdev:
		r.drop(r.tableOnly.Word, fmt.Sprintf("%q goes with a table only, not with %q", r.tableOnly.Word.Text, r.out.Action), "remove one of the two")
	}
	if r.dropped {
		return
	}
	r.out.Protocol = r.line.protocol(r.protocol.Word, r.proto, r.out.NoTrack)
	if r.group != nil {
		r.out.TrackGroup = r.trackGroup(*r.group, r.out.InputInterface)
	}
	if r.preference == nil {
		r.assign()
	}
}

// assign gives a rule the preference that keepalived gives it.
func (r *rule) assign() {
	given := &r.preferences[map[bool]int{false: 0, true: 1}[r.out.IPv6]]
	r.out.Preference = firstPreference - uint32(*given)
	*given++
	r.report(diag.Diagnostic{
		Rule: ruleNoPreference, Severity: diag.Warning, Span: r.entry.Span,
		Message: fmt.Sprintf("the rule has no preference; keepalived gives it %d, and the next one of its family one less", r.out.Preference),
		Help:    fmt.Sprintf("write \"%s %d\", or the number that you mean", kw.Preference, r.out.Preference),
	})
}

// act notes what the rule does; it can do one thing only.
func (r *rule) act(t check.Token, w syntax.Word) {
	if r.action != nil {
		r.drop(w, fmt.Sprintf("the rule does %q already", r.out.Action), "write one rule for each")
		return
	}
	r.action, r.out.Action = &t, t.Keyword.Preferred()
}

func (r *rule) setTable(t check.Token) {
	r.act(t, t.Word)
	r.out.Table, r.out.TableName = r.table(t.Arg(), r.out.Origin)
	if r.out.Table == 0 && r.out.TableName == "" {
		r.drop(t.Args[0], fmt.Sprintf("%q is no routing table", t.Arg()), "write a number from 1, or a name")
	}
}

func (r *rule) setGoto(t check.Token) {
	r.act(t, t.Word)
	r.out.Goto = uint32(numberArg(t))
}

// setType reads an action behind "type"; other types of routes are none.
func (r *rule) setType(t check.Token) {
	w := t.Args[0]
	switch w.Text {
	case kw.Nop, kw.Blackhole, kw.Unreachable, kw.Prohibit:
		r.act(t, w)
		r.out.Action = w.Text
	default:
		r.drop(w, fmt.Sprintf("%q is no action of a rule", w.Text), "write nop, blackhole, unreachable or prohibit")
	}
}

func (r *rule) setMark(t check.Token) {
	value, mask, masked, _ := schema.ParseMark(t.Arg())
	r.out.Mark = &plan.Mark{Value: value}
	if masked {
		r.out.Mark.Mask = &mask
	}
}

func (r *rule) setRealms(t check.Token) {
	if !r.ofFamily(t.Word, 4) {
		return
	}
	realms, ok := r.realms(t)
	r.out.Realms, r.tableOnly, r.dropped = realms, &t, !ok
}

// named reads the number or well-known name behind an option; another name is refused.
func (r *rule) named(t check.Token) uint32 {
	n, ok := r.byName(t.Keyword.Preferred(), t.Args[0], t.Arg())
	r.dropped = r.dropped || !ok
	return n
}

func number32(n uint64) *uint32 {
	v := uint32(n)
	return &v
}

func span(t check.Token, limit uint64) *plan.Span {
	low, high, _ := schema.ParseSpan(t.Arg(), limit)
	return &plan.Span{Low: uint32(low), High: uint32(high)}
}
