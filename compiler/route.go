package compiler

import (
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

// mainTable is the kernel's number of the main routing table.
const mainTable = 254

// routes reads a list of routes.
func (c *compilation) routes(block *syntax.Statement) []plan.Route {
	ctx := schema.At(block.Keyword.Inner())
	var all []plan.Route
	for _, entry := range block.Children() {
		if entry.Dropped {
			c.leaveOut(entry, c.reason(entry))
			continue
		}
		r := plan.Route{Origin: c.origin(entry), Table: mainTable}
		if !c.route(&r, entry, check.Line(entry, ctx)) {
			continue
		}
		c.need(plan.NeedInterface, r.Interface, r.Origin)
		all = append(all, r)
	}
	return all
}

// route fills in one line. It reports false where the line cannot be compiled.
func (c *compilation) route(r *plan.Route, entry *syntax.Statement, tokens []check.Token) bool {
	destination := ""
	for _, t := range tokens {
		switch {
		case t.Keyword == nil || t.Problem != nil:
		case !t.Keyword.Compiled:
			c.notCompiled(t.Word, fmt.Sprintf("%q on a line of routes", t.Word.Text))
			return false
		case t.Is("<prefix>"):
			destination = t.Word.Text
		case t.Is(kw.To):
			destination = t.Arg()
		case t.Is(kw.Via):
			r.Gateway = lastAddress(t)
		case t.Is(kw.Src):
			r.Source = lastAddress(t)
		case t.Is(kw.Dev):
			r.Interface = t.Arg()
		case !c.routeNumber(r, t):
			return false
		}
	}
	var ok bool
	if r.Destination, ok = routeDestination(destination, r); !ok {
		c.badRoute(entry)
	}
	return ok
}

// routeNumber reads metric, table and scope.
func (c *compilation) routeNumber(r *plan.Route, t check.Token) bool {
	ok := true
	switch {
	case t.Is(kw.Metric):
		n, _ := schema.ParseUint(t.Arg())
		r.Metric = uint32(n)
	case t.Is(kw.Table):
		r.Table, ok = tableNumber(t.Arg())
	case t.Is(kw.Scope):
		r.Scope, ok = scopeNumber(t.Arg())
	}
	if !ok {
		c.notCompiled(t.Word, fmt.Sprintf("%q by the name %q", t.Word.Text, t.Arg()))
	}
	return ok
}

// tableNumber reads a routing table: the names that every system has, or a number.
func tableNumber(word string) (uint32, bool) {
	switch word {
	case "main":
		return mainTable, true
	case "default":
		return 253, true
	case "local":
		return 255, true
	}
	n, err := strconv.ParseUint(word, 0, 32)
	return uint32(n), err == nil && n > 0
}

// routeDestination reads the destination; the default route is of the family of its addresses.
func routeDestination(word string, r *plan.Route) (netip.Prefix, bool) {
	ipv6 := r.Gateway.Is6() || r.Source.Is6()
	switch word {
	case "":
		return netip.Prefix{}, false
	case "default", "any", "all":
		if ipv6 {
			return netip.PrefixFrom(netip.IPv6Unspecified(), 0), true
		}
		return netip.PrefixFrom(netip.IPv4Unspecified(), 0), true
	}
	p, ok := schema.ParseAddressLen(word)
	if !ok {
		return netip.Prefix{}, false
	}
	for _, a := range []netip.Addr{r.Gateway, r.Source} {
		if a.IsValid() && a.Is6() != p.Addr().Is6() {
			return netip.Prefix{}, false
		}
	}
	return p.Masked(), true
}

// lastAddress is the address among the words of an option: a family may stand before it.
func lastAddress(t check.Token) netip.Addr {
	if len(t.Args) == 0 {
		return netip.Addr{}
	}
	a, _ := schema.ParseAddress(t.Args[len(t.Args)-1].Text)
	return a
}

// badRoute reports a line without a destination, or with addresses of both families.
func (c *compilation) badRoute(entry *syntax.Statement) {
	d := diag.Diagnostic{
		Rule: "invalid-value", Severity: diag.Error, Span: entry.Span,
		Message: "the route has no destination, or addresses of both families; keepalived drops it",
		Help:    "write a prefix or \"default\", and addresses of its family",
	}
	c.report(d)
	c.leaveOut(entry, d.Message+" ["+d.Rule+"]")
}
