package compiler

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// vipList is the advertised addresses while they are read.
type vipList struct{ seen map[netip.Addr]bool }

// virtualAddresses reads a block of advertised addresses. The first one may settle the family.
func (in *instance) virtualAddresses(block *syntax.Statement, list *vipList) {
	in.eachAddress(block, "", func(a plan.Address, entry *syntax.Statement) {
		addr := a.Prefix.Addr()
		switch {
		case !in.family.fits(addr, entry):
			in.wrongFamily(entry, fmt.Sprintf("move it to %q", kw.VirtualIpaddressExcluded))
		case list.seen[addr]:
			in.listedTwice(entry, entry.Head.Text)
		default:
			list.seen[addr] = true
			in.out.VIPs = append(in.out.VIPs, a)
			in.vipLines = append(in.vipLines, entry)
		}
	})
}

// addresses places the advertised addresses on their interfaces, moves those that are too many for an
// advert to the others, and reads the others and the routes.
func (in *instance) addresses() {
	kept := in.out.VIPs[:0]
	lines := in.vipLines[:0]
	for i, a := range in.out.VIPs {
		if in.place(&a, in.vipLines[i]) {
			kept, lines = append(kept, a), append(lines, in.vipLines[i])
		}
	}
	in.out.VIPs, in.vipLines = kept, lines
	if len(kept) == 0 {
		in.out.VIPs = nil
	}
	if n := len(in.out.VIPs); n > maxVIPs {
		in.warn("too-many-vips", diag.Warning, in.vipLines[maxVIPs].Head,
			fmt.Sprintf("an advert counts at most %d addresses; keepalived takes this one and the %d behind it as excluded: they are added, and not advertised", maxVIPs, n-maxVIPs-1),
			fmt.Sprintf("move them to %q, or to another instance", kw.VirtualIpaddressExcluded))
		in.out.Excluded = append(in.out.Excluded, in.out.VIPs[maxVIPs:]...)
		in.out.VIPs = in.out.VIPs[:maxVIPs:maxVIPs]
	}
	in.excluded()
	for _, block := range check.FindAll(in.body, kw.VirtualRoutes) {
		in.out.Routes = append(in.out.Routes, in.routes(block)...)
	}
	for _, block := range check.FindAll(in.body, kw.VirtualRules) {
		in.out.Rules = append(in.out.Rules, in.rules(block)...)
	}
}

// place gives an address without an interface that of the instance: its VMAC, if it is of the family of
// the adverts. It reports false where there is no interface; keepalived then drops the address.
func (in *instance) place(a *plan.Address, entry *syntax.Statement) bool {
	own := a.Interface == "" || a.Interface == in.out.Interface
	if a.Interface == "" {
		a.Interface = in.out.Interface
	}
	if a.Interface == "" && in.unreachable {
		return false // that the instance has no interface is reported
	}
	if a.Interface == "" {
		d := in.warn("missing-argument", diag.Error, entry.Head,
			fmt.Sprintf("%q has no interface, and neither has the instance; keepalived drops the address", entry.Head.Text),
			fmt.Sprintf("write \"%s eth0\" behind it", kw.Dev))
		in.leaveOut(entry, d.Message+" ["+d.Rule+"]")
		return false
	}
	l := &in.out.Link
	main := own && a.Prefix.Addr().Is6() == in.ipv6
	// An ipvlan has an address of its own, which adverts leave from; those of the instance are on its base.
	covered := main && l.VMAC != nil
	if a.UseVMAC && (covered || l.VMACForAddresses && !main) {
		in.settingIgnored(in.wordOf(entry, kw.UseVMAC), fmt.Sprintf("%q is there already by the instance; keepalived ignores the word", kw.UseVMAC), "remove it")
		a.UseVMAC = false
	}
	switch {
	case covered:
		a.Interface = l.VMAC.Name
	case l.VMACForAddresses && !main:
		a.UseVMAC = true
	}
	if a.UseVMAC {
		a.Interface = in.addressVMAC(a)
	}
	return true
}

// wordOf finds a word of a line.
func (in *instance) wordOf(entry *syntax.Statement, word string) syntax.Word {
	for _, w := range entry.Args {
		if w.Text == word {
			return w
		}
	}
	return entry.Head
}

// excluded reads the addresses that are not advertised; an address counts as listed already on its own
// interface only.
func (in *instance) excluded() {
	type key struct {
		addr  netip.Addr
		iface string
	}
	seen := map[key]bool{}
	for _, a := range append(in.out.VIPs[:len(in.out.VIPs):len(in.out.VIPs)], in.out.Excluded...) {
		seen[key{a.Prefix.Addr(), a.Interface}] = true
	}
	for _, block := range check.FindAll(in.body, kw.VirtualIpaddressExcluded) {
		in.eachAddress(block, "", func(a plan.Address, entry *syntax.Statement) {
			if !in.place(&a, entry) {
				return
			}
			k := key{a.Prefix.Addr(), a.Interface}
			if seen[k] {
				in.listedTwice(entry, entry.Head.Text)
				return
			}
			seen[k] = true
			in.out.Excluded = append(in.out.Excluded, a)
		})
	}
}

func (in *instance) wrongFamily(entry *syntax.Statement, help string) {
	d := in.warn(ruleFamilyMix, diag.Error, entry.Head,
		fmt.Sprintf("%q is of another family than the first address; keepalived drops it", entry.Head.Text), help)
	in.leaveOut(entry, d.Message+" ["+d.Rule+"]")
}

// addresses reads a list of addresses that belongs to no instance.
func (c *compilation) addresses(block *syntax.Statement, iface string) []plan.Address {
	var all []plan.Address
	c.eachAddress(block, iface, func(a plan.Address, _ *syntax.Statement) { all = append(all, a) })
	return all
}

// eachAddress hands every address of a list to use, with the interface it is for.
func (c *compilation) eachAddress(block *syntax.Statement, iface string, use func(plan.Address, *syntax.Statement)) {
	ctx := schema.At(block.Keyword.Inner())
	for _, entry := range block.Children() {
		if entry.Dropped {
			c.leaveOut(entry, c.reason(entry))
			continue
		}
		a := plan.Address{Origin: c.origin(entry), Interface: iface}
		tokens := check.Line(entry, ctx)
		if c.badAddress(entry, tokens) || !c.address(&a, tokens) {
			continue
		}
		c.need(plan.NeedInterface, a.Interface, a.Origin)
		use(a, entry)
	}
}

// badAddress reports what costs the whole line: a second interface, and a broadcast address in IPv6.
func (c *compilation) badAddress(entry *syntax.Statement, tokens []check.Token) bool {
	a, _ := schema.ParseAddressLen(entry.Head.Text)
	devs := 0
	for _, t := range tokens {
		message, help := "", ""
		switch {
		case t.Is(kw.Dev):
			if devs++; devs > 1 {
				message, help = fmt.Sprintf("a second %q; keepalived drops the address", kw.Dev), "write one interface"
			}
		case t.Is(kw.Broadcast) && a.Addr().Is6():
			message, help = fmt.Sprintf("%q is for IPv4 addresses; keepalived drops the address", t.Word.Text), "remove it"
		}
		if message != "" {
			c.lineWord(t.Word, message, help)
			c.leaveOut(entry, message+" ["+ruleInvalid+"]")
			return true
		}
	}
	return false
}

// untilSecondGroup cuts a line at its second track_group: keepalived does not read what follows (reference
// diagnostics D170).
func (c *compilation) untilSecondGroup(tokens []check.Token) []check.Token {
	seen := false
	for i, t := range tokens {
		if !t.Is(kw.TrackGroup) {
			continue
		}
		if seen {
			c.lineWord(t.Word, fmt.Sprintf("%q is given twice; keepalived reads neither it nor what follows", kw.TrackGroup), "name one group")
			return tokens[:i]
		}
		seen = true
	}
	return tokens
}

// address fills in one line. It reports false where the line cannot be compiled.
func (c *compilation) address(a *plan.Address, tokens []check.Token) bool {
	var broadcast, peer *check.Token
	tokens = c.untilSecondGroup(tokens)
	for i := range tokens {
		t := &tokens[i]
		switch {
		case t.Keyword == nil:
		case i == 0:
			// A wrong length gives the full one.
			a.Prefix, _ = schema.ParseAddressLen(t.Word.Text)
		case !t.Keyword.Compiled:
			c.notCompiled(t.Word, fmt.Sprintf("%q on a line of addresses", t.Word.Text))
			return false
		case t.Problem != nil:
		case t.Is(kw.Dev):
			a.Interface = t.Arg()
		case t.Is(kw.Label):
			a.Label = t.Arg()
		case t.Is(kw.Broadcast):
			broadcast = t
		case t.Is(kw.Peer) && peer == nil:
			peer = t
		case t.Is(kw.Peer):
			c.lineWord(t.Word, fmt.Sprintf("a second %q; keepalived ignores it", kw.Peer), "remove it")
		case t.Is(kw.Scope):
			n, ok := scopeNumber(t.Arg())
			if !ok {
				c.notCompiled(t.Args[0], fmt.Sprintf("a scope of the name %q", t.Arg()))
				return false
			}
			a.Scope = n
			c.onlyIPv4(a, t)
		case t.Is(kw.TrackGroup):
			a.TrackGroup = c.definedTrackGroup(*t, nil)
		case t.Is(kw.PreferredLft):
			a.PreferredLifetime = lifetime(t.Arg())
		default:
			addressFlag(a, t)
		}
		if t.Is(kw.Label) && t.Problem == nil {
			c.onlyIPv4(a, t)
		}
	}
	c.farEnd(a, peer, broadcast)
	if a.Prefix.Addr().Is6() {
		a.Scope, a.Label = 0, ""
	}
	return a.Prefix.IsValid()
}

// addressFlag reads a word that stands for itself.
func addressFlag(a *plan.Address, t *check.Token) {
	for _, flag := range []struct {
		keyword string
		to      *bool
	}{
		{kw.Nodad, &a.DAD}, {kw.Home, &a.Home}, {kw.Mngtmpaddr, &a.TemporaryBase}, {kw.Noprefixroute, &a.NoPrefixRoute},
		{kw.Autojoin, &a.Autojoin}, {kw.NoTrack, &a.NoTrack}, {kw.UseVMAC, &a.UseVMAC},
	} {
		if t.Is(flag.keyword) {
			*flag.to = true
		}
	}
}

// lifetime reads the argument of preferred_lft.
func lifetime(word string) *uint32 {
	n := uint64(plan.LifetimeForever)
	if v, ok := schema.ParseUint(word); ok {
		n = min(v, n)
	}
	seconds := uint32(n)
	return &seconds
}

// lineWord reports a word of a line that keepalived ignores.
func (c *compilation) lineWord(w syntax.Word, message, help string) {
	c.report(diag.Diagnostic{Rule: ruleInvalid, Severity: diag.Error, Span: w.Span, Message: message, Help: help})
}

// onlyIPv4 reports a word that keepalived ignores on the line of an IPv6 address.
func (c *compilation) onlyIPv4(a *plan.Address, t *check.Token) {
	if a.Prefix.Addr().Is6() {
		c.lineWord(t.Word, fmt.Sprintf("%q is for IPv4 addresses; keepalived ignores it on the line of %s", t.Word.Text, a.Prefix.Addr()), "remove it")
	}
}

// farEnd reads peer and broadcast, which exclude each other. A peer makes the prefix a full one.
func (c *compilation) farEnd(a *plan.Address, peer, broadcast *check.Token) {
	addr := a.Prefix.Addr()
	if peer != nil {
		p, ok := schema.ParseAddress(schema.CutAddress(peer.Arg()))
		switch {
		case !ok:
			peer = nil
		case p.Is6() != addr.Is6():
			c.lineWord(peer.Args[0], fmt.Sprintf("%q is of another family than %s; keepalived ignores it", peer.Arg(), addr), "write a peer of the same family")
			peer = nil
		default:
			if a.Prefix.Bits() != addr.BitLen() {
				c.lineWord(peer.Word, fmt.Sprintf("%q does not go with a prefix length; keepalived takes %s/%d", kw.Peer, addr, addr.BitLen()), "remove the length")
			}
			a.Peer, a.Prefix = p, netip.PrefixFrom(addr, addr.BitLen())
		}
	}
	if broadcast == nil || addr.Is6() {
		return // on the line of an IPv6 address it costs the address (wrongBroadcast)
	}
	if peer != nil {
		c.lineWord(broadcast.Word, fmt.Sprintf("%q does not go with %q; keepalived ignores it", broadcast.Word.Text, kw.Peer), "remove one of the two")
		return
	}
	a.Broadcast = broadcastOf(a.Prefix, broadcast.Arg())
	if word := broadcast.Arg(); !a.Broadcast.IsValid() && (word == "+" || word == "-") {
		c.lineWord(broadcast.Args[0], fmt.Sprintf("a prefix of %d bits has no broadcast address; keepalived sets none", a.Prefix.Bits()), "remove the word, or write a shorter prefix")
	}
}

// broadcastOf works out + and -; a prefix longer than 30 has no broadcast address.
func broadcastOf(p netip.Prefix, word string) netip.Addr {
	const longest = 30
	if word != "+" && word != "-" {
		a, _ := schema.ParseAddress(word)
		return a
	}
	if p.Bits() > longest {
		return netip.Addr{}
	}
	b := p.Masked().Addr().As4()
	if word == "+" {
		n := binary.BigEndian.Uint32(b[:]) | (1<<(32-p.Bits()) - 1)
		binary.BigEndian.PutUint32(b[:], n)
	}
	return netip.AddrFrom4(b)
}

// scopeNumber reads a scope: the names that every system has, or a number.
func scopeNumber(word string) (uint8, bool) {
	switch word {
	case "global":
		return 0, true
	case "site":
		return 200, true
	case "link":
		return 253, true
	case "host":
		return 254, true
	case "nowhere":
		return 255, true
	}
	n, err := strconv.ParseUint(word, 0, 8)
	return uint8(n), err == nil
}
