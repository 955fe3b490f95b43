package compiler

import (
	"fmt"
	"net/netip"

	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// line is a route or a rule while it is read. keepalived takes the family from the first address, or from
// a word that only one family has, and drops a line that goes on with the other.
type line struct {
	*compilation
	// what is "route" or "rule", for messages.
	what  string
	entry *syntax.Statement
	// family is 4, 6, or 0 while nothing has said it.
	family int
	// dropped says that keepalived drops the line; that is reported.
	dropped bool
	// group is the track_group of a static line, ended says that keepalived does not read the rest.
	group *check.Token
	ended bool
}

// drop reports why keepalived drops the line.
func (l *line) drop(w syntax.Word, message, help string) {
	if l.dropped {
		return
	}
	l.dropped = true
	d := diag.Diagnostic{
		Rule: ruleInvalid, Severity: diag.Error, Span: w.Span,
		Message: fmt.Sprintf("%s; keepalived drops the %s", message, l.what), Help: help,
	}
	l.report(d)
	l.leaveOut(l.entry, d.Message+" ["+d.Rule+"]")
}

// ignore reports a word that keepalived reads and does not act on.
func (l *line) ignore(w syntax.Word, message, help string) {
	d := diag.Diagnostic{
		Rule: ruleInvalid, Severity: diag.Error, Span: w.Span,
		Message: fmt.Sprintf("%s; keepalived ignores it and keeps the %s", message, l.what), Help: help,
	}
	l.report(d)
	l.leaveOut(l.entry, d.Message+" ["+d.Rule+"]")
}

// ofFamily notes that a word belongs to a family, and drops the line where it is of the other one so far.
func (l *line) ofFamily(w syntax.Word, family int) bool {
	switch l.family {
	case 0:
		l.family = family
	case family:
	default:
		l.drop(w, fmt.Sprintf("%q is for IPv%d, the line is for IPv%d so far", w.Text, family, l.family),
			"write words of one family on a line")
		return false
	}
	return true
}

func familyOf(a netip.Addr) int {
	if a.Is4() {
		return 4
	}
	return 6
}

// address reads the last argument of an option: a family may stand before it.
func (l *line) address(t check.Token) netip.Addr {
	if len(t.Args) == 0 {
		return netip.Addr{}
	}
	w := t.Args[len(t.Args)-1]
	a, ok := schema.ParseAddress(w.Text)
	if !ok || !l.ofFamily(w, familyOf(a)) {
		return netip.Addr{}
	}
	return a
}

// prefix reads an address with or without a length, or a word for everything of the family so far.
func (l *line) prefix(w syntax.Word) netip.Prefix {
	if schema.IsEverywhere(w.Text) {
		return netip.Prefix{}
	}
	p, _ := schema.ParseAddressLen(w.Text)
	if p.IsValid() && l.ofFamily(w, familyOf(p.Addr())) {
		return p
	}
	return netip.Prefix{}
}

// protocol reads who adds the line; without no_track keepalived marks all with its own number.
func (l *line) protocol(w syntax.Word, given uint32, noTrack bool) uint8 {
	if w.Text == "" || given == protocolKeepalived {
		return 0
	}
	if !noTrack {
		l.report(diag.Diagnostic{
			Rule: ruleInvalid, Severity: diag.Error, Span: w.Span,
			Message: fmt.Sprintf("a %s that is tracked has protocol %d; keepalived uses it in place of %d", l.what, protocolKeepalived, given),
			Help:    "add \"no_track\", or leave the protocol out",
		})
		return 0
	}
	return uint8(given)
}

// protocolKeepalived is the kernel's number for what keepalived adds.
const protocolKeepalived = 18

// setGroup notes the track_group of a static line. Behind a second one keepalived reads nothing
// (reference diagnostics D170).
func (l *line) setGroup(t check.Token) {
	if l.group == nil {
		l.group = &t
		return
	}
	l.ended = true
	l.ignore(t.Word, fmt.Sprintf("%q is given twice, what follows is not read", kw.TrackGroup), "name one group")
}

// trackGroup reads the group whose instances watch the interface of a static line.
func (l *line) trackGroup(t check.Token, iface string) string {
	if iface == "" {
		l.ignore(t.Word, fmt.Sprintf("%q needs an interface on the line", t.Word.Text), "write \"dev\" and the interface")
		return ""
	}
	return l.definedTrackGroup(t, l.entry)
}
