//go:build linux

package labcmd

import (
	"net/netip"
	"slices"
	"time"

	"ka/compiler/plan"
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

// holding is how a node has an address.
type holding uint8

const (
	holdsNot holding = iota
	holdsOwn
	// holdsLeft is an address of a daemon that is gone. The next one removes it, or takes it over.
	holdsLeft
)

// ownership follows who has which virtual address.
type ownership struct {
	holds map[netip.Addr]map[string]holding
	past  map[netip.Addr][]period
}

func newOwnership(vips map[netip.Addr]bool) *ownership {
	o := &ownership{holds: map[netip.Addr]map[string]holding{}, past: map[netip.Addr][]period{}}
	for vip := range vips {
		o.holds[vip] = map[string]holding{}
		o.past[vip] = []period{{}}
	}
	return o
}

// event takes an event; they come in order of time.
func (o *ownership) event(at time.Duration, e node.Event) {
	switch w := e.What.(type) {
	case node.Ended:
		o.change(e.Node, holdsOwn, holdsLeft)
	case done:
		if w.verb == verbKill {
			o.change(e.Node, holdsOwn, holdsLeft)
		}
	case node.Transition:
		if w.To == plan.StateMaster.String() {
			o.change(e.Node, holdsLeft, holdsOwn)
		}
	case node.Address:
		if holders := o.holds[w.Address.Addr()]; holders != nil {
			holders[e.Node] = map[bool]holding{true: holdsOwn, false: holdsNot}[w.Added]
		}
	default:
		return
	}
	for vip := range o.holds {
		o.mark(vip, at)
	}
}

// change turns all of a node's holdings of one kind into another.
func (o *ownership) change(name string, from, to holding) {
	for _, holders := range o.holds {
		if holders[name] == from && from != to {
			holders[name] = to
		}
	}
}

// mark ends the period of an address and begins a new one where its owners have changed.
func (o *ownership) mark(vip netip.Addr, at time.Duration) {
	var now period
	for name, how := range o.holds[vip] {
		switch how {
		case holdsOwn:
			now.Owners = append(now.Owners, name)
		case holdsLeft:
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
