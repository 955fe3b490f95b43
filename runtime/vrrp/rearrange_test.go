package vrrp_test

import (
	"net/netip"
	"testing"
	"time"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// TestRearrange: machines go with their virtual routers, whatever place and name they have in the new plan;
// a member that is new follows its group, and a group that is new follows its master.
func TestRearrange(t *testing.T) {
	source := netip.MustParseAddr("10.9.0.1")
	router := func(name string, vrid uint8) plan.Instance {
		in := testInstance()
		in.Name, in.VRID = name, vrid
		return in
	}
	group := func(members ...string) plan.Groups {
		return plan.Groups{Sync: []plan.SyncGroup{{Name: "G", Members: members}}}
	}
	old := &plan.Plan{Instances: []plan.Instance{router("A", 1), router("B", 2), router("C", 3)}, Groups: group("A", "B")}
	n := vrrp.NewNode(old, vrrp.Karun())
	now := vrrp.Instant(0)
	start := func(i int) { n.Step(now, i, vrrp.Start{Source: source, LinkUp: true}) }
	states := func(want ...plan.State) {
		t.Helper()
		for i, s := range want {
			if got := n.Machine(i).State(); got != s {
				t.Errorf("%s is %v, want %v", n.Machine(i).Status().Name, got, s)
			}
		}
	}
	for i := range old.Instances {
		start(i)
	}
	for range 3 {
		at, _ := n.NextDeadline()
		now = max(now, at)
		if i, due := n.Due(now); due {
			n.Step(now, i, vrrp.Tick{})
		}
	}
	states(plan.StateMaster, plan.StateMaster, plan.StateMaster)
	n.Step(now, 2, vrrp.Stop{})

	next := &plan.Plan{Instances: []plan.Instance{router("B2", 2), router("D", 4), router("A", 1)}, Groups: group("A", "B2", "D")}
	n.Rearrange(next, vrrp.Karun(), []int{1, -1, 0})
	for _, i := range []int{0, 2} {
		n.Step(now, i, vrrp.Reload{Instance: next.Instances[i], Tracked: next.Tracked(&next.Instances[i])})
	}
	start(1)
	n.Gather(now)
	states(plan.StateMaster, plan.StateMaster, plan.StateMaster)
	if at, ok := n.NextDeadline(); !ok || at != now.Add(time.Second) {
		t.Errorf("next deadline %v", at)
	}

	// E waits for a master when the group takes it in.
	single := &plan.Plan{Instances: []plan.Instance{router("A", 1), router("E", 5)}}
	for _, i := range []int{0, 1} {
		n.Step(now, i, vrrp.Delete{})
	}
	n.Rearrange(single, vrrp.Karun(), []int{2, -1})
	start(1)
	states(plan.StateMaster, plan.StateBackup)
	single.Groups = group("A", "E")
	n.Rearrange(single, vrrp.Karun(), []int{0, 1})
	n.Gather(now)
	states(plan.StateMaster, plan.StateMaster)
}
