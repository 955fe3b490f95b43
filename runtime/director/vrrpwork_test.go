//go:build linux

package director

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"ka/compiler/effect"
	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// TestAnnouncementsBesideChanges: each chunk of addresses is announced behind its own changes, while the next
// ones are made; nothing is announced before it is there; later rounds come behind all.
func TestAnnouncementsBesideChanges(t *testing.T) {
	const count = 3*chunk + 7
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
	v := &vrrpProcess{}
	v.queueList(inst, list)
	v.queueCall(func() {})
	v.queueAnnounce(inst, vrrp.AnnounceAddresses{Rounds: 2})
	var order []string
	there, announced := make(map[netip.Prefix]bool), 0
	var underWay []effect.Change
	for _, s := range v.work {
		if !s.beside { // waits for the change under way
			for _, c := range underWay {
				if a, ok := c.Want.(effect.Address); ok {
					there[a.Prefix] = true
				}
			}
			underWay = s.changes
		}
		switch {
		case s.changes != nil:
			order = append(order, "change")
		case s.announce != nil:
			order = append(order, map[bool]string{true: "beside", false: "announce"}[s.beside])
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
	want := "[change change change beside change beside call announce announce announce announce announce announce]"
	if got := fmt.Sprint(order); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestOverload: a loop that cannot keep up, behind a change of the kernel that takes long, does not heap up the same
// announcements; and while it is late it does its work all the same.
func TestOverload(t *testing.T) {
	p := testPlan(100)
	v := &vrrpProcess{link: newChildLink(-1), node: vrrp.NewNode(p, vrrp.Karun()), mirror: newMirror(p)}
	v.writer = writer{steps: make(chan step, 1), done: make(chan outcome, 1), busy: true}
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
	v.writer.busy = false
	v.again = 1 // a deadline that is over
	v.doWork(monotonic().Add(time.Hour))
	if !v.finished() {
		t.Fatalf("%d steps are left", len(v.work))
	}
	again()
}
