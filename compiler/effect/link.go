package effect

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"ka/compiler/plan"
	"ka/lang/schema/kw"
)

// LinkKind is the kernel's word for a kind of interface.
type LinkKind string

// The kinds that keepalived makes, both on another interface.
const (
	MACVLAN LinkKind = "macvlan"
	IPVLAN  LinkKind = "ipvlan"
)

// The modes, by keepalived's and ip(8)'s words.
const (
	ModePrivate = "private"
	ModeBridge  = "bridge"
	ModeVEPA    = "vepa"
)

// Link is an interface that exists while karun runs: a VMAC or an ipvlan (reference vrrp 11). It is made, set
// up and then brought up, with no link-local address of its own making.
type Link struct {
	Name, Base string
	// Beside are, of one that exists, the further interfaces of its kind on its base: whichever of them it was made
	// on, the kernel puts it on the base.
	Beside   []string
	LinkKind LinkKind
	Mode     string
	// MAC is that of a VMAC.
	MAC [6]byte
	// Group is the interface group; nil is the base's.
	Group *uint32
	// Settings are the sysctls of the interface itself, which go with it.
	Settings []Sysctl
	// LinkLocal gives it the base's link-local address, or the one given, without duplicate address detection
	// and deprecated: adverts over IPv6 leave from it.
	LinkLocal        bool
	LinkLocalAddress netip.Addr
	// Announce has the kernel tell of the base once more: some kinds do not when they become promiscuous.
	Announce bool
}

// Kind is KindLink.
func (Link) Kind() Kind { return KindLink }

// Key names the interface.
func (l Link) Key() string { return "link " + l.Name }

// Equal compares what the kernel can be asked for: kind, mode, base and MAC.
func (l Link) Equal(o Object) bool {
	b, ok := unwrap(o).(Link)
	return ok && l.Name == b.Name && l.LinkKind == b.LinkKind && (l.LinkKind != MACVLAN || l.Mode == b.Mode && l.MAC == b.MAC) &&
		(l.Base == b.Base || slices.Contains(b.Beside, l.Base))
}

// String writes the arguments of "ip link add", and in brackets what is set besides.
func (l Link) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "link %s link %s", l.Name, l.Base)
	if l.LinkKind == MACVLAN {
		fmt.Fprintf(&b, " address %s", macText(l.MAC))
	}
	if l.Group != nil {
		fmt.Fprintf(&b, " group %d", *l.Group)
	}
	fmt.Fprintf(&b, " type %s mode ", l.LinkKind)
	if l.LinkKind == IPVLAN {
		b.WriteString("l2 ")
	}
	b.WriteString(l.Mode)
	var more []string
	for _, s := range l.Settings {
		more = append(more, s.Name()+"="+s.Value)
	}
	if l.LinkLocalAddress.IsValid() {
		more = append(more, "link-local address "+l.LinkLocalAddress.String())
	} else if l.LinkLocal {
		more = append(more, "link-local address of "+l.Base)
	}
	if len(more) > 0 {
		b.WriteString(" (" + strings.Join(more, ", ") + ")")
	}
	return b.String()
}

func macText(m [6]byte) string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5])
}

// Sysctl is a setting of the kernel while karun runs; at its removal what was before comes back.
type Sysctl struct {
	// Path is below /proc/sys.
	Path, Value string
	// Before is what it was, once it was read.
	Before string
	// Spread gives the value that it had to every interface and to the default, where theirs is lower, before
	// it is set itself: so that nothing but the setting moves (reference vrrp 11, rp_filter).
	Spread bool
}

// Kind is KindSysctl.
func (Sysctl) Kind() Kind { return KindSysctl }

// Key names the setting.
func (s Sysctl) Key() string { return "sysctl " + s.Path }

// Equal compares the value.
func (s Sysctl) Equal(o Object) bool {
	b, ok := unwrap(o).(Sysctl)
	return ok && s.Path == b.Path && s.Value == b.Value
}

// Name is the last part of the path.
func (s Sysctl) Name() string { return s.Path[strings.LastIndexByte(s.Path, '/')+1:] }

// String writes the argument of sysctl(8), which takes slashes as well as dots.
func (s Sysctl) String() string {
	text := "sysctl " + s.Path + "=" + s.Value
	if s.Spread {
		text += " (interfaces with less get the value that it has)"
	}
	return text
}

// The folders of sysctls of interfaces.
const (
	confIPv4 = "net/ipv4/conf/"
	confIPv6 = "net/ipv6/conf/"
)

// ReversePath is the setting that spreads: whether packets are dropped whose source is reached otherwise.
const ReversePath = "rp_filter"

// promoteSecondaries keeps secondary addresses when the first of their network goes; keepalived's keyword has
// the setting's name.
const promoteSecondaries = kw.PromoteSecondaries

// localReports is the setting for reports of link-local multicast groups, VRRP's among them.
const localReports = "net/ipv4/igmp_link_local_mcast_reports"

// appendSettings adds the settings for all instances.
func appendSettings(out []Wanted, p *plan.Plan, scope Scope) []Wanted {
	v := p.Global.VRRP
	if v == nil || !v.NoLocalIGMP || len(p.Instances) == 0 {
		return out
	}
	return append(out, Wanted{Sysctl{Path: localReports, Value: "0"}, scope, v.Origin})
}

// appendLinks adds what an instance needs from the start: its interface, and settings of the one below.
func appendLinks(out []Wanted, in *plan.Instance, scope Scope) []Wanted {
	add := func(at plan.Origin, objects ...Object) {
		for _, o := range objects {
			out = append(out, Wanted{o, scope, at})
		}
	}
	below := func(at plan.Origin, base string, ipv6 bool) {
		add(at, Sysctl{Path: confIPv4 + "all/" + ReversePath, Value: "0", Spread: true})
		if !ipv6 {
			// The base answers for its own addresses only, and not for those of the VMAC.
			add(at, Sysctl{Path: confIPv4 + base + "/arp_ignore", Value: "1"}, Sysctl{Path: confIPv4 + base + "/arp_filter", Value: "1"})
		}
	}
	if v := in.Link.VMAC; v != nil {
		add(v.Origin, vmac(in, v))
		below(v.Origin, in.Interface, in.IPv6())
	}
	for _, v := range in.Link.AddressVMACs {
		add(v.Origin, addressVMAC(v))
		below(v.Origin, v.Base, v.IPv6)
	}
	if v := in.Link.IPVLAN; v != nil {
		add(v.Origin, Link{Name: v.Name, Base: in.Interface, LinkKind: IPVLAN, Mode: v.Mode, Group: group(v.Group), Settings: []Sysctl{familySetting(in, v.Name)}})
		if v.Address.IsValid() {
			a := NewAddress(plan.Address{Prefix: v.Address, Interface: v.Name})
			add(v.Origin, a)
		}
	}
	if in.Link.PromoteSecondaries {
		add(in.Origin, Sysctl{Path: confIPv4 + in.Interface + "/" + promoteSecondaries, Value: "1"})
	}
	return out
}

func vmac(in *plan.Instance, v *plan.VMAC) Link {
	l := newVMAC(v.Name, in.Interface, v.MAC, in.IPv6())
	l.Group, l.Announce = group(v.Group), v.NetlinkNotify
	if l.LinkLocal = in.IPv6() && !v.TransmitBase; l.LinkLocal {
		l.LinkLocalAddress = in.Source
	}
	l.Settings = append(l.Settings, familySetting(in, v.Name))
	return l
}

// addressVMAC is a VMAC that only addresses are on.
func addressVMAC(v plan.AddressVMAC) Link {
	l := newVMAC(v.Name, v.Base, v.MAC, v.IPv6)
	l.LinkLocal = v.IPv6
	disable := "1"
	if v.IPv6 {
		disable = "0"
	}
	l.Settings = append(l.Settings, Sysctl{Path: confIPv6 + v.Name + "/disable_ipv6", Value: disable})
	return l
}

// newVMAC is what all VMACs of a family have alike.
func newVMAC(name, base string, mac [6]byte, ipv6 bool) Link {
	l := Link{Name: name, Base: base, LinkKind: MACVLAN, Mode: ModePrivate, MAC: mac}
	settings := []Sysctl{{Path: "arp_ignore", Value: "1"}}
	if !ipv6 {
		settings = append(settings, Sysctl{Path: "accept_local", Value: "1"}, Sysctl{Path: ReversePath, Value: "0"}, Sysctl{Path: promoteSecondaries, Value: "1"})
	}
	for _, s := range settings {
		s.Path = confIPv4 + name + "/" + s.Path
		l.Settings = append(l.Settings, s)
	}
	return l
}

// familySetting switches IPv6 off where nothing needs it.
func familySetting(in *plan.Instance, name string) Sysctl {
	s := Sysctl{Path: confIPv6 + name + "/disable_ipv6", Value: "1"}
	if in.IPv6() {
		s.Value = "0"
	}
	for _, a := range in.Excluded {
		if a.Prefix.Addr().Is6() {
			s.Value = "0"
		}
	}
	return s
}

// group reads the number of an interface group; names were resolved before.
func group(text string) *uint32 {
	n, err := strconv.ParseUint(text, 0, 32)
	if err != nil {
		return nil
	}
	number := uint32(n)
	return &number
}
