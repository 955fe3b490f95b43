package vrrp_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// TestLate: exactly those whose deadline has passed, and the members of their groups.
func TestLate(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	p := &plan.Plan{}
	for i := range 40 {
		in := testInstance()
		in.Name, in.VRID = string(rune('A'+i)), uint8(i+1)
		in.Priority = uint8(1 + random.IntN(254))
		in.AdvertInterval = time.Duration(1+random.IntN(300)) * 10 * time.Millisecond
		p.Instances = append(p.Instances, in)
	}
	p.Groups.Sync = []plan.SyncGroup{{Name: "G", Members: []string{"A", "B", "C"}}}
	node := vrrp.NewNode(p, vrrp.Karun())
	for i := range p.Instances {
		node.Step(0, i, vrrp.Start{Source: vectorSource4, LinkUp: true})
	}
	found := 0
	for now := vrrp.Instant(0); now < vrrp.Instant(12*time.Second); now += vrrp.Instant(100 * time.Millisecond) {
		want, got := map[int]bool{}, map[int]bool{}
		for i := range p.Instances {
			if at, ok := node.Machine(i).NextDeadline(); ok && at <= now {
				want[i] = true
				if i < 3 {
					want[0], want[1], want[2] = true, true, true
				}
			}
		}
		node.Late(now, func(i int) { got[i] = true })
		if !maps.Equal(got, want) {
			t.Fatalf("%v: late are %v, want %v", now, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
		}
		found += len(want)
		for i, due := node.Due(now); due; i, due = node.Due(now) {
			node.Step(now, i, vrrp.Tick{})
		}
	}
	if found < 100 {
		t.Errorf("only %d were late", found)
	}
}
