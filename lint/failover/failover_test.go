package failover_test

import (
	"bytes"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ka/compiler/plan"
	"ka/lint/failover"
	"ka/runtime/vrrp"
)

var update = flag.Bool("update", false, "rewrite goldens")

// node is a participant that tracks the script chk with a weight.
func node(name string, priority uint8, weight int, change ...func(*plan.Instance)) failover.Participant {
	inst := plan.Instance{
		Name: "VI_1", Interface: "eth0", Version: 2, VRID: 51, Priority: priority,
		InitialState: plan.StateBackup, AdvertInterval: time.Second, DownTimerAdverts: 3,
		VIPs:         []plan.Address{{Prefix: netip.MustParsePrefix("192.0.2.100/24")}},
		TrackScripts: []plan.TrackScript{{Script: "chk", Weight: weight}},
	}
	for _, c := range change {
		c(&inst)
	}
	return failover.Participant{
		Name: name, Instance: inst, Behaviour: vrrp.Karun(),
		Scripts: []plan.Script{{Name: "chk", Interval: 2 * time.Second, Timeout: time.Second, Rise: 2, Fall: 3}},
	}
}

func script(name string) failover.Check { return failover.Check{Kind: plan.KindScript, Name: name} }

func reversed(i *plan.Instance) { i.TrackScripts[0].Reverse = true }

// trackers are the script's, for another kind of thing.
func trackers(i *plan.Instance) []plan.Tracker {
	t := i.TrackScripts[0]
	i.TrackScripts = nil
	return []plan.Tracker{{Name: "x", Weight: t.Weight}}
}

func onInterface(i *plan.Instance) { i.TrackInterfaces = trackers(i) }
func onProcess(i *plan.Instance)   { i.TrackProcesses = trackers(i) }
func onBFD(i *plan.Instance)       { i.TrackBFD = trackers(i) }

func noPreempt(i *plan.Instance) { i.NoPreempt = true }

func version3(i *plan.Instance) { i.Version, i.AdvertInterval = 3, 100*time.Millisecond }

func untracked(i *plan.Instance) { i.TrackScripts = nil }

func preemptDelay(i *plan.Instance) { i.PreemptDelay = 20 * time.Second }

// TestAnalyse writes what is found as "owner>heir before-after/heir cause repair".
func TestAnalyse(t *testing.T) {
	type nodes = []failover.Participant
	for _, c := range []struct {
		name  string
		nodes nodes
		want  string
	}{
		{"fine", nodes{node("a", 100, -20), node("b", 90, -20)}, ""},
		{"seed track-script", nodes{node("a", 150, -90), node("b", 100, -90)}, ""},
		{"fault", nodes{node("a", 200, 0), node("b", 100, 0)}, ""},
		{"preemption delay", nodes{node("a", 100, -20, preemptDelay), node("b", 90, -20, preemptDelay)}, ""},
		{"nobody checks the owner", nodes{node("a", 200, -20, untracked), node("b", 100, -20)}, ""},
		{"seed 003 without nopreempt", nodes{node("a", 80, -20), node("b", 70, -20)}, ""},
		{"equal priorities", nodes{node("a", 100, -20), node("b", 100, -20)}, ""},

		{"200/100", nodes{node("a", 200, -20), node("b", 100, -20)}, "a>b 200-180/100 weight -101"},
		{"200/100, other order", nodes{node("b", 100, -20), node("a", 200, -20)}, "a>b 200-180/100 weight -101"},
		{"a tie is not enough", nodes{node("a", 200, -100), node("b", 100, -20)}, "a>b 200-100/100 weight -101"},
		{"version 3", nodes{node("a", 200, -20, version3), node("b", 100, -20, version3)}, "a>b 200-180/100 weight -101"},
		{"positive weights", nodes{node("a", 150, 2), node("b", 100, 2)}, "a>b 152-150/102 weight 51"},
		{"positive weight on one node", nodes{node("a", 150, 2), node("b", 100, 0, untracked)}, "a>b 152-150/100 weight -51"},
		{"second of three", nodes{node("c", 20, -5), node("a", 200, -20), node("b", 100, -20)}, "a>b 200-180/100 weight -101"},
		{"nothing is lower than 1", nodes{node("a", 200, -253), node("b", 1, -20)}, "a>b 200-1/1 weight none"},
		{"owner of the address", nodes{node("a", 255, -20), node("b", 100, -20)}, "a>b 255-255/100 owner none"},

		{"seed 003", nodes{node("a", 80, -20, noPreempt), node("b", 70, -20)}, "b>a 70-50/80 nopreempt none"},
		{"both nopreempt", nodes{node("a", 80, -20, noPreempt), node("b", 70, -20, noPreempt)},
			"a>b 80-60/70 nopreempt none; b>a 70-50/80 nopreempt none"},
		{"two mistakes", nodes{node("a", 200, -20, noPreempt), node("b", 100, -20)},
			"a>b 200-180/100 weight -101; b>a 100-80/200 nopreempt none"},

		{"one node", nodes{node("a", 200, -20)}, ""},
		{"they do not hear each other", nodes{node("a", 200, -20), node("b", 100, -20, version3)}, ""},
		{"signed", nodes{node("a", 200, -20, signed), node("b", 100, -20, signed)}, "a>b 200-180/100 weight -101"},
		{"AH", nodes{node("a", 200, -20, withHeader), node("b", 100, -20, withHeader)}, "a>b 200-180/100 weight -101"},
		{"IPv6", nodes{node("a", 200, -20, ipv6), node("b", 100, -20, ipv6)}, "a>b 200-180/100 weight -101"},

		{"reversed, fine", nodes{node("a", 100, 20, reversed), node("b", 90, 20, reversed)}, ""},
		{"reversed", nodes{node("a", 200, 20, reversed), node("b", 100, -20, reversed)}, "a>b 200-180/120 weight 81"},
		{"reversed, negative", nodes{node("a", 200, -20, reversed), node("b", 100, -20, reversed)}, "a>b 220-200/120 weight -101"},
		{"reversed fault", nodes{node("a", 200, 0, reversed), node("b", 100, 0, reversed)}, ""},
		{"interface, fine", nodes{node("a", 100, -20, onInterface), node("b", 90, -20, onInterface)}, ""},
		{"interface", nodes{node("a", 200, -20, onInterface), node("b", 100, -20, onInterface)}, "a>b 200-180/100 weight -101"},
		{"interface, fault", nodes{node("a", 200, 0, onInterface), node("b", 100, 0, onInterface)}, ""},
		{"process", nodes{node("a", 200, 20, onProcess), node("b", 100, 20, onProcess)}, "a>b 220-200/120 weight 101"},
		{"BFD session", nodes{node("a", 200, -20, onBFD), node("b", 100, -20, onBFD)}, "a>b 200-180/100 weight -101"},

		{"groups", nodes{grouped(node("a", 110, -20), 110, true), grouped(node("b", 100, -20), 100, true)}, ""},
		{"a check of another member without weight", nodes{grouped(node("a", 200, 0), 200, false), grouped(node("b", 100, 0), 100, false)}, ""},
		{"weight of a group", nodes{grouped(node("a", 200, -20), 200, true), grouped(node("b", 100, -20), 100, true)}, "a>b 200-180/100 weight -101"},
		{"nopreempt in groups", nodes{grouped(node("a", 110, -20), 110, true), grouped(node("b", 100, -20, noPreempt), 100, true)}, "a>b 110-90/100 nopreempt none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, s := range failover.Analyse(c.nodes) {
				cause := [...]string{"weight", "owner", "nopreempt"}[s.Cause]
				repair := "none"
				if s.HasRepair {
					repair = fmt.Sprint(s.Repair)
				}
				got = append(got, fmt.Sprintf("%s>%s %d-%d/%d %s %s", c.nodes[s.Owner].Name, c.nodes[s.Heir].Name,
					s.Before, s.After, s.HeirPriority, cause, repair))
			}
			if have := strings.Join(got, "; "); have != c.want {
				t.Errorf("have %s\nwant %s", have, c.want)
			}
		})
	}
}

func ipv6(i *plan.Instance) {
	i.Version, i.Group = 3, netip.MustParseAddr("ff02::12")
	i.VIPs = []plan.Address{{Prefix: netip.MustParsePrefix("fe80::9/64")}, {Prefix: netip.MustParsePrefix("fd09::1/64")}}
}

func signed(i *plan.Instance) {
	i.HMAC = &plan.HMAC{Keys: []plan.HMACKey{{ID: 7, File: "/etc/key"}}, ActiveKey: 7, TimeWindow: 5 * time.Second, Replay: plan.ReplayTime, Mode: plan.HMACEnforce}
}

func withHeader(i *plan.Instance) { i.Auth = plan.Auth{Type: plan.AuthHeader, Password: "secret"} }

// grouped puts a node's instance into a sync group with another one, which has a priority of its own. The
// check is tracked by the group, with the instance's weight, or by the other one.
func grouped(p failover.Participant, sibling uint8, byGroup bool) failover.Participant {
	other := p.Instance
	other.Name, other.VRID, other.Priority = "VI_2", 52, sibling
	other.VIPs = []plan.Address{{Prefix: netip.MustParsePrefix("192.0.2.200/24")}}
	tracked := p.Instance.TrackScripts
	p.Instance.TrackScripts = nil
	p.Group = &plan.SyncGroup{Name: "G", Members: []string{"VI_1", "VI_2"}}
	if byGroup {
		other.TrackScripts = nil
		for _, t := range tracked {
			p.Group.TrackScripts = append(p.Group.TrackScripts, plan.Tracker{Name: t.Script, Weight: t.Weight})
		}
	}
	p.Siblings = []failover.Sibling{{Instance: other, Router: 1}}
	return p
}

// TestStories holds the traces of some plays, each file one; only commit a changed one if you
// understand what caused the change.
func TestStories(t *testing.T) {
	seed003 := []failover.Participant{node("A", 80, -20, noPreempt), node("B", 70, -20)}
	fine := []failover.Participant{node("lb1", 100, -20), node("lb2", 90, -20)}
	fault := []failover.Participant{node("lb1", 100, 0), node("lb2", 90, 0)}
	fails := failover.Step{Kind: failover.CheckFails, Node: 0, Check: script("chk")}
	recovers := failover.Step{Kind: failover.CheckRecovers, Node: 0, Check: script("chk")}
	for name, trace := range map[string]failover.Trace{
		"seed003": failover.Analyse(seed003)[0].Story,
		"weight":  failover.Play(fine, failover.Scenario{First: -1, Steps: []failover.Step{fails, recovers}}),
		"fault":   failover.Play(fault, failover.Scenario{First: 1, Steps: []failover.Step{fails, recovers}}),
		"crash":   failover.Play(fine, failover.Scenario{First: -1, Steps: []failover.Step{{Kind: failover.Crash}, {Kind: failover.Start}}}),
		"stop":    failover.Play(fine, failover.Scenario{First: -1, Steps: []failover.Step{{Kind: failover.Stop}, {Kind: failover.Start}}}),
		"nobody":  failover.Play(fine[:1], failover.Scenario{First: 0, Steps: []failover.Step{{Kind: failover.Stop}}}),
		"group": failover.Play([]failover.Participant{grouped(node("lb1", 110, -20), 110, true), grouped(node("lb2", 100, -20), 100, true)},
			failover.Scenario{First: -1, Steps: []failover.Step{fails, recovers, {Kind: failover.Stop}}}),
		"nopreempt": failover.Play(seed003, failover.Scenario{First: 1, Steps: []failover.Step{{Kind: failover.Crash, Node: 1}}}),
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("testdata", name+".txt")
			got := write(trace)
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("have\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// write shows the lines of a trace, and the steady states among them.
func write(trace failover.Trace) []byte {
	var b bytes.Buffer
	line := 0
	for _, s := range trace.Steady {
		for ; line < s.Lines; line++ {
			fmt.Fprintln(&b, trace.Lines[line])
		}
		fmt.Fprintf(&b, "-- owners %v, priorities %v, faults %v, gap %v\n", s.Owners, s.Priorities, s.Faults, s.Gap)
	}
	return b.Bytes()
}

// The same scenario gives the same trace.
func TestDeterministic(t *testing.T) {
	nodes := []failover.Participant{node("a", 80, -20, noPreempt), node("b", 70, -20), node("c", 60, 5)}
	s := failover.Scenario{First: 2, Steps: []failover.Step{{Kind: failover.CheckFails, Node: 0, Check: script("chk")}}}
	first := write(failover.Play(nodes, s))
	for range 5 {
		if again := write(failover.Play(nodes, s)); !bytes.Equal(first, again) {
			t.Fatalf("have\n%s\nwant\n%s", again, first)
		}
	}
}

// Steps that name nothing do nothing, and extreme numbers end.
func TestOddScenarios(t *testing.T) {
	nodes := []failover.Participant{node("a", 80, -20), node("b", 70, -20)}
	nodes[0].Scripts[0].Fall, nodes[0].Scripts[0].Rise = 1<<30, 1<<30
	nodes[1].Scripts = nil
	trace := failover.Play(nodes, failover.Scenario{First: 7, Steps: []failover.Step{
		{Kind: failover.CheckFails, Node: 9}, {Kind: failover.CheckFails, Node: 0, Check: script("other")},
		{Kind: failover.Start, Node: 0}, {Kind: failover.CheckFails, Node: 1, Check: script("chk")},
	}})
	if len(trace.Steady) != 4 {
		t.Errorf("%d steady states", len(trace.Steady))
	}
	fast := []failover.Participant{node("a", 80, -20, version3), node("b", 70, -20, version3)}
	fast[0].Scripts[0].Interval = 1000 * time.Hour
	if trace := failover.Play(fast, failover.Scenario{First: -1}); !trace.Truncated {
		t.Error("a play of years was played to its end")
	}
	if list := failover.Analyse(fast); list != nil {
		t.Errorf("something follows from a truncated play: %v", list)
	}
}

func BenchmarkPlay(b *testing.B) {
	nodes := []failover.Participant{node("a", 200, -20), node("b", 100, -20)}
	s := failover.Scenario{First: 0, Steps: []failover.Step{{Kind: failover.CheckFails, Node: 0, Check: script("chk")}}}
	for b.Loop() {
		failover.Play(nodes, s)
	}
}

// TestFlaps: a group whose members prefer different nodes by the same distance never comes to rest.
func TestFlaps(t *testing.T) {
	opposed := []failover.Participant{grouped(node("a", 150, 0), 100, true), grouped(node("b", 100, 0), 150, true)}
	if changes, trace := failover.Flaps(opposed); changes < 20 {
		t.Errorf("%d changes:\n%s", changes, write(trace))
	}
	agreed := []failover.Participant{grouped(node("a", 150, 0), 150, true), grouped(node("b", 100, 0), 100, true)}
	if changes, trace := failover.Flaps(agreed); changes != 0 {
		t.Errorf("%d changes:\n%s", changes, write(trace))
	}
}
