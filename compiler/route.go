package compiler

import (
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// routes reads a list of routes (diagnostics D186 to D205).
func (c *compilation) routes(block *syntax.Statement) []plan.Route {
	ctx := schema.At(block.Keyword.Inner())
	var all []plan.Route
	for _, entry := range block.Children() {
		if entry.Dropped {
			c.leaveOut(entry, c.reason(entry))
			continue
		}
		r := &route{line: line{compilation: c, what: "route", entry: entry}}
		r.out = plan.Route{Origin: c.origin(entry), Table: mainTable}
		if r.read(check.Line(entry, ctx)) {
			r.needs()
			all = append(all, r.out)
		}
	}
	return all
}

// route is one line of routes while it is read.
type route struct {
	line
	out         plan.Route
	destination syntax.Word
	// after is the type in front of the destination, when the last word was one.
	after    *check.Token
	protocol check.Token
	proto    uint32
	or       bool
}

// routeWords are the options of a route; a word without an entry has nothing to say here.
var routeWords = map[string]func(*route, check.Token){
	"<prefix>": func(r *route, t check.Token) { r.setDestination(t.Word) },
	"<type>":   (*route).setType,
	kw.To:      func(r *route, t check.Token) { r.setDestination(t.Args[len(t.Args)-1]) },
	kw.Inet:    func(r *route, t check.Token) { r.ofFamily(t.Word, 4) },
	kw.Inet6:   func(r *route, t check.Token) { r.ofFamily(t.Word, 6) },
	kw.Via:     func(r *route, t check.Token) { r.out.Gateway = r.address(t) },
	kw.Src:     func(r *route, t check.Token) { r.out.Source = r.address(t) },
	kw.From:    (*route).setFrom,
	kw.As: func(r *route, t check.Token) {
		r.ignore(t.Word, fmt.Sprintf("%q is for MPLS only", t.Word.Text), "remove it")
	},
	kw.Dev:          func(r *route, t check.Token) { r.out.Interface = t.Arg() },
	kw.Tos:          func(r *route, t check.Token) { r.out.TOS = uint8(r.named(t)) },
	kw.Table:        func(r *route, t check.Token) { r.setTable(t) },
	kw.Protocol:     func(r *route, t check.Token) { r.protocol, r.proto = t, r.named(t) },
	kw.Scope:        (*route).setScope,
	kw.Metric:       func(r *route, t check.Token) { r.out.Metric = uint32(numberArg(t)) },
	kw.Onlink:       func(r *route, _ check.Token) { r.out.OnLink = true },
	kw.Encap:        func(r *route, t check.Token) { r.out.Encap = r.encap(t) },
	kw.Expires:      func(r *route, t check.Token) { r.setExpires(t) },
	kw.Realms:       (*route).setRealms,
	kw.Pref:         (*route).setPreference,
	kw.TTLPropagate: func(r *route, t check.Token) { r.out.TTLPropagate = t.Arg() },
	kw.Add:          func(r *route, t check.Token) { r.out.Add = t.Word.Text },
	kw.Append:       func(r *route, t check.Token) { r.out.Add = t.Word.Text },
	kw.Prepend:      func(r *route, _ check.Token) { r.out.Add = "" },
	kw.Or:           (*route).setOr,
	kw.Nexthop:      (*route).nextHops,
	kw.NoTrack:      func(r *route, _ check.Token) { r.out.NoTrack = true },
	kw.TrackGroup:   func(r *route, t check.Token) { r.setGroup(t) },
	kw.VRF:          func(r *route, t check.Token) { r.out.VRF, r.out.Table = t.Arg(), 0 },
}

// read fills in the line. It reports false where keepalived drops it, or this release refuses it.
func (r *route) read(tokens []check.Token) bool {
	for _, t := range tokens {
		if t.Keyword == nil || t.Problem != nil && t.Keyword.Name != "<prefix>" {
			continue // reported; keepalived ignores the word
		}
		if r.after != nil && t.Keyword.Name != "<prefix>" {
			r.typeAlone(*r.after)
		}
		r.after = nil
		name := t.Keyword.Name
		if name != kw.Or {
			name = t.Keyword.Preferred()
		}
		if m, ok := metricWords[name]; ok {
			r.metric(t, m)
		} else if set := routeWords[name]; set != nil {
			set(r, t)
		}
		if r.dropped {
			return false
		}
		if r.ended {
			break
		}
	}
	return r.settle()
}

// settle decides what the whole line says.
func (r *route) settle() bool {
	if r.after != nil {
		r.typeAlone(*r.after)
		return false
	}
	if r.destination.Text == "" {
		r.drop(r.entry.Head, "the route has no destination", "write a prefix or \"default\"")
		return false
	}
	if schema.IsEverywhere(r.destination.Text) {
		r.out.Destination = netip.PrefixFrom(netip.IPv4Unspecified(), 0)
		if r.family == 6 {
			r.out.Destination = netip.PrefixFrom(netip.IPv6Unspecified(), 0)
		}
	}
	r.out.Protocol = r.line.protocol(r.protocol.Word, r.proto, r.out.NoTrack)
	if r.group != nil {
		r.out.TrackGroup = r.trackGroup(*r.group, r.out.Interface)
	}
	return !r.dropped
}

func (r *route) setDestination(w syntax.Word) {
	r.destination = w
	if w.Text == "default6" {
		r.ofFamily(w, 6)
		return
	}
	if schema.IsEverywhere(w.Text) {
		if r.family == 6 {
			r.drop(w, fmt.Sprintf("%q is for IPv4, the line is for IPv6 so far", w.Text), fmt.Sprintf("write %q first on the line", w.Text))
		}
		return
	}
	p := r.prefix(w)
	if !p.IsValid() {
		return
	}
	r.out.Destination = p.Masked()
	if _, ok := schema.ParseAddressLen(w.Text); ok && p != p.Masked() {
		r.report(diag.Diagnostic{
			Rule: "route-host-bits", Severity: diag.Warning, Span: w.Span,
			Message: fmt.Sprintf("%q has bits set behind its length: the network is %s", w.Text, p.Masked()),
			Help:    fmt.Sprintf("write %q, or %q for the one address", p.Masked(), p.Addr()),
			Fixes: []diag.Fix{{
				Kind: diag.Intent, Title: fmt.Sprintf("write %q", p.Masked()),
				Edits: []diag.Edit{{Span: unquoted(w), New: p.Masked().String()}},
			}},
		})
	}
}

func (r *route) setType(t check.Token) {
	r.after = &t
	r.out.Type = t.Word.Text
	switch t.Word.Text {
	case "unicast", "1":
		r.out.Type = ""
	case "brd":
		r.out.Type = "broadcast"
	}
}

// typeAlone reports a type that no destination follows.
func (r *route) typeAlone(t check.Token) {
	r.drop(t.Word, fmt.Sprintf("no destination follows %q", t.Word.Text), fmt.Sprintf("write the destination directly behind %q", t.Word.Text))
}

func (r *route) setFrom(t check.Token) {
	w := t.Args[0]
	p, ok := schema.ParseAddressLen(w.Text)
	if ok && p.Addr().Is4() {
		r.drop(w, fmt.Sprintf("%q takes an IPv6 prefix only", t.Word.Text), "remove it, or use a rule")
		return
	}
	if r.ofFamily(w, 6) {
		r.out.From = p
	}
}

// named reads the number or well-known name behind an option; another name is refused.
func (r *route) named(t check.Token) uint32 {
	n, ok := r.byName(t.Keyword.Preferred(), t.Args[0], t.Arg())
	r.dropped = r.dropped || !ok
	return n
}

func (r *route) setTable(t check.Token) {
	r.out.Table, r.out.TableName = r.table(t.Arg(), r.out.Origin)
	if r.out.TableName == "" && r.out.Table == 0 {
		r.out.Table = mainTable
	}
	r.out.VRF = ""
}

func (r *route) setScope(t check.Token) {
	n, ok := scopeNumber(t.Arg())
	if !ok {
		r.notCompiled(t.Word, fmt.Sprintf("%q by the name %q: write its number", t.Word.Text, t.Arg()))
		r.dropped = true
	}
	r.out.Scope = n
}

func (r *route) setExpires(t check.Token) {
	if r.ofFamily(t.Word, 6) {
		r.out.Expires = time.Duration(numberArg(t)) * time.Second
	}
}

func (r *route) setRealms(t check.Token) {
	if !r.ofFamily(t.Word, 4) {
		return
	}
	realms, ok := r.realms(t)
	r.out.Realms, r.dropped = realms, !ok
}

func (r *route) setPreference(t check.Token) {
	if r.ofFamily(t.Word, 6) {
		r.out.Preference = t.Arg()
	}
}

// setOr reads the old form of a second next hop.
func (r *route) setOr(t check.Token) {
	if r.or {
		r.ignore(t.Word, fmt.Sprintf("%q is there already", t.Word.Text), fmt.Sprintf("write %q for each next hop", kw.Nexthop))
		return
	}
	r.or = true
	first := plan.NextHop{Gateway: r.out.Gateway, Interface: r.out.Interface, Weight: 1}
	r.out.NextHops = []plan.NextHop{first, {Gateway: r.address(t), Interface: r.out.Interface, Weight: 1}}
	r.out.Gateway = netip.Addr{}
}

// needs notes the interfaces that the machine must have.
func (r *route) needs() {
	r.need(plan.NeedInterface, r.out.Interface, r.out.Origin)
	r.need(plan.NeedInterface, r.out.VRF, r.out.Origin)
	for _, h := range r.out.NextHops {
		r.need(plan.NeedInterface, h.Interface, r.out.Origin)
	}
}

// numberArg reads the last argument as a whole number, with 0x and 0 in front of other bases.
func numberArg(t check.Token) uint64 {
	if len(t.Args) == 0 {
		return 0
	}
	text := t.Args[len(t.Args)-1].Text
	if n, ok := schema.ParseUint(text); ok {
		return n
	}
	n, _ := strconv.ParseUint(text, 0, 64)
	return n
}
