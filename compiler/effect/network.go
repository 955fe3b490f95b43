package effect

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"ka/compiler/plan"
)

// ProtocolKeepalived marks what keepalived and karun add: IFA_PROTO and RTA_PROTOCOL 18, as in
// iproute2's rt_protos and rt_addrprotos.
const ProtocolKeepalived = 18

// The kernel's numbers that plans leave to it.
const (
	scopeGlobal = 0
	scopeLink   = 253
	scopeHost   = 254
	tableMain   = 254
	// metricIPv6 is the metric (priority) that the kernel gives an IPv6 route without one.
	metricIPv6 = 1024
)

// Address is an IP address of an interface.
type Address struct {
	// Prefix is the local address with its length, host bits kept.
	Prefix netip.Prefix
	// Peer is the far end of a point-to-point address; not valid elsewhere.
	Peer      netip.Prefix
	Interface string
	// Label is empty where it is the interface's name, as the kernel sets it by itself.
	Label string
	// Broadcast is not valid where there is none.
	Broadcast netip.Addr
	// Scope is the kernel's number: 0 global, 253 link, 254 host.
	Scope uint8
	// Protocol says who added it (IFA_PROTO); 0 where nobody said, and on kernels before 5.18.
	Protocol uint8
	// NoDAD switches duplicate address detection off; keepalived does so for each IPv6 address.
	NoDAD bool
	// Deprecated means a preferred lifetime of 0: keepalived sets it for IPv6 /128 addresses, so that
	// they are not chosen as source addresses.
	Deprecated bool
	// Secondary says what the kernel made of it: an IPv4 address in the network of an earlier one.
	Secondary bool
	// Unknown names the attributes that the reader does not know, by number.
	Unknown []string
}

// NewAddress gives the kernel object of an address of the plan.
func NewAddress(a plan.Address) Address {
	v6 := a.Prefix.Addr().Is6()
	out := Address{
		Prefix: a.Prefix, Interface: a.Interface, Label: a.Label, Broadcast: a.Broadcast, Scope: a.Scope,
		Protocol: ProtocolKeepalived, NoDAD: v6, Deprecated: v6 && a.Prefix.Bits() == 128,
	}
	if v6 {
		out.Scope, out.Label = scopeIPv6(a.Prefix.Addr()), ""
	}
	if out.Label == out.Interface {
		out.Label = ""
	}
	return out
}

// scopeIPv6 is the scope that the kernel gives an IPv6 address, whatever it is asked for.
func scopeIPv6(a netip.Addr) uint8 {
	switch {
	case a.IsLoopback():
		return scopeHost
	case a.IsLinkLocalUnicast():
		return scopeLink
	}
	return scopeGlobal
}

// Kind is KindAddress.
func (Address) Kind() Kind { return KindAddress }

// Key names the address, its length and its interface.
func (a Address) Key() string { return "address " + a.Prefix.String() + " " + a.Interface }

// Equal compares what a sets. Protocol is not compared: it says who added the address, and old
// kernels do not keep it.
func (a Address) Equal(o Object) bool {
	b, ok := unwrap(o).(Address)
	return ok && a.Key() == b.Key() && a.Scope == b.Scope && a.Deprecated == b.Deprecated && a.Peer == b.Peer &&
		(a.Label == "" || a.Label == b.Label) && (!a.Broadcast.IsValid() || a.Broadcast == b.Broadcast) &&
		len(b.Unknown) == 0
}

// String writes the arguments of "ip address add".
func (a Address) String() string {
	var b strings.Builder
	b.WriteString(a.Prefix.String())
	if a.Peer.IsValid() {
		b.Reset()
		fmt.Fprintf(&b, "%s peer %s", a.Prefix.Addr(), a.Peer)
	}
	if a.Broadcast.IsValid() {
		fmt.Fprintf(&b, " brd %s", a.Broadcast)
	}
	fmt.Fprintf(&b, " dev %s", a.Interface)
	if a.Label != "" {
		fmt.Fprintf(&b, " label %s", a.Label)
	}
	if a.Scope != scopeGlobal {
		fmt.Fprintf(&b, " scope %s", scopeName(a.Scope))
	}
	writeProtocol(&b, a.Protocol)
	if a.NoDAD {
		b.WriteString(" nodad")
	}
	if a.Deprecated {
		b.WriteString(" preferred_lft 0")
	}
	writeUnknown(&b, a.Unknown)
	return b.String()
}

// Route is a unicast route with one next hop. Others are read as far as they go and have Unknown set.
type Route struct {
	// Destination has its host bits cleared; 0.0.0.0/0 or ::/0 is the default route.
	Destination netip.Prefix
	// Gateway and Source are not valid where there is none.
	Gateway, Source netip.Addr
	// Interface may be empty in a wanted route: the kernel finds it by the gateway.
	Interface string
	// Scope is the kernel's number; IPv6 has none (0).
	Scope uint8
	// Table is 254 for the main table. Metric is the kernel's priority.
	Table, Metric uint32
	// Protocol says who added it (rtm_protocol).
	Protocol uint8
	// Type is rtm_type, 1 for unicast; 0 is read as 1.
	Type uint8
	// Unknown names the attributes that the reader does not know, by number.
	Unknown []string
}

// NewRoute gives the kernel object of a route of the plan.
func NewRoute(r plan.Route) Route {
	out := Route{
		Destination: r.Destination, Gateway: r.Gateway, Source: r.Source, Interface: r.Interface,
		Scope: r.Scope, Table: r.Table, Metric: r.Metric, Protocol: ProtocolKeepalived, Type: 1,
	}
	if out.Table == 0 {
		out.Table = tableMain
	}
	if r.Destination.Addr().Is6() {
		out.Scope = scopeGlobal
		if out.Metric == 0 {
			out.Metric = metricIPv6
		}
	}
	return out
}

// Kind is KindRoute.
func (Route) Kind() Kind { return KindRoute }

// Key names what the kernel tells routes apart by: destination, table, metric and next hop. Another
// gateway is another route, as for keepalived: somebody else's default route is none of ours. The
// interface belongs to it only where the next hop says nothing without it, so that a wanted route that
// leaves the interface to the kernel is the same as the one that exists.
func (r Route) Key() string {
	k := fmt.Sprintf("route %s %d %d", r.Destination, r.Table, r.Metric)
	if r.Gateway.IsValid() {
		k += " via " + r.Gateway.String()
	}
	if r.Interface != "" && (!r.Gateway.IsValid() || r.Gateway.Is6() && r.Gateway.IsLinkLocalUnicast()) {
		k += " dev " + r.Interface
	}
	return k
}

// Equal compares what r sets. Protocol is not compared.
func (r Route) Equal(o Object) bool {
	b, ok := unwrap(o).(Route)
	return ok && r.Key() == b.Key() && r.Scope == b.Scope && r.Type == b.Type &&
		(!r.Source.IsValid() || r.Source == b.Source) && (r.Interface == "" || r.Interface == b.Interface) &&
		len(b.Unknown) == 0
}

// String writes the arguments of "ip route add".
func (r Route) String() string {
	var b strings.Builder
	if r.Destination.Bits() == 0 {
		b.WriteString("default")
	} else {
		b.WriteString(r.Destination.String())
	}
	if r.Gateway.IsValid() {
		fmt.Fprintf(&b, " via %s", r.Gateway)
	}
	if r.Interface != "" {
		fmt.Fprintf(&b, " dev %s", r.Interface)
	}
	if r.Table != tableMain && r.Table != 0 {
		fmt.Fprintf(&b, " table %d", r.Table)
	}
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
	writeUnknown(&b, r.Unknown)
	return b.String()
}

func writeProtocol(b *strings.Builder, p uint8) {
	switch p {
	case 0:
	case ProtocolKeepalived:
		b.WriteString(" proto keepalived")
	default:
		fmt.Fprintf(b, " proto %d", p)
	}
}

func writeUnknown(b *strings.Builder, unknown []string) {
	if len(unknown) > 0 {
		fmt.Fprintf(b, " (unknown attributes: %s)", strings.Join(unknown, ", "))
	}
}

func scopeName(s uint8) string {
	if n, ok := map[uint8]string{scopeLink: "link", scopeHost: "host", 200: "site", 255: "nowhere"}[s]; ok {
		return n
	}
	return strconv.Itoa(int(s))
}

// unwrap gives the object itself where o carries a scope and an origin.
func unwrap(o Object) Object {
	if w, ok := o.(Wanted); ok {
		return w.Object
	}
	return o
}
