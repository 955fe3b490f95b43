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

const ruleFamilyMix = "family-mix"

// addresses reads the virtual addresses of an instance. The first one fixes the family of the adverts.
func (in *instance) addresses() {
	first := true
	advertised := map[netip.Addr]bool{}
	for _, block := range check.FindAll(in.body, kw.VirtualIpaddress) {
		in.eachAddress(block, in.out.Interface, func(a plan.Address, entry *syntax.Statement) {
			addr := a.Prefix.Addr()
			if first {
				in.ipv6, first = addr.Is6(), false
			}
			switch {
			case addr.Is6() != in.ipv6:
				in.wrongFamily(entry)
			case advertised[addr]:
				in.listedTwice(entry, entry.Head.Text)
			default:
				advertised[addr] = true
				in.out.VIPs = append(in.out.VIPs, a)
			}
		})
	}
	if len(in.out.VIPs) > maxVIPs {
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
		in.eachAddress(block, in.out.Interface, func(a plan.Address, entry *syntax.Statement) {
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

func (in *instance) wrongFamily(entry *syntax.Statement) {
	d := diag.Diagnostic{
		Rule: ruleFamilyMix, Severity: diag.Error, Span: entry.Head.Span, Subject: in.subject(),
		Message: fmt.Sprintf("%q is of another family than the first address; keepalived drops it", entry.Head.Text),
		Help:    fmt.Sprintf("move it to %q", kw.VirtualIpaddressExcluded),
	}
	in.report(d)
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
		if !c.address(&a, check.Line(entry, ctx)) {
			continue
		}
		c.need(plan.NeedInterface, a.Interface, a.Origin)
		use(a, entry)
	}
}

// address fills in one line. It reports false where the line cannot be compiled.
func (c *compilation) address(a *plan.Address, tokens []check.Token) bool {
	var broadcast string
	for i, t := range tokens {
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
			broadcast = t.Arg()
		case t.Is(kw.Scope):
			n, ok := scopeNumber(t.Arg())
			if !ok {
				c.notCompiled(t.Args[0], fmt.Sprintf("a scope of the name %q", t.Arg()))
				return false
			}
			a.Scope = n
		}
	}
	if a.Prefix.Addr().Is6() {
		a.Scope, a.Label = 0, ""
	} else {
		a.Broadcast = broadcastOf(a.Prefix, broadcast)
	}
	return a.Prefix.IsValid()
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
		n := binary.BigEndian.Uint32(b[:]) | 1<<(32-p.Bits()) - 1
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
