package compiler

import (
	"fmt"
	"net/netip"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

const (
	ruleFamilyMix = "family-mix"
)

// family is the address family of an instance's adverts: the first address of the text settles it.
type family struct {
	settled, ipv6 bool
	// by is the statement or the line that settled it.
	by *syntax.Statement
}

// fits settles the family with the first address, and says whether a later one is of it.
func (f *family) fits(a netip.Addr, from *syntax.Statement) bool {
	if !f.settled {
		*f = family{settled: true, ipv6: a.Is6(), by: from}
	}
	return f.ipv6 == a.Is6()
}

// inOrder reads what settles the family and the version, in the order of the text, because each such
// line is judged by those before it.
func (in *instance) inOrder() {
	vips := vipList{seen: map[netip.Addr]bool{}}
	for _, s := range in.body {
		if s.Dropped || s.Keyword == nil {
			continue
		}
		switch s.Keyword.Name {
		case kw.NativeIpv6:
			in.nativeIPv6(s)
		case kw.Version:
			in.readVersion(s)
		case kw.McastSrcIP, kw.UnicastSrcIP:
			if a, ok := in.sameFamily(s); ok {
				in.out.Source, in.sourceFrom = a, s
			}
			in.unicastBy(s)
		case kw.McastDstIP:
			in.destination(s)
		case kw.UnicastFaultNoPeer:
			in.unicastBy(s)
		case kw.UnicastPeer:
			in.unicastBy(s)
			in.peers(s)
		case kw.UseIpvlan:
			in.useIPVLAN(s)
		case kw.VirtualIpaddress:
			in.virtualAddresses(s, &vips)
		}
	}
	in.ipv6 = in.family.ipv6
	in.settleVersion()
	in.out.Group = in.globals.group4
	if in.ipv6 {
		in.out.Group = in.globals.group6
	}
	if in.group.IsValid() {
		in.out.Group = in.group
	}
}

// unicastBy notes the first keyword that makes the instance a unicast one.
func (in *instance) unicastBy(s *syntax.Statement) {
	if in.unicastFrom == nil && s.Keyword.Name != kw.McastSrcIP {
		in.unicastFrom = s
	}
}

// nativeIPv6 sets family and version, silently, unless an IPv4 address came first.
func (in *instance) nativeIPv6(s *syntax.Statement) {
	if in.family.settled && !in.family.ipv6 {
		// The old word is a finding already; this one takes its place.
		d := in.warn("deprecated-keyword", diag.Error, s.Head,
			fmt.Sprintf("%q comes after an IPv4 address; keepalived ignores it", kw.NativeIpv6),
			"remove it: the family follows from the addresses")
		in.familyNote(d)
		in.leaveOut(s, d.Message+" ["+d.Rule+"]")
		return
	}
	in.family.settled, in.family.ipv6 = true, true
	if in.family.by == nil {
		in.family.by = s
	}
	in.versionSet = 3
}

// familyNote points at what settled the family.
func (in *instance) familyNote(d *diag.Diagnostic) {
	if by := in.family.by; by != nil {
		d.Related = append(d.Related, diag.Note{Message: "the family is settled here", Span: by.Span})
	}
}

// sameFamily reads the address of a statement that keepalived ignores unless it is of the family of the
// adverts.
func (in *instance) sameFamily(s *syntax.Statement) (netip.Addr, bool) {
	w, _ := s.Arg(0)
	a, ok := schema.ParseAddress(schema.CutAddress(w.Text))
	if !ok {
		return a, false
	}
	if !in.family.fits(a, s) {
		d := in.warn(ruleFamilyMix, diag.Error, w,
			fmt.Sprintf("%q of %q is of another family than the first address; keepalived ignores it", w.Text, s.Head.Text),
			"write an address of the same family")
		in.familyNote(d)
		in.leaveOut(s, d.Message+" ["+d.Rule+"]")
		return a, false
	}
	return a, true
}

// destination reads the multicast group; in IPv6 it must be of the link.
func (in *instance) destination(s *syntax.Statement) {
	a, ok := in.sameFamily(s)
	if !ok {
		return
	}
	if a.Is6() && !a.IsLinkLocalMulticast() {
		d := in.warn(ruleMulticastGroup, diag.Error, s.Args[0],
			fmt.Sprintf("%q is no multicast address of the link; keepalived ignores it and sends to %s", s.Args[0].Text, in.globals.group6),
			"write an address from ff02::/16")
		in.leaveOut(s, d.Message+" ["+d.Rule+"]")
		return
	}
	in.group, in.groupFrom = a, s
}

// readVersion takes the first version; another one behind it is refused, and 2 behind an IPv6 address.
func (in *instance) readVersion(s *syntax.Statement) {
	w, _ := s.Arg(0)
	n, ok := schema.ParseUint(w.Text)
	if !ok {
		return
	}
	message, help := "", ""
	switch {
	case in.versionSet != 0 && in.versionSet != int(n):
		message = fmt.Sprintf("%q comes after version %d was set; keepalived ignores it", kw.Version+" "+w.Text, in.versionSet)
		help = "remove one of the two"
	case n == 2 && in.family.settled && in.family.ipv6:
		message = fmt.Sprintf("%q comes after an IPv6 address; keepalived ignores it and speaks version 3", kw.Version+" "+w.Text)
		help = fmt.Sprintf("remove it, or write it above %q", kw.VirtualIpaddress)
	default:
		in.versionSet, in.versionFrom = int(n), s
		return
	}
	d := in.warn(ruleInvalid, diag.Error, w, message, help)
	in.leaveOut(s, d.Message+" ["+d.Rule+"]")
}

// settleVersion settles the VRRP version: IPv6 means 3, unless 2 was asked for before the first IPv6
// address.
func (in *instance) settleVersion() {
	in.out.Version = in.globals.version
	if in.ipv6 {
		in.out.Version = 3
	}
	if in.versionSet != 0 {
		in.out.Version = in.versionSet
	}
	if in.ipv6 && in.out.Version == 2 && in.out.Deviations.Strict {
		in.strictChanges(in.versionFrom.Args[0], "strict mode has version 3 for IPv6 and no other; keepalived speaks version 3", "write \"version 3\", or leave strict mode")
		in.out.Version = 3
	}
}

// peers reads a block of unicast peers.
func (in *instance) peers(block *syntax.Statement) {
	ctx := schema.At(block.Keyword.Inner())
	for _, entry := range block.Children() {
		if entry.Dropped {
			in.leaveOut(entry, in.reason(entry))
			continue
		}
		a, ok := schema.ParseAddress(schema.CutAddress(entry.Head.Text))
		switch {
		case !ok:
		case !in.family.fits(a, entry):
			in.wrongFamily(entry, "write an address of the same family")
		case in.peerOf(a) != nil:
			in.listedTwice(entry, entry.Head.Text)
		default:
			in.addPeer(a, entry, check.Line(entry, ctx))
		}
	}
}

func (in *instance) peerOf(a netip.Addr) *plan.Peer {
	for i := range in.unicast.Peers {
		if in.unicast.Peers[i].Address == a {
			return &in.unicast.Peers[i]
		}
	}
	return nil
}

// addPeer reads the options of a peer. Bounds of the TTL switch the check of the source on.
func (in *instance) addPeer(a netip.Addr, entry *syntax.Statement, tokens []check.Token) {
	p := plan.Peer{Origin: in.origin(entry), Address: a, MaxTTL: 255}
	var low *check.Token
	for i, t := range tokens {
		if t.Keyword == nil || t.Problem != nil {
			break // keepalived reads the line no further
		}
		n, _ := schema.ParseUint(t.Arg())
		switch {
		case t.Is(kw.MinTTL):
			p.MinTTL, low = uint8(n), &tokens[i]
		case t.Is(kw.MaxTTL):
			p.MaxTTL = uint8(n)
			if low == nil {
				low = &tokens[i]
			}
		}
	}
	if low != nil {
		in.unicast.CheckSource = true
	}
	if p.MinTTL > p.MaxTTL {
		in.warn(ruleInvalid, diag.Error, low.Word,
			fmt.Sprintf("%s %d is above %s %d: every advert of %s is dropped", kw.MinTTL, p.MinTTL, kw.MaxTTL, p.MaxTTL, a),
			"write the smaller number first")
	}
	in.unicast.Peers = append(in.unicast.Peers, p)
}
