//go:build linux

package labcmd

import (
	"net/netip"
	"slices"
	"time"

	"ka/runtime/lab/node"
)

// period is a time in which the same nodes had an address.
type period struct {
	From float64 `json:"from"`
	To   float64 `json:"to"`
	// Owners have the address and a living daemon. LeftBehind have the address and none: a killed
	// daemon removes nothing.
	Owners     []string `json:"owners"`
	LeftBehind []string `json:"left_behind,omitempty"`

	from, to time.Duration
}

// ownership follows who has which virtual address.
type ownership struct {
	alive map[string]bool
	holds map[netip.Addr]map[string]bool
	past  map[netip.Addr][]period
}

func newOwnership(vips map[netip.Addr]bool) *ownership {
	o := &ownership{alive: map[string]bool{}, holds: map[netip.Addr]map[string]bool{}, past: map[netip.Addr][]period{}}
	for vip := range vips {
		o.holds[vip] = map[string]bool{}
		o.past[vip] = []period{{}}
	}
	return o
}

// event takes an event; they come in order of time.
func (o *ownership) event(at time.Duration, e node.Event) {
	switch w := e.What.(type) {
	case node.Started:
		o.alive[e.Node] = true
	case node.Ended:
		o.alive[e.Node] = false
	case done:
		if w.verb != verbKill {
			return
		}
		o.alive[e.Node] = false
	case node.Address:
		if holders := o.holds[w.Address.Addr()]; holders != nil {
			holders[e.Node] = w.Added
		}
	default:
		return
	}
	for vip := range o.holds {
		o.mark(vip, at)
	}
}

// mark ends the period of an address and begins a new one where its owners have changed.
func (o *ownership) mark(vip netip.Addr, at time.Duration) {
	var now period
	for name, has := range o.holds[vip] {
		switch {
		case has && o.alive[name]:
			now.Owners = append(now.Owners, name)
		case has:
			now.LeftBehind = append(now.LeftBehind, name)
		}
	}
	slices.Sort(now.Owners)
	slices.Sort(now.LeftBehind)
	list := o.past[vip]
	last := &list[len(list)-1]
	if slices.Equal(last.Owners, now.Owners) && slices.Equal(last.LeftBehind, now.LeftBehind) {
		return
	}
	last.to, now.from = at, at
	o.past[vip] = append(list, now)
}

// shortest is how long a period lasts to be told: a new master adds the address a moment before the
// old one has removed it.
const shortest = 50 * time.Millisecond

// periods returns an address's periods up to the end, those that are too short joined to the next.
func (o *ownership) periods(vip netip.Addr, end time.Duration) []period {
	list := slices.Clone(o.past[vip])
	if len(list) == 0 {
		return nil
	}
	list[len(list)-1].to = end
	var out []period
	carry := time.Duration(-1)
	for i, p := range list {
		if p.to-p.from < shortest && i < len(list)-1 {
			if carry < 0 {
				carry = p.from
			}
			continue
		}
		if carry >= 0 {
			p.from, carry = carry, -1
		}
		if n := len(out); n > 0 && slices.Equal(out[n-1].Owners, p.Owners) && slices.Equal(out[n-1].LeftBehind, p.LeftBehind) {
			out[n-1].to = p.to
			continue
		}
		out = append(out, p)
	}
	for i := range out {
		p := &out[i]
		p.From, p.To = seconds(p.from), seconds(p.to)
		if p.Owners == nil {
			p.Owners = []string{}
		}
	}
	return out
}

// addresses lists the virtual addresses in order.
func (o *ownership) addresses() []netip.Addr {
	var list []netip.Addr
	for vip := range o.holds {
		list = append(list, vip)
	}
	slices.SortFunc(list, compareAddr)
	return list
}
