package kac

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// The preview's arithmetic is the machine's.
func TestFailuresAreTheMachines(t *testing.T) {
	for name, tracks := range map[string][]plan.TrackScript{
		"negative":          {{Script: "a", Weight: -90}},
		"positive":          {{Script: "a", Weight: 20}},
		"several":           {{Script: "a", Weight: -90}, {Script: "b", Weight: 20}, {Script: "c", Weight: -3}},
		"reversed":          {{Script: "a", Weight: -10, Reverse: true}, {Script: "b", Weight: 10, Reverse: true}},
		"bounded":           {{Script: "a", Weight: -253}, {Script: "b", Weight: 253}},
		"without weight":    {{Script: "a"}, {Script: "b", Weight: 5}},
		"reversed, without": {{Script: "a", Weight: 7}, {Script: "b", Reverse: true}},
	} {
		inst := plan.Instance{
			Name: "VI_1", Interface: "eth0", Version: 2, VRID: 1, Priority: 150, InitialState: plan.StateBackup,
			AdvertInterval: time.Second, DownTimerAdverts: 3, Group: netip.MustParseAddr("224.0.0.18"), TrackScripts: tracks,
		}
		for _, down := range tracks {
			if down.Reverse && down.Weight == 0 {
				continue // its success is the fault
			}
			m := vrrp.NewMachine(inst, vrrp.Karun())
			m.Step(0, vrrp.Start{Source: netip.MustParseAddr("192.0.2.1"), LinkUp: true})
			for _, s := range tracks {
				up := s.Script != down.Script
				if s.Reverse && s.Weight == 0 {
					up = false
				}
				m.Step(0, vrrp.TrackedChanged{Kind: plan.KindScript, Name: s.Script, Up: up})
			}
			got, want := failure(&inst, down), m.Status()
			fault := want.State == plan.StateFault
			if fault != (got.State == "FAULT") || !fault && got.Priority != int(want.Priority) {
				t.Errorf("%s, %s down: %+v, the machine is %s with priority %d", name, down.Script, got, want.State, want.Priority)
			}
		}
	}
}

func TestTheOwnerKeepsItsPriority(t *testing.T) {
	inst := plan.Instance{Priority: 255, TrackScripts: []plan.TrackScript{{Script: "a", Weight: -90}}}
	if got := failure(&inst, inst.TrackScripts[0]); got.Priority != 255 || got.State != "same" {
		t.Errorf("%+v", got)
	}
}

// Long lists are cut, and say how much is behind the cut.
func TestLongListsAreBounded(t *testing.T) {
	p := &plan.Plan{}
	vs := plan.VirtualServer{Address: netip.MustParseAddrPort("192.0.2.1:80"), Protocol: plan.TCP, Scheduler: "rr", Quorum: 1}
	for i := range 70 {
		p.StaticRules = append(p.StaticRules, plan.Rule{Preference: uint32(i), Action: "nop", NoTrack: true})
		vs.RealServers = append(vs.RealServers, plan.RealServer{
			Address: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), 80), Weight: uint32(i + 2),
			Checks: []plan.Check{{Kind: plan.TCPCheck}},
		})
	}
	p.VirtualServers = []plan.VirtualServer{vs}
	p.VirtualServerGroups = []plan.VirtualServerGroup{{Name: "g"}}
	var out strings.Builder
	if err := newView(p).writeText(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\n  rule: and 20 more\n", "\n    and 20 more real servers\n", "\n    each real server: TCP_CHECK\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
	if text := bounded(strings.Repeat("192.0.2.1, ", 99) + "end"); len(text) > 2*maxFactBytes || !strings.HasSuffix(text, " more") {
		t.Errorf("%d bytes: %s", len(text), text)
	}
}
