package compiler

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/source"
	"ka/lang/syntax"
)

// maxEngineName is the longest name of a persistence engine, in bytes.
const maxEngineName = 15

// persistence reads how long clients stay: 360 s where only the keyword, only a granularity, or no port
// is given.
func (v *virtual) persistence() {
	if text, _, ok := check.Value(v.body, kw.PersistenceTimeout); ok {
		v.out.Persistence = defaultPersistence
		if n, ok := schema.ParseUint(text); ok && n > 0 {
			v.out.Persistence = time.Duration(n) * time.Second
		}
	}
	for _, s := range check.FindAll(v.body, kw.PersistenceGranularity) {
		v.granularity(s)
	}
	v.engine()
	place, what, zero := v.zeroPort()
	if !zero || v.out.Persistence != 0 {
		return
	}
	v.out.Persistence = defaultPersistence
	v.report(diag.Diagnostic{
		Rule: "persistence-forced", Severity: diag.Warning, Span: place,
		Message: fmt.Sprintf("%s has no port, which needs persistence; keepalived sets %d s", what, defaultPersistence/time.Second),
		Help:    fmt.Sprintf("write a port, or \"%s N\" in the virtual server", kw.PersistenceTimeout),
	})
}

// zeroPort finds the address without a port: the virtual server's own, or one of its group.
func (v *virtual) zeroPort() (at source.Span, what string, found bool) {
	if v.members == nil {
		return v.from.Args[0].Span, "the virtual server", v.out.FirewallMark == 0 && v.out.Address.Port() == 0
	}
	for i, m := range v.members.Members {
		if m.FirewallMark == 0 && m.Port == 0 {
			what := fmt.Sprintf("%s of group %q", v.lvs.groups[v.members.Name].lines[i].Head.Text, v.members.Name)
			return v.from.Args[1].Span, what, true
		}
	}
	return source.Span{}, "", false
}

// granularity reads a netmask (IPv4) or a prefix length (IPv6). Where no family is settled, a dot says
// IPv4, and settles it.
func (v *virtual) granularity(s *syntax.Statement) {
	text := name(s)
	if !v.hasFamily {
		v.hasFamily, v.ipv6 = true, !strings.Contains(text, ".")
	}
	mask, ok := schema.ParseAddress(text)
	n, isNumber := schema.ParseUint(text)
	want := "a netmask such as 255.255.255.0"
	if v.ipv6 {
		want = "a prefix length from 1 to 128"
	}
	d := diag.Diagnostic{
		Rule: ruleInvalid, Severity: diag.Error, Span: s.Args[0].Span,
		Message: fmt.Sprintf("%q is not valid for %q: this virtual server takes %s", text, kw.PersistenceGranularity, want),
		Help:    "write " + want,
	}
	switch {
	case v.ipv6 && isNumber && n >= 1 && n <= 128:
		mask = netip.PrefixFrom(allOnes, int(n)).Masked().Addr()
	case !v.ipv6 && ok && mask.Is4():
	case !v.ipv6 && isNumber:
		// keepalived reads a lone number as an address: 24 is 0.0.0.24.
		mask = netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
		d.Severity = diag.Warning
		d.Message += fmt.Sprintf("; keepalived reads it as %s", mask)
		v.report(d)
	default:
		v.drop(s, d)
		return
	}
	if v.out.Persistence == 0 {
		v.out.Persistence = defaultPersistence
	}
	v.out.PersistenceNetmask = netip.Addr{}
	if mask != netip.AddrFrom4([4]byte{255, 255, 255, 255}) && mask != allOnes {
		v.out.PersistenceNetmask = mask
	}
}

var allOnes = netip.AddrFrom16([16]byte{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255})

// engine reads the persistence engine; keepalived cuts a name that is too long, which the check reports.
func (v *virtual) engine() {
	for _, s := range v.body {
		if s.Keyword != nil && s.Keyword.Name == kw.PersistenceEngine && len(s.Args) > 0 {
			text := name(s)
			v.out.PersistenceEngine = text[:min(len(text), maxEngineName)]
		}
	}
}
