package compiler

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lang/source"
	"ka/lang/syntax"
)

// From these on keepalived logs that a delay is long.
const (
	longGARPInterval = time.Second
	longStartupDelay = time.Minute
)

// judgeGlobal reports the settings of global_defs that are valid and yet do not what they say.
func (c *compilation) judgeGlobal(body []*syntax.Statement) {
	c.firewallIgnored(body)
	c.longDelays(body)
	c.receivePolicy(body)
	if s := check.Find(body, kw.RandomSeed); s != nil {
		c.ignored(s.Head.Span, fmt.Sprintf("%q has no effect: keepalived reads it after it has chosen the seed", kw.RandomSeed), "remove it")
	}
	if s := check.Find(body, kw.VRRPMcastGroup6); s != nil {
		if a, err := netip.ParseAddr(name(s)); err == nil && !a.IsLinkLocalMulticast() {
			c.report(diag.Diagnostic{
				Rule: ruleMulticastGroup, Severity: diag.Warning, Span: s.Args[0].Span,
				Message: fmt.Sprintf("%q is no multicast address of the link; keepalived uses it all the same, and routers may carry the adverts to other links", name(s)),
				Help:    "write an address from ff02::/16",
			})
		}
	}
}

// ignored reports a setting that has no effect.
func (c *compilation) ignored(at source.Span, message, help string) {
	c.report(diag.Diagnostic{Rule: ruleSettingIgnored, Severity: diag.Warning, Span: at, Message: message, Help: help})
}

// firewallIgnored reports what keepalived leaves out of the firewall settings.
func (c *compilation) firewallIgnored(body []*syntax.Statement) {
	tables, sets := check.Find(body, kw.VRRPIptables), check.Find(body, kw.VRRPIpsets)
	switch {
	case tables != nil && check.Find(body, kw.Nftables) != nil:
		c.ignored(tables.Head.Span, fmt.Sprintf("%q has no effect beside %q", kw.VRRPIptables, kw.Nftables),
			fmt.Sprintf("remove %q or %q", kw.VRRPIptables, kw.Nftables))
	case tables != nil && iptables(tables, nil) == nil:
		c.ignored(tables.Span, "both chains have one name: keepalived sets no rules in either",
			"name a chain for incoming and another one for outgoing packets")
	case tables == nil && sets != nil:
		c.ignored(sets.Head.Span, fmt.Sprintf("%q has no effect without %q", kw.VRRPIpsets, kw.VRRPIptables),
			fmt.Sprintf("remove it, or write %q", kw.VRRPIptables))
	case sets != nil:
		if twice := repeatedName(setNames(check.Texts(sets.Args))); twice != "" {
			c.ignored(sets.Span, fmt.Sprintf("two sets have the name %q: keepalived uses none of the names", twice),
				"give each set a name of its own")
		}
	}
}

// repeatedName returns the first name that is there twice, "" where all differ.
func repeatedName(names []string) string {
	for i, n := range names {
		if slices.Contains(names[:i], n) {
			return n
		}
	}
	return ""
}

// longDelays reports delays that keepalived finds long.
func (c *compilation) longDelays(body []*syntax.Statement) {
	for _, word := range []struct {
		name    string
		long    time.Duration
		meaning string
	}{
		{kw.VRRPGARPInterval, longGARPInterval, "each gratuitous ARP message of an interface waits this long for the next"},
		{kw.VRRPGNAInterval, longGARPInterval, "each neighbour advertisement of an interface waits this long for the next"},
		{kw.VRRPStartupDelay, longStartupDelay, "nobody hears this node for so long after each start"},
		{kw.VRRPDelayAfterBoot, longStartupDelay, "nobody hears this node for so long after a boot"},
	} {
		s := check.Find(body, word.name)
		if s == nil || check.SecondsArg(body, word.name, 0) < word.long {
			continue
		}
		c.report(diag.Diagnostic{
			Rule: ruleDelayLong, Severity: diag.Info, Span: s.Span,
			Message: fmt.Sprintf("%q is long: %s", s.Head.Text, word.meaning),
			Help:    fmt.Sprintf("write less than %.0f, unless it is meant", word.long.Seconds()),
		})
	}
}
