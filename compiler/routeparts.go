package compiler

import (
	"fmt"
	"time"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
)

// metricKind says how the argument of a metric is read.
type metricKind struct {
	// perMillisecond is how many of the kernel's units make a millisecond; 0: the metric is no time.
	perMillisecond int
	text           bool
}

// metricWords are the metrics of a route.
var metricWords = map[string]metricKind{
	kw.MTUWord: {}, kw.Advmss: {}, kw.Reordering: {}, kw.Cwnd: {}, kw.Ssthresh: {}, kw.Hoplimit: {}, kw.Window: {},
	kw.Initcwnd: {}, kw.Initrwnd: {}, kw.Quickack: {}, kw.FastopenNoCookie: {},
	kw.Rtt: {perMillisecond: 8}, kw.Rttvar: {perMillisecond: 4}, kw.RtoMin: {perMillisecond: 1},
	kw.Congctl: {text: true}, kw.Features: {text: true},
}

// The bounds of the times among the metrics: keepalived raises what is lower, and refuses what is higher.
const (
	minRouteTime = 200 * time.Millisecond
	maxRouteTime = 120 * time.Second
)

// metric reads one metric.
func (r *route) metric(t check.Token, kind metricKind) {
	m := plan.RouteMetric{Name: t.Keyword.Name, Locked: len(t.Args) > 1}
	w := t.Args[len(t.Args)-1]
	switch {
	case kind.text:
		m.Text = w.Text
	case kind.perMillisecond == 0:
		m.Value = uint32(numberArg(t))
	default:
		m.Time, _, _ = schema.ParseRouteTime(w.Text, kind.perMillisecond)
		if m.Time > maxRouteTime {
			r.drop(w, fmt.Sprintf("%q is over 120 s", t.Word.Text+" "+w.Text), "write a time from 0.2s to 120s")
			return
		}
		if m.Time < minRouteTime {
			r.tooShort(t, w.Text, kind)
			m.Time = minRouteTime
		}
	}
	r.out.Metrics = append(r.out.Metrics, m)
}

// tooShort reports a time that keepalived raises.
func (r *route) tooShort(t check.Token, text string, kind metricKind) {
	d := diag.Diagnostic{
		Rule: ruleInvalid, Severity: diag.Error, Span: t.Args[len(t.Args)-1].Span,
		Message: fmt.Sprintf("%q is below 0.2 s; keepalived uses 0.2 s in its place", t.Word.Text+" "+text),
		Help:    "write a time from 0.2s to 120s",
	}
	if kind.perMillisecond > 1 {
		d.Help += fmt.Sprintf("; a bare number counts 1/%d ms", kind.perMillisecond)
	}
	r.report(d)
}

// nextHops reads what stands behind the first nexthop, to the end of the line (D195, D196).
func (r *route) nextHops(t check.Token) {
	if r.or {
		r.drop(t.Word, fmt.Sprintf("%q does not go together with %q", kw.Nexthop, kw.Or), fmt.Sprintf("write %q for each next hop", kw.Nexthop))
		return
	}
	hops := []plan.NextHop{{Weight: 1}}
	bad := map[int]bool{}
	for _, o := range t.Inner {
		h := &hops[len(hops)-1]
		switch {
		case o.Keyword == nil:
		case o.Is(kw.Weight) && o.Problem != nil:
			r.out.NextHops = hops[:len(hops)-1] // the list ends before this one
			return
		case o.Problem != nil:
		case o.Keyword.Name == kw.Nexthop:
			hops = append(hops, plan.NextHop{Weight: 1})
		case o.Is(kw.As):
			bad[len(hops)-1] = true
			r.badHop(o)
		default:
			r.nextHop(h, o)
		}
		if r.dropped {
			return
		}
	}
	for i, h := range hops {
		if !bad[i] {
			r.out.NextHops = append(r.out.NextHops, h)
		}
	}
}

// badHop reports a next hop that keepalived leaves out.
func (r *route) badHop(o check.Token) {
	d := diag.Diagnostic{
		Rule: ruleInvalid, Severity: diag.Error, Span: o.Word.Span,
		Message: fmt.Sprintf("%q is not supported in a next hop; keepalived leaves out the hop and keeps the route", o.Word.Text),
		Help:    "remove it",
	}
	r.report(d)
	r.leaveOut(r.entry, d.Message+" ["+d.Rule+"]")
}

// nextHop reads one option of a next hop.
func (r *route) nextHop(h *plan.NextHop, o check.Token) {
	switch {
	case o.Is(kw.Via):
		h.Gateway = r.address(o)
	case o.Is(kw.Dev):
		h.Interface = o.Arg()
	case o.Is(kw.Weight):
		h.Weight = int(numberArg(o))
	case o.Is(kw.Onlink):
		h.OnLink = true
	case o.Is(kw.Realms):
		if r.ofFamily(o.Word, 4) {
			realms, ok := r.realms(o)
			h.Realms, r.dropped = realms, !ok
		}
	case o.Is(kw.Encap):
		h.Encap = r.encap(o)
	}
}

// encap reads an encapsulation; nil where it is incomplete, which keepalived reports and leaves out.
func (r *route) encap(t check.Token) *plan.Encap {
	if t.Problem != nil || len(t.Inner) == 0 || t.Inner[0].Problem != nil {
		return nil
	}
	kind := t.Inner[0]
	e := &plan.Encap{Type: kind.Keyword.Name}
	switch kind.Keyword.Name {
	case kw.Mpls:
		e.Labels, _ = schema.ParseLabels(kind.Arg())
		return e
	case kw.Ila:
		e.Locator, _ = schema.ParseLocator(kind.Arg())
		return e
	}
	complete := false
	for _, o := range kind.Inner {
		complete = complete || o.Is(kw.Dst) || o.Is(kw.ID)
		r.encapOption(e, o)
	}
	if !complete {
		r.ignore(kind.Word, fmt.Sprintf("an encapsulation %q needs %q or %q", kind.Word.Text, kw.Dst, kw.ID),
			fmt.Sprintf("write %q and an address behind %q", kw.Dst, kind.Word.Text))
		return nil
	}
	return e
}

func (r *route) encapOption(e *plan.Encap, o check.Token) {
	switch {
	case o.Is(kw.ID):
		e.ID = numberArg(o)
	case o.Is(kw.Dst):
		e.Destination, _ = schema.ParseAddress(o.Arg())
	case o.Is(kw.Src):
		e.Source, _ = schema.ParseAddress(o.Arg())
	case o.Is(kw.Tos), o.Is(kw.Tc):
		n, ok := r.byName(kw.Tos, o.Args[0], o.Arg())
		e.TOS, r.dropped = uint8(n), r.dropped || !ok
	case o.Is(kw.TTL), o.Is(kw.Hoplimit):
		e.TTL = uint8(numberArg(o))
	case o.Is(kw.Flags):
		e.Flags = uint16(numberArg(o))
	}
}
