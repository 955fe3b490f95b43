package kac

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// The preview's arithmetic is the machine's, for every kind of thing.
func TestFailuresAreTheMachines(t *testing.T) {
	track := func(weight int, reverse bool) plan.Tracker { return plan.Tracker{Weight: weight, Reverse: reverse} }
	for name, trackers := range map[string][]plan.Tracker{
		"negative":          {track(-90, false)},
		"positive":          {track(20, false)},
		"several":           {track(-90, false), track(20, false), track(-3, false)},
		"reversed":          {track(-10, true), track(10, true)},
		"bounded":           {track(-253, false), track(253, false)},
		"without weight":    {track(0, false), track(5, false)},
		"reversed, without": {track(7, false), track(0, true)},
		"all the way":       {track(-254, false), track(254, false)},
	} {
		for kind := plan.KindScript; kind <= plan.KindBFD; kind++ {
			var tracked []plan.Tracked
			for i, tracker := range trackers {
				tracker.Name = string(rune('a' + i))
				tracked = append(tracked, plan.Tracked{Kind: kind, Tracker: tracker})
			}
			for at, view := range failures(&plan.Instance{Priority: 150}, tracked) {
				if tracked[at].Weight == 0 && tracked[at].Reverse {
					continue // its success is the fault
				}
				m := vrrp.NewMachine(plan.Instance{
					Name: "VI_1", Interface: "eth0", Version: 2, VRID: 1, Priority: 150, InitialState: plan.StateBackup,
					AdvertInterval: time.Second, DownTimerAdverts: 3, Group: netip.MustParseAddr("224.0.0.18"),
				}, vrrp.Karun())
				m.Track(tracked)
				m.Step(0, vrrp.Start{Source: netip.MustParseAddr("192.0.2.1"), LinkUp: true})
				for i, t := range tracked {
					switch {
					case i == at:
						m.Step(0, broken(t))
					case t.Weight != 0 || !t.Reverse:
						m.Step(0, well(t))
					case kind != plan.KindFile: // its failure is well
						m.Step(0, vrrp.TrackedChanged{Kind: kind, Name: t.Name})
					default:
						m.Step(0, broken(t))
					}
				}
				want := m.Status()
				fault := want.State == plan.StateFault
				if fault != (view.State == "FAULT") || !fault && view.Priority != int(want.Priority) {
					t.Errorf("%s, %v %s fails: %+v, the machine is %s with priority %d", name, kind, tracked[at].Name, view, want.State, want.Priority)
				}
			}
		}
	}
}

func TestTheOwnerKeepsItsPriority(t *testing.T) {
	inst := plan.Instance{Priority: 255}
	got := failures(&inst, []plan.Tracked{{Kind: plan.KindScript, Tracker: plan.Tracker{Name: "a", Weight: -90}}})
	if got[0].Priority != 255 || got[0].State != "same" {
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
