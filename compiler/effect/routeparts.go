package effect

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"ka/compiler/plan"
	"ka/lang/schema/kw"
)

// RouteMetric is one metric of a route (RTAX_*).
type RouteMetric struct {
	// Kind is the kernel's number, such as 2 for mtu.
	Kind uint8
	// Value is in the kernel's unit; Text is the name of the congestion control in place of it.
	Value uint32
	Text  string
	// Locked says that path MTU discovery and the like may not change it.
	Locked bool
}

// MetricCongestion is the one metric that is a text (RTAX_CC_ALGO).
const MetricCongestion = 16

// metricKind is what the kernel makes of a metric's value.
type metricKind struct {
	word string
	// largest is what the kernel cuts the value to; 0: nothing.
	largest uint32
	// perMillisecond is how many of the kernel's units make a millisecond; 0: the metric is no time.
	perMillisecond int64
}

// metricKinds are the metrics by the kernel's number (linux/rtnetlink.h).
var metricKinds = [...]metricKind{
	2:                {word: kw.MTUWord, largest: 65535 - 15},
	3:                {word: kw.Window},
	4:                {word: kw.Rtt, perMillisecond: 8},
	5:                {word: kw.Rttvar, perMillisecond: 4},
	6:                {word: kw.Ssthresh},
	7:                {word: kw.Cwnd},
	8:                {word: kw.Advmss, largest: 65535 - 40},
	9:                {word: kw.Reordering},
	10:               {word: kw.Hoplimit, largest: 255},
	11:               {word: kw.Initcwnd},
	12:               {word: kw.Features},
	13:               {word: kw.RtoMin, perMillisecond: 1},
	14:               {word: kw.Initrwnd},
	15:               {word: kw.Quickack},
	MetricCongestion: {word: kw.Congctl},
	17:               {word: kw.FastopenNoCookie},
}

// featureECN is the one feature that routes can ask for (RTAX_FEATURE_ECN).
const featureECN = 1

// newMetrics gives the metrics in the kernel's units. Of two of one kind the last counts, but a lock stays.
func newMetrics(in []plan.RouteMetric) []RouteMetric {
	var out []RouteMetric
	for _, m := range in {
		kind := slices.IndexFunc(metricKinds[:], func(k metricKind) bool { return k.word == m.Name })
		if kind < 0 {
			continue // the plan's own list of metrics, which a test holds against this one
		}
		k := metricKinds[kind]
		n := RouteMetric{Kind: uint8(kind), Value: m.Value, Locked: m.Locked}
		switch {
		case kind == MetricCongestion:
			n.Text, n.Value = m.Text, 0
		case k.word == kw.Features:
			n.Value = featureECN
		case k.perMillisecond > 0:
			n.Value = uint32(m.Time * time.Duration(k.perMillisecond) / time.Millisecond)
		case k.largest > 0:
			n.Value = min(n.Value, k.largest)
		}
		if i := slices.IndexFunc(out, func(o RouteMetric) bool { return o.Kind == n.Kind }); i >= 0 {
			n.Locked = n.Locked || out[i].Locked
			out[i] = n
			continue
		}
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b RouteMetric) int { return cmp.Compare(a.Kind, b.Kind) })
	return out
}

// String writes the metric as ip(8) does.
func (m RouteMetric) String() string {
	var k metricKind
	if int(m.Kind) < len(metricKinds) {
		k = metricKinds[m.Kind]
	}
	text := k.word
	if text == "" {
		text = fmt.Sprintf("metric-%d", m.Kind)
	}
	if m.Locked {
		text += " lock"
	}
	switch {
	case m.Kind == MetricCongestion:
		return text + " " + m.Text
	case k.word == kw.Features && m.Value == featureECN:
		return text + " ecn"
	case k.perMillisecond > 0:
		return text + " " + (time.Duration(m.Value) * time.Millisecond / time.Duration(k.perMillisecond)).String()
	}
	return fmt.Sprintf("%s %d", text, m.Value)
}

// EncapKind is the kernel's number of a kind of lightweight tunnel (linux/lwtunnel.h).
type EncapKind uint16

// The kinds that keepalived knows.
const (
	EncapMPLS EncapKind = 1
	EncapIP   EncapKind = 2
	EncapILA  EncapKind = 3
	EncapIP6  EncapKind = 4
)

// Encap is a lightweight tunnel of a route.
type Encap struct {
	Kind EncapKind
	// ID is the tunnel's key; Destination and Source are its ends; TOS (traffic class), TTL (hop limit) and
	// Flags those of its packets.
	ID                  uint64
	Destination, Source netip.Addr
	TOS, TTL            uint8
	Flags               uint16
	// Labels are those of MPLS, the outermost first.
	Labels []uint32
	// Locator is that of ILA.
	Locator uint64
}

// encapNames are keepalived's words, and ip(8)'s.
var encapNames = [...]string{EncapMPLS: kw.Mpls, EncapIP: kw.IP, EncapILA: kw.Ila, EncapIP6: kw.Ip6}

func newEncap(e *plan.Encap) *Encap {
	if e == nil {
		return nil
	}
	out := &Encap{
		Kind: EncapKind(numberOf(e.Type, encapNames[:], 0)), ID: e.ID, Destination: e.Destination, Source: e.Source,
		TOS: e.TOS, TTL: e.TTL, Flags: e.Flags, Labels: e.Labels, Locator: e.Locator,
	}
	// The kernel tells no difference between an unspecified end and none.
	for _, end := range []*netip.Addr{&out.Destination, &out.Source} {
		if end.IsUnspecified() {
			*end = netip.Addr{}
		}
	}
	return out
}

// text writes the tunnel with a space in front; "" for none.
func (e *Encap) text() string {
	if e == nil {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, " encap %s", nameOf(uint8(e.Kind), encapNames[:]))
	for i, l := range e.Labels {
		fmt.Fprintf(&b, "%s%d", map[bool]string{true: " ", false: "/"}[i == 0], l)
	}
	if e.Kind == EncapILA {
		fmt.Fprintf(&b, " %#x", e.Locator)
	}
	if e.ID != 0 {
		fmt.Fprintf(&b, " id %d", e.ID)
	}
	if e.Source.IsValid() {
		fmt.Fprintf(&b, " src %s", e.Source)
	}
	if e.Destination.IsValid() {
		fmt.Fprintf(&b, " dst %s", e.Destination)
	}
	if e.TTL != 0 {
		fmt.Fprintf(&b, " ttl %d", e.TTL)
	}
	if e.TOS != 0 {
		fmt.Fprintf(&b, " tos %d", e.TOS)
	}
	if e.Flags != 0 {
		fmt.Fprintf(&b, " flags %#x", e.Flags)
	}
	return b.String()
}
