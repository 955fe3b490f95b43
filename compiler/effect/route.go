package effect

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"

	"ka/compiler/plan"
)

const (
	tableMain = 254
	// metricIPv6 is the metric (priority) that the kernel gives an IPv6 route without one.
	metricIPv6 = 1024
)

// The types of routes (linux/rtnetlink.h) that behave in a way of their own.
const (
	RouteUnicast     = 1
	RouteBlackhole   = 6
	RouteUnreachable = 7
	RouteProhibit    = 8
	RouteThrow       = 9
)

// Route is a route of any type, with one next hop or several.
type Route struct {
	// Destination has its host bits cleared; 0.0.0.0/0 or ::/0 is the default route.
	Destination netip.Prefix
	// From is the source prefix that an IPv6 route is for; not valid: any.
	From netip.Prefix
	// Gateway and Source are not valid where there is none.
	Gateway, Source netip.Addr
	// Interface may be empty in a wanted route: the kernel finds it by the gateway.
	Interface string
	// TOS is the type of service that an IPv4 route is for; 0: any.
	TOS uint8
	// Scope is the kernel's number; IPv6 has none (0).
	Scope uint8
	// Table is 254 for the main table, 0 where TableName could not be resolved. Metric is the kernel's
	// priority.
	Table, Metric uint32
	// TableName is the name of the table, or the VRF interface ("vrf red"), that Table was found by.
	TableName string
	// Protocol says who added it (rtm_protocol).
	Protocol uint8
	// Type is rtm_type, 1 for unicast; 0 is read as 1.
	Type uint8
	// OnLink says that the gateway is reached without a route to it.
	OnLink bool
	Encap  *Encap
	// ExpiresSeconds is how long an IPv6 route lives; 0: for ever. It runs out in the kernel, so that it is
	// written and not compared.
	ExpiresSeconds uint32
	// Metrics are in the order of their kinds.
	Metrics []RouteMetric
	// Realms is FROM<<16 | TO.
	Realms uint32
	// Preference is that of an IPv6 router: 0 medium, 1 high, 3 low.
	Preference uint8
	// TTLPropagate is for MPLS: 1 on, 2 off, 0 not said. The kernel says it for MPLS only, so that it is
	// written and not compared.
	TTLPropagate uint8
	NextHops     []NextHop
	// Add says how the route is put beside others of its destination.
	Add AddMode
	// Unknown names the attributes that the reader does not know, by number.
	Unknown []string
}

// AddMode says how a route is put beside others of its destination (reference keywords, lines of routes).
type AddMode uint8

// Before the others, behind them, or only where there is no other.
const (
	AddBefore AddMode = iota
	AddBehind
	AddAlone
)

// NextHop is one of several next hops of a route.
type NextHop struct {
	// Gateway is not valid where only an interface is given.
	Gateway   netip.Addr
	Interface string
	// Weight is the share, 1..256.
	Weight int
	OnLink bool
	// Realms is FROM<<16 | TO.
	Realms uint32
	Encap  *Encap
}

// routeTypes are ip(8)'s names of the types.
var routeTypes = [...]string{
	1: "unicast", 2: "local", 3: "broadcast", 4: "anycast", 5: "multicast", RouteBlackhole: "blackhole",
	RouteUnreachable: "unreachable", RouteProhibit: "prohibit", RouteThrow: "throw", 10: "nat", 11: "xresolve",
}

// NewRoute gives the kernel object of a route of the plan.
func NewRoute(r plan.Route) Route {
	out := Route{
		Destination: r.Destination, From: r.From, Gateway: r.Gateway, Source: r.Source, Interface: r.Interface, TOS: r.TOS,
		Scope: r.Scope, Table: r.Table, Metric: r.Metric, TableName: r.TableName, Protocol: r.Protocol,
		Type: numberOf(r.Type, routeTypes[:], RouteUnicast), OnLink: r.OnLink, Encap: newEncap(r.Encap),
		ExpiresSeconds: uint32(r.Expires.Seconds()), Metrics: newMetrics(r.Metrics), Realms: realms(r.Realms),
		Preference: numberOf(r.Preference, preferences[:], 0), Add: addModes[r.Add], TTLPropagate: switches[r.TTLPropagate],
	}
	if r.VRF != "" {
		out.TableName = "vrf " + r.VRF
	}
	if out.Table == 0 && out.TableName == "" {
		out.Table = tableMain
	}
	if out.Protocol == 0 {
		out.Protocol = ProtocolKeepalived
	}
	if out.From.IsValid() {
		out.From = out.From.Masked()
	}
	for _, h := range r.NextHops {
		out.NextHops = append(out.NextHops, NextHop{
			Gateway: h.Gateway, Interface: h.Interface, Weight: max(h.Weight, 1), OnLink: h.OnLink, Realms: realms(h.Realms), Encap: newEncap(h.Encap),
		})
	}
	if r.Destination.Addr().Is6() {
		out.Scope = scopeGlobal
		if out.Metric == 0 {
			out.Metric = metricIPv6
		}
	}
	return out
}

// The kernel's numbers of router preferences (RFC 4191), and keepalived's words of the other two.
var (
	preferences = [...]string{0: "medium", 1: "high", 3: "low"}
	addModes    = map[string]AddMode{"append": AddBehind, "add": AddAlone}
	switches    = map[string]uint8{"enabled": 1, "disabled": 2}
)

// numberOf finds a word's number, or reads the number; without a word it is the usual one.
func numberOf(word string, names []string, usual uint8) uint8 {
	if word == "" {
		return usual
	}
	if i := slices.Index(names, word); i >= 0 {
		return uint8(i)
	}
	var n uint8
	_, _ = fmt.Sscan(word, &n)
	return n
}

func realms(r *plan.Realms) uint32 {
	if r == nil {
		return 0
	}
	return uint32(r.From)<<16 | uint32(r.To)
}

// Kind is KindRoute.
func (Route) Kind() Kind { return KindRoute }

// Singles are what an IPv6 route with several next hops is in the kernel: as many routes with one. They are added
// together, and removed together or one by one. None for any other route.
func (r Route) Singles() []Route {
	if !r.Destination.Addr().Is6() {
		return nil
	}
	var out []Route
	for _, h := range r.NextHops {
		one := r
		one.NextHops, one.Gateway, one.Interface, one.OnLink, one.Encap = nil, h.Gateway, h.Interface, h.OnLink, h.Encap
		out = append(out, one)
	}
	return out
}

// hopless reports whether the route goes nowhere: the kernel then names a device that nobody asked for.
func (r Route) hopless() bool { return r.Type >= RouteBlackhole && r.Type <= RouteThrow }

// Key names what the kernel tells routes apart by: destination, table, metric, the packets that it is for, next
// hops, and in IPv4 the source that it gives: a route of the same network with a virtual address for source stands
// in front of the one that was there. Another gateway is another route, as for keepalived: somebody else's default
// route is none of ours. The interface belongs to it only where the next hop says nothing without it, so that a
// wanted route that leaves the interface to the kernel is the same as the one that exists.
func (r Route) Key() string {
	k := fmt.Sprintf("route %s %d %d", r.Destination, r.Table, r.Metric)
	if r.Table == 0 {
		k += " " + r.TableName
	}
	if r.Type > RouteUnicast {
		k += fmt.Sprintf(" type %d", r.Type)
	}
	if r.TOS != 0 {
		k += fmt.Sprintf(" tos %d", r.TOS)
	}
	if r.From.IsValid() && r.From.Bits() > 0 {
		k += " from " + r.From.String()
	}
	if r.Gateway.IsValid() {
		k += " via " + r.Gateway.String()
	}
	if r.Interface != "" && !r.hopless() && len(r.NextHops) == 0 && (!r.Gateway.IsValid() || r.Gateway.Is6() && r.Gateway.IsLinkLocalUnicast()) {
		k += " dev " + r.Interface
	}
	if r.Source.Is4() {
		k += " src " + r.Source.String()
	}
	for _, h := range r.NextHops {
		k += fmt.Sprintf(" nexthop %s %d", h.Gateway, h.Weight)
		if !h.Gateway.IsValid() {
			k += " dev " + h.Interface
		}
	}
	return k
}

// Equal compares what r sets. Protocol is not compared.
func (r Route) Equal(o Object) bool {
	b, ok := unwrap(o).(Route)
	return ok && r.Key() == b.Key() && r.Scope == b.Scope && r.OnLink == b.OnLink && r.Realms == b.Realms &&
		r.Preference == b.Preference && reflect.DeepEqual(r.Encap, b.Encap) && reflect.DeepEqual(r.Metrics, b.Metrics) &&
		(!r.Source.IsValid() || r.Source == b.Source) && (r.Interface == "" || r.Interface == b.Interface) &&
		slices.EqualFunc(r.NextHops, b.NextHops, equalHops) && len(b.Unknown) == 0
}

func equalHops(a, b NextHop) bool {
	return (a.Interface == "" || a.Interface == b.Interface) && a.OnLink == b.OnLink && a.Realms == b.Realms && reflect.DeepEqual(a.Encap, b.Encap)
}

// String writes the arguments of "ip route add", in the order in which ip(8) shows them.
func (r Route) String() string {
	var b strings.Builder
	if r.Type > RouteUnicast {
		b.WriteString(nameOf(r.Type, routeTypes[:]) + " ")
	}
	if r.Destination.Bits() == 0 {
		b.WriteString("default")
	} else {
		b.WriteString(r.Destination.String())
	}
	if r.From.IsValid() {
		fmt.Fprintf(&b, " from %s", r.From)
	}
	b.WriteString(r.Encap.text())
	if r.TOS != 0 {
		fmt.Fprintf(&b, " tos %#x", r.TOS)
	}
	writeHop(&b, r.Gateway, r.Interface)
	writeTable(&b, r.Table, r.TableName)
	writeProtocol(&b, r.Protocol)
	if r.Scope != scopeGlobal {
		fmt.Fprintf(&b, " scope %s", scopeName(r.Scope))
	}
	if r.Source.IsValid() {
		fmt.Fprintf(&b, " src %s", r.Source)
	}
	if r.Metric != 0 {
		fmt.Fprintf(&b, " metric %d", r.Metric)
	}
	r.writeRest(&b)
	return b.String()
}

// writeRest writes what stands behind the metric.
func (r Route) writeRest(b *strings.Builder) {
	if r.OnLink {
		b.WriteString(" onlink")
	}
	writeRealms(b, r.Realms)
	if r.ExpiresSeconds != 0 {
		fmt.Fprintf(b, " expires %dsec", r.ExpiresSeconds)
	}
	for _, m := range r.Metrics {
		b.WriteString(" " + m.String())
	}
	if r.Preference != 0 {
		b.WriteString(" pref " + nameOf(r.Preference, preferences[:]))
	}
	if r.TTLPropagate != 0 {
		b.WriteString([...]string{1: " ttl-propagate enabled", 2: " ttl-propagate disabled"}[min(r.TTLPropagate, 2)])
	}
	for _, h := range r.NextHops {
		b.WriteString(" nexthop" + h.Encap.text())
		writeHop(b, h.Gateway, h.Interface)
		fmt.Fprintf(b, " weight %d", h.Weight)
		if h.OnLink {
			b.WriteString(" onlink")
		}
		writeRealms(b, h.Realms)
	}
	switch r.Add {
	case AddBehind:
		b.WriteString(" (behind others)")
	case AddAlone:
		b.WriteString(" (if there is no other)")
	case AddBefore:
	}
	writeUnknown(b, r.Unknown)
}

func writeHop(b *strings.Builder, gateway netip.Addr, dev string) {
	if gateway.IsValid() {
		fmt.Fprintf(b, " via %s", gateway)
	}
	if dev != "" {
		fmt.Fprintf(b, " dev %s", dev)
	}
}

func writeTable(b *strings.Builder, table uint32, name string) {
	switch {
	case strings.HasPrefix(name, "vrf "):
		fmt.Fprintf(b, " %s", name)
	case name != "":
		fmt.Fprintf(b, " table %s", name)
	case table != tableMain && table != 0:
		fmt.Fprintf(b, " table %d", table)
	}
}

func writeRealms(b *strings.Builder, realms uint32) {
	switch {
	case realms == 0:
	case realms>>16 == 0:
		fmt.Fprintf(b, " realm %d", realms)
	default:
		fmt.Fprintf(b, " realms %d/%d", realms>>16, realms&0xffff)
	}
}

// nameOf gives a number's name, else the number.
func nameOf(n uint8, names []string) string {
	if int(n) < len(names) && names[n] != "" {
		return names[n]
	}
	return fmt.Sprint(n)
}
