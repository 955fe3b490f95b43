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

// The kernel's numbers of scopes.
const (
	scopeGlobal = 0
	scopeLink   = 253
	scopeHost   = 254
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
	// PreferredSeconds is a preferred lifetime between none and for ever; 0: Deprecated says it all. It runs
	// out in the kernel, so that it is written and not compared.
	PreferredSeconds uint32
	// Home, TemporaryBase (mngtmpaddr), NoPrefixRoute and Autojoin are flags of the kernel.
	Home, TemporaryBase, NoPrefixRoute, Autojoin bool
	// Secondary says what the kernel made of it: an IPv4 address in the network of an earlier one.
	Secondary bool
	// Tentative says that the kernel still looks whether another machine has the IPv6 address: nothing can
	// be sent from it yet.
	Tentative bool
	// Unknown names the attributes that the reader does not know, by number.
	Unknown []string
}

// NewAddress gives the kernel object of an address of the plan (reference vrrp 10).
func NewAddress(a plan.Address) Address {
	v6 := a.Prefix.Addr().Is6()
	out := Address{
		Prefix: a.Prefix, Interface: a.Interface, Label: a.Label, Broadcast: a.Broadcast, Scope: a.Scope,
		Protocol: ProtocolKeepalived, NoDAD: v6 && !a.DAD, Deprecated: v6 && a.Prefix.Bits() == 128,
		Home: a.Home, TemporaryBase: a.TemporaryBase, NoPrefixRoute: a.NoPrefixRoute, Autojoin: a.Autojoin,
	}
	if a.Peer.IsValid() {
		out.Peer = netip.PrefixFrom(a.Peer, a.Prefix.Bits())
	}
	if v6 {
		out.Scope, out.Label = scopeIPv6(a.Prefix.Addr()), ""
		// Lifetimes of IPv4 addresses are not set by keepalived, whatever the line says.
		if n := a.PreferredLifetime; n != nil {
			out.Deprecated, out.PreferredSeconds = *n == 0, *n
		}
		if out.PreferredSeconds == plan.LifetimeForever {
			out.PreferredSeconds = 0
		}
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
	return ok && a.Key() == b.Key() && a.Scope == b.Scope && a.flags() == b.flags() && a.Peer == b.Peer &&
		(a.PreferredSeconds != 0 || a.Deprecated == b.Deprecated) &&
		(a.Label == "" || a.Label == b.Label) && (!a.Broadcast.IsValid() || a.Broadcast == b.Broadcast) &&
		len(b.Unknown) == 0
}

// flags are those that are compared.
func (a Address) flags() [4]bool {
	return [4]bool{a.Home, a.TemporaryBase, a.NoPrefixRoute, a.Autojoin}
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
	for _, f := range []struct {
		set  bool
		word string
	}{
		{a.NoDAD, " nodad"}, {a.Home, " home"}, {a.TemporaryBase, " mngtmpaddr"}, {a.NoPrefixRoute, " noprefixroute"},
		{a.Autojoin, " autojoin"}, {a.Deprecated, " preferred_lft 0"},
	} {
		if f.set {
			b.WriteString(f.word)
		}
	}
	if a.PreferredSeconds != 0 {
		fmt.Fprintf(&b, " preferred_lft %d", a.PreferredSeconds)
	}
	writeUnknown(&b, a.Unknown)
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
