package vrrp_test

import (
	"net/netip"
	"testing"
	"time"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// TestFileEffects: what keepalived 2.4.3 does with priority 100 as the number in a file changes; it was tried.
// 0 stands for FAULT.
func TestFileEffects(t *testing.T) {
	numbers := []int{0, 1, 3, -127, -300, 300, 16}
	for _, tt := range []struct {
		weight  int
		reverse bool
		want    []int
	}{
		{2, false, []int{100, 102, 106, 0, 0, 254, 132}},
		{0, false, []int{100, 0, 0, 0, 0, 0, 0}},
		{0, true, []int{0, 100, 100, 100, 100, 100, 100}},
		{1, true, []int{100, 99, 97, 227, 254, 0, 84}},
		{-100, false, []int{100, 1, 0, 254, 254, 0, 0}},
	} {
		m := tracking(plan.Tracked{Kind: plan.KindFile, Tracker: plan.Tracker{Name: "f", Weight: tt.weight, Reverse: tt.reverse}})
		for i, number := range numbers {
			m.Step(0, vrrp.TrackedChanged{Kind: plan.KindFile, Name: "f", Number: number})
			if got := effective(m); got != tt.want[i] {
				t.Errorf("weight %d, reverse %v, number %d: %d, want %d", tt.weight, tt.reverse, number, got, tt.want[i])
			}
		}
	}
}

// TestEffects: the other kinds are alike (reference vrrp 7): unknown, up, down.
func TestEffects(t *testing.T) {
	for _, kind := range []plan.TrackedKind{plan.KindInterface, plan.KindProcess, plan.KindBFD} {
		for _, tt := range []struct {
			weight            int
			reverse           bool
			unknown, up, down int
		}{
			{0, false, 100, 100, 0}, {0, true, 100, 0, 100}, {20, false, 100, 120, 100}, {-20, false, 100, 100, 80},
			{20, true, 100, 80, 100}, {-20, true, 100, 100, 120}, {253, false, 100, 254, 100}, {-253, false, 100, 100, 1},
		} {
			m := tracking(plan.Tracked{Kind: kind, Tracker: plan.Tracker{Name: "x", Weight: tt.weight, Reverse: tt.reverse}})
			unknown := effective(m)
			m.Step(0, vrrp.TrackedChanged{Kind: kind, Name: "x", Up: true})
			up := effective(m)
			m.Step(0, vrrp.TrackedChanged{Kind: kind, Name: "x"})
			if down := effective(m); unknown != tt.unknown || up != tt.up || down != tt.down {
				t.Errorf("%v, weight %d, reverse %v: %d, %d, %d", kind, tt.weight, tt.reverse, unknown, up, down)
			}
		}
	}
}

// tracking is a machine of priority 100 that has started.
func tracking(list ...plan.Tracked) *vrrp.Machine {
	m := vrrp.NewMachine(plan.Instance{
		Name: "V", Interface: "eth0", Version: 2, VRID: 1, Priority: 100, InitialState: plan.StateBackup,
		AdvertInterval: time.Second, DownTimerAdverts: 3, Group: netip.MustParseAddr("224.0.0.18"),
	}, vrrp.Karun())
	m.Track(list)
	m.Step(0, vrrp.Start{Source: netip.MustParseAddr("192.0.2.1"), LinkUp: true})
	return m
}

// effective is the machine's priority, 0 in FAULT.
func effective(m *vrrp.Machine) int {
	if st := m.Status(); st.State != plan.StateFault {
		return int(st.Priority)
	}
	return 0
}
