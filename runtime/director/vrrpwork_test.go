//go:build linux

package director

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"ka/compiler/effect"
	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// TestAnnouncementsBesideChanges: each chunk of addresses is announced behind its own changes, while the next
// ones are made; nothing is announced before it is there; later rounds come behind all.
func TestAnnouncementsBesideChanges(t *testing.T) {
	const count = 4*chunk + 7
	p := testPlan(100)
	inst := newInstance(&p.Instances[0], 0, nil)
	inst.plan.VIPs = nil
	// A route comes first, so that chunks of addresses and of changes do not match.
	list := []effect.Change{{Op: effect.Add, Want: effect.Route{Destination: netip.MustParsePrefix("10.99.0.0/24")}}}
	for i := range count {
		a := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 77, byte(i / 200), byte(i % 200)}), 32)
		inst.plan.Excluded = append(inst.plan.Excluded, plan.Address{Prefix: a, Interface: "eth0"})
		list = append(list, effect.Change{Op: effect.Add, Want: effect.Address{Prefix: a, Interface: "eth0"}})
	}
	v := &vrrpProcess{link: newChildLink(-1), mirror: newMirror(p)}
	v.writer = writer{steps: make(chan step, ahead)}
	v.queueList(inst, list)
	v.queueCall(func() {})
	v.queueAnnounce(inst, vrrp.AnnounceAddresses{Rounds: 2})
	var order []string
	there, announced := make(map[netip.Prefix]bool), 0
	for !v.finished() {
		i := v.nextStep()
		if i < 0 { // the oldest step under way is done
			order = append(order, "made")
			for _, c := range v.takeStep(make(map[string]bool)) {
				if a, ok := c.Want.(effect.Address); ok {
					there[a.Prefix] = true
				}
			}
			v.work = slices.DeleteFunc(v.work, func(s step) bool { return s.done != nil })
			continue
		}
		s := v.work[i]
		v.work = slices.Delete(v.work, i, i+1)
		switch {
		case s.changes != nil:
			order = append(order, "change")
			v.apply(s)
		case s.announce != nil:
			order = append(order, "announce")
			for _, a := range s.announce {
				announced++
				if !there[a.Prefix] {
					t.Errorf("%v is announced before it is there", a.Prefix)
				}
			}
		default:
			order = append(order, "call")
		}
	}
	if announced != 2*count {
		t.Errorf("%d announcements, want %d", announced, 2*count)
	}
	want := "[change change change change made change made announce made announce made announce made announce announce " +
		"call announce announce announce announce announce]"
	if got := fmt.Sprint(order); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestRemovalsWaitForAnnouncements: additions go ahead of announcements; what removes an address does not, it would
// be announced when it is gone.
func TestRemovalsWaitForAnnouncements(t *testing.T) {
	p := testPlan(100)
	v := &vrrpProcess{link: newChildLink(-1), mirror: newMirror(p)}
	v.writer = writer{steps: make(chan step, ahead)}
	inst := newInstance(&p.Instances[0], 0, nil)
	inst.plan.VIPs = []plan.Address{{Prefix: netip.MustParsePrefix("10.77.0.1/32"), Interface: "eth0"}}
	a := effect.Address{Prefix: netip.MustParsePrefix("10.77.0.1/32"), Interface: "eth0"}
	v.queueList(inst, []effect.Change{{Op: effect.Add, Want: a}})
	v.queueAnnounce(inst, vrrp.AnnounceAddresses{Rounds: 1})
	v.queueList(inst, []effect.Change{{Op: effect.Remove, Have: a}})
	v.apply(v.work[v.nextStep()])
	v.work = v.work[1:]
	if !v.idle() {
		t.Fatalf("step %d goes on before the address is there", v.nextStep())
	}
	v.takeStep(make(map[string]bool))
	if i := v.nextStep(); i != 0 || v.work[i].announce == nil {
		t.Errorf("step %d is next, want the announcement", i)
	}
}

// TestOverload: a loop that cannot keep up, behind a change of the kernel that takes long, does not heap up the same
// announcements; and while it is late it does its work all the same.
func TestOverload(t *testing.T) {
	p := testPlan(100)
	v := &vrrpProcess{link: newChildLink(-1), node: vrrp.NewNode(p, vrrp.Karun()), mirror: newMirror(p)}
	v.writer = writer{steps: make(chan step, ahead), underWay: make([]step, 1)}
	inst := newInstance(&p.Instances[0], 0, v.node.Machine(0))
	again := func() {
		for range 10_000 {
			v.do(inst, vrrp.AnnounceAddresses{Rounds: 5})
		}
		if got := len(v.work); got != 5*maxAnnouncing {
			t.Fatalf("%d steps wait, want %d", got, 5*maxAnnouncing)
		}
	}
	again()
	v.doWork(monotonic().Add(time.Hour))
	if len(v.work) == 0 {
		t.Fatal("they did not wait for the change")
	}
	v.writer.underWay = nil
	v.again = 1 // a deadline that is over
	v.doWork(monotonic().Add(time.Hour))
	if !v.finished() {
		t.Fatalf("%d steps are left", len(v.work))
	}
	again()
}
