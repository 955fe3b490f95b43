package effect

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"

	"ka/compiler/plan"
)

// The name and priority of keepalived's tables of nftables, unless the text says otherwise.
const (
	tableName     = "keepalived"
	tablePriority = -1
)

// Table is a table of nftables while karun runs (reference vrrp 12). It drops what is sent to and from
// addresses that accept nothing, and moves the reports of VMACs about multicast groups to their bases, so that
// a backup does not teach switches the virtual MAC.
type Table struct {
	IPv6     bool
	Name     string
	Priority int32
	// Counters count in the rules.
	Counters bool
	// Drops says that there are addresses that accept nothing. LinkLocal and LinkLocalNames are there for
	// link-local ones, told apart by the index of their interface, or by its name.
	Drops, LinkLocal, LinkLocalNames bool
	// ByIndex knows the VMACs behind copied link-local addresses by index, not by name.
	ByIndex bool
	// VMACs are those of the family.
	VMACs []TableVMAC
	// Foreign says that a table of this name holds what keepalived never makes.
	Foreign bool
}

// TableVMAC is a VMAC with the interface below it.
type TableVMAC struct {
	Name, Base string
}

// Kind is KindTable.
func (Table) Kind() Kind { return KindTable }

// Key names the table.
func (t Table) Key() string { return "table " + t.family() + " " + t.Name }

func (t Table) family() string {
	if t.IPv6 {
		return "ip6"
	}
	return "ip"
}

// Equal compares what was asked for: what is in a table is not read back.
func (t Table) Equal(o Object) bool {
	b, ok := unwrap(o).(Table)
	return ok && reflect.DeepEqual(t, b)
}

// String names the table as nft(8) does, and what it is for.
func (t Table) String() string {
	text := fmt.Sprintf("nft table %s %s priority %d", t.family(), t.Name, t.Priority)
	var what []string
	if t.Drops {
		what = append(what, "drops what is sent to and from its addresses")
	}
	for _, v := range t.VMACs {
		what = append(what, "reports of "+v.Name+" leave by "+v.Base)
	}
	if len(what) > 0 {
		text += " (" + strings.Join(what, ", ") + ")"
	}
	return text
}

// Dropped is an address in a table: nothing is accepted that is sent to it (no_accept).
type Dropped struct {
	IPv6    bool
	Table   string
	Address netip.Addr
	// Interface is that of a link-local address, "" for others; ByName tells it by its name, not its index.
	Interface string
	ByName    bool
}

// Kind is KindDropped.
func (Dropped) Kind() Kind { return KindDropped }

// Key names the address in its table.
func (d Dropped) Key() string { return d.String() }

// Equal compares the keys.
func (d Dropped) Equal(o Object) bool { return d.Key() == o.Key() }

// Set is the name of the set that the address is in.
func (d Dropped) Set() string {
	switch {
	case d.Interface == "":
		return "vips"
	case d.ByName:
		return "vips_link_local_name"
	}
	return "vips_link_local"
}

// String writes the arguments of nft(8).
func (d Dropped) String() string {
	text := fmt.Sprintf("nft element %s %s %s { %s", Table{IPv6: d.IPv6}.family(), d.Table, d.Set(), d.Address)
	if d.Interface != "" {
		text += " . " + d.Interface
	}
	return text + " }"
}

// firewall are the settings of the tables.
func firewall(p *plan.Plan) (nft plan.NFTables, counters bool) {
	nft = plan.NFTables{Table: tableName, Priority: tablePriority}
	if f := p.Global.Firewall; f != nil {
		counters = f.Counters
		if f.NFTables != nil {
			nft = *f.NFTables
		}
	}
	return nft, counters
}

// newDropped gives the element of an address of an instance that accepts nothing.
func newDropped(p *plan.Plan, in *plan.Instance, a plan.Address) Dropped {
	nft, _ := firewall(p)
	d := Dropped{IPv6: a.Prefix.Addr().Is6(), Table: nft.Table, Address: a.Prefix.Addr()}
	if d.IPv6 && d.Address.IsLinkLocalUnicast() {
		d.Interface = a.Interface
		d.ByName = !nft.ByIndex && in.Link.UntrackedInterface && (a.NoTrack || a.Interface == in.Interface || in.Link.VMAC != nil && a.Interface == in.Link.VMAC.Name)
	}
	return d
}

// otherFamily reports whether an instance has excluded addresses of the other family: then the tables of both
// know its VMAC, as with keepalived.
func otherFamily(in *plan.Instance) bool {
	return slices.ContainsFunc(in.Excluded, func(a plan.Address) bool { return a.Prefix.Addr().Is6() != in.IPv6() })
}

// appendTables adds the tables that the instances need.
func appendTables(out []Wanted, p *plan.Plan, scope Scope) []Wanted {
	nft, counters := firewall(p)
	noReports := p.Global.VRRP != nil && p.Global.VRRP.NoLocalIGMP
	for _, v6 := range []bool{false, true} {
		t := Table{IPv6: v6, Name: nft.Table, Priority: nft.Priority, Counters: counters, ByIndex: nft.ByIndex}
		var origin plan.Origin
		need := func(at plan.Origin) {
			if origin == (plan.Origin{}) {
				origin = at
			}
		}
		for i := range p.Instances {
			in := &p.Instances[i]
			if v := in.Link.VMAC; v != nil && (in.IPv6() == v6 || otherFamily(in)) && (in.IPv6() || !noReports) {
				t.VMACs = append(t.VMACs, TableVMAC{v.Name, in.Interface})
				need(v.Origin)
			}
			for _, v := range in.Link.AddressVMACs {
				if v.IPv6 == v6 && (v6 || !noReports) {
					t.VMACs = append(t.VMACs, TableVMAC{v.Name, v.Base})
					need(v.Origin)
				}
			}
			if !in.Deviations.NoAccept {
				continue
			}
			for _, a := range slices.Concat(in.VIPs, in.Excluded) {
				if d := newDropped(p, in, a); d.IPv6 == v6 {
					t.Drops = true
					t.LinkLocal = t.LinkLocal || d.Interface != "" && !d.ByName
					t.LinkLocalNames = t.LinkLocalNames || d.ByName
					need(in.Origin)
				}
			}
		}
		if t.Drops || len(t.VMACs) > 0 {
			out = append(out, Wanted{t, scope, origin})
		}
	}
	return out
}
