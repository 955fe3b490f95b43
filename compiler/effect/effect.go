// Package effect holds kernel objects as types, what a plan wants of them in each state of the
// director, and the ordered changes between two sets of them.
//
// It is pure: [Desired] works out objects, [Diff] works out changes; runtime/kernel and runtime/ipvs
// read the machine and apply the very same [Change] values, and kac prints them. It does not know who
// owns an object: [Owned] cuts what the machine has down to what the plan may touch, and a journal
// (runtime/director) adds what earlier runs left.
//
//	may := effect.All(p)                                     // all that p may ever add
//	want := effect.Desired(p, effect.Facts{}, effect.State{Running: true})
//	for _, c := range effect.Diff(effect.Owned(have, may), want, "karun starts") {
//		fmt.Println(c)
//	}
package effect

import (
	"net/netip"
	"slices"

	"ka/compiler/plan"
)

// Kind is a kind of kernel object.
type Kind uint8

// The kinds, in the order in which they are added; they are removed in the opposite order, but for
// interfaces, which go before the tables that stand in front of them.
const (
	KindSysctl Kind = iota
	KindLink
	KindTable
	KindDropped
	KindAddress
	KindRoute
	KindRule
	KindService
	KindDestination
)

// String gives the word of kac's JSON: "address", "route" …
func (k Kind) String() string {
	return [...]string{"sysctl", "link", "nft-table", "nft-element", "address", "route", "rule", "service", "destination"}[min(k, KindDestination)]
}

// ScopeKind tells which part of the director an object belongs to.
type ScopeKind uint8

// Static objects exist while karun runs; those of an instance while it is master; those of a virtual
// server while karun runs, its destinations while they are healthy.
const (
	ScopeStatic ScopeKind = iota
	ScopeInstance
	ScopeVirtualServer
)

// Scope is the unit in which changes are worked out and applied: one instance, one virtual server,
// or the static part.
type Scope struct {
	Kind ScopeKind
	// Name is the instance's name, or the virtual server as "tcp 192.0.2.1:80"; "" for static.
	Name string
}

// Object is one thing in the kernel. Two objects with the same Key are the same thing, perhaps with
// different attributes.
type Object interface {
	Kind() Kind
	// Key tells the object apart from all others, of every kind.
	Key() string
	// Equal compares the attributes that the receiver sets: what it leaves to the kernel (a label, a
	// broadcast address) may be anything. So it is asked of the wanted object: want.Equal(have).
	Equal(Object) bool
	// String is the form for people: as ip(8) or ipvsadm -Sn would write it.
	String() string
}

// Wanted is an object with what it is wanted for. It is an Object itself, so that the have side of
// [Diff] can carry scopes and origins too: see [Owned].
type Wanted struct {
	Object
	Scope  Scope
	Origin plan.Origin
}

// Untracked lists the keys of what p wants no failover and no repair for when somebody else removes it
// (no_track).
func Untracked(p *plan.Plan) map[string]bool {
	out := make(map[string]bool)
	add := func(addresses []plan.Address, routes []plan.Route, rules []plan.Rule) {
		for _, a := range addresses {
			if a.NoTrack {
				out[NewAddress(a).Key()] = true
			}
		}
		for _, r := range routes {
			if r.NoTrack {
				out[NewRoute(r).Key()] = true
			}
		}
		for _, r := range rules {
			if r.NoTrack {
				out[NewRule(r).Key()] = true
			}
		}
	}
	add(p.StaticAddresses, p.StaticRoutes, p.StaticRules)
	for i := range p.Instances {
		in := &p.Instances[i]
		add(slices.Concat(in.VIPs, in.Excluded), in.Routes, in.Rules)
	}
	return out
}

// Op is the kind of a change; the rune is the symbol that is printed.
type Op rune

// The operations.
const (
	Add    Op = '+'
	Update Op = '~'
	Remove Op = '-'
)

// Traffic says what the traffic notices of a change.
type Traffic string

// The traffic classes of the changes that this release makes.
const (
	// Hitless: nobody notices.
	Hitless Traffic = "hitless"
	// DropsConnections: connections through the object end.
	DropsConnections Traffic = "drops-connections"
	// MovesAddress: an address appears or goes, traffic to it follows.
	MovesAddress Traffic = "moves-address"
)

// Change is one step from what is to what is wanted.
type Change struct {
	Op Op
	// Have is nil for Add, Want for Remove.
	Have, Want Object
	Scope      Scope
	Origin     plan.Origin
	// Reason says why, for people: "VI_1 became master".
	Reason  string
	Traffic Traffic
}

// Object returns the object that the change is about: the wanted one, else the one that goes.
func (c Change) Object() Object {
	if c.Want != nil {
		return c.Want
	}
	return c.Have
}

// String gives the symbol and the object: "+ 192.0.2.1/32 dev eth0".
func (c Change) String() string { return string(c.Op) + " " + c.Object().String() }

// Facts are what was found out about the machine before anything is touched. The zero value knows
// nothing, and Desired then names interfaces only.
type Facts struct {
	// Interfaces by name.
	Interfaces map[string]InterfaceFacts
	// IPVS says that the kernel has it.
	IPVS bool
}

// InterfaceFacts are the facts of one interface.
type InterfaceFacts struct {
	Index int
	// Up is keepalived's notion: IFF_UP and IFF_RUNNING.
	Up bool
	// NoARP says that the interface takes no gratuitous ARP (IFF_NOARP).
	NoARP bool
	// NoEthernet says that its packets have no Ethernet header, and Port that it belongs to a bridge, a bond or the
	// like: the kernel puts no VMAC or ipvlan on either.
	NoEthernet, Port bool
	// Addresses are the IPv4 addresses in the kernel's order.
	Addresses []netip.Addr
	// MAC is the Ethernet address; zero where there is none.
	MAC [6]byte
	// MTU is in bytes.
	MTU int
	// VRFTable is the routing table of a VRF interface; 0 for all others.
	VRFTable uint32
}

// Source is the address that adverts are sent from where none is configured: the first one that is
// not among the addresses that p may add while master (they come and go). Not valid where there is none.
func (f InterfaceFacts) Source(p *plan.Plan) netip.Addr {
	virtual := make(map[netip.Addr]bool)
	for i := range p.Instances {
		for _, list := range [][]plan.Address{p.Instances[i].VIPs, p.Instances[i].Excluded} {
			for _, a := range list {
				virtual[a.Prefix.Addr()] = true
			}
		}
	}
	for _, a := range f.Addresses {
		if !virtual[a] {
			return a
		}
	}
	return netip.Addr{}
}

// Prepared reports whether an object of the kind is there before the instances start, and until they have
// ended: whoever runs the instances does not make it.
func (k Kind) Prepared() bool { return k == KindLink || k == KindSysctl || k == KindTable }

// State is the state of the director that the objects depend on.
type State struct {
	// Running is false before start and after stop: nothing is wanted then.
	Running bool
	// Instances holds the state of each VRRP instance by name; absent means StateInit.
	Instances map[string]plan.State
	// Down holds the real servers that are out, by [RealServerKey].
	Down map[string]bool
	// Sorry holds the virtual servers, by name, whose sorry server answers: their quorum is lost.
	Sorry map[string]bool
}
