package vrrp_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

var (
	seedFlag  = flag.Uint64("seed", 0, "replay one seed of the simulation and print its trace")
	seedsFlag = flag.Uint64("seeds", 2000, "how many seeds the simulation runs")
)

// TestSimulation runs clusters of nodes on a wire that drops, delays, reorders and duplicates packets and
// falls apart, while nodes crash, come back, are starved, lose links and scripts, and have their clocks set.
// Everything follows from the seed; what is true of every cluster without an error of kalint is checked from
// outside (sim_invariants_test.go).
func TestSimulation(t *testing.T) {
	if *seedFlag != 0 {
		s := simulate(*seedFlag, true)
		t.Logf("seed %d\n%s\n%s", *seedFlag, s.setting(), strings.Join(s.lines, "\n"))
		if s.failure != "" {
			t.Error(s.failure)
		}
		return
	}
	const shards = 2
	for shard := range uint64(shards) {
		t.Run(fmt.Sprint(shard), func(t *testing.T) {
			t.Parallel()
			transitions := 0
			for seed := shard + 1; seed <= *seedsFlag; seed += shards {
				s := simulate(seed, true)
				transitions += s.transitions
				if s.failure != "" {
					t.Fatalf("%s\nseed %d\n%s\n%s\nreplay: go test ./runtime/vrrp -run 'Simulation$' -v -seed %d",
						s.failure, seed, s.setting(), strings.Join(lastLines(s.lines, 30), "\n"), seed)
				}
			}
			if transitions < int(10**seedsFlag/shards) {
				t.Errorf("only %d transitions: the simulation does not shake anything", transitions)
			}
		})
	}
}

func lastLines(lines []string, n int) []string { return lines[max(len(lines)-n, 0):] }

// The same seed gives the same run.
func TestSimulationReplays(t *testing.T) {
	for seed := uint64(1); seed < 10; seed++ {
		a, b := simulate(seed, true), simulate(seed, true)
		if !slices.Equal(a.lines, b.lines) {
			t.Fatalf("seed %d gives two runs", seed)
		}
	}
}

// Wall clocks that are set move nothing where adverts are not signed.
func TestSimulationClockSteps(t *testing.T) {
	played := 0
	for seed := uint64(1); seed < 60; seed++ {
		a := simulate(seed, true)
		if a.signed() {
			continue
		}
		played++
		b := simulate(seed, false)
		without := slices.DeleteFunc(slices.Clone(a.lines), func(line string) bool { return strings.Contains(line, "clock of") })
		if !slices.Equal(without, b.lines) {
			t.Fatalf("seed %d: a clock that was set changed something", seed)
		}
	}
	if played < 10 {
		t.Errorf("only %d clusters without signatures", played)
	}
}

// TestSimulationFindsOpposedOrders: a group whose members prefer different nodes never comes to rest. The
// invariants see it, so they would see a flapping group of the others too.
func TestSimulationFindsOpposedOrders(t *testing.T) {
	s := newSimulation(1, true)
	s.routers = []simRouter{
		{vrid: 51, version: 2, interval: time.Second, address: simVIP(0, false)},
		{vrid: 52, version: 2, interval: time.Second, address: simVIP(1, false)},
	}
	for i, priorities := range [][]uint8{{150, 100}, {100, 150}} {
		n := s.newNode(i)
		n.behaviour = vrrp.Karun()
		for r := range s.routers {
			in := s.instance(n, r)
			in.Priority = priorities[r]
			in.TrackScripts = nil
			n.plan.Instances = append(n.plan.Instances, in)
		}
		n.plan.Groups.Sync = []plan.SyncGroup{{Name: "G", Members: []string{"V51", "V52"}}}
		s.nodes = append(s.nodes, n)
		s.start(i)
	}
	s.round()
	if s.failure == "" {
		t.Errorf("opposed orders come to rest:\n%s", strings.Join(s.lines, "\n"))
	}
}

// simulate runs a cluster through some rounds of trouble and rest.
func simulate(seed uint64, clocks bool) *simulation {
	s := newSimulation(seed, clocks)
	s.cluster()
	for i := range s.nodes {
		s.start(i)
	}
	for range 2 {
		if s.failure == "" {
			s.trouble(10 * time.Second)
			s.round()
		}
	}
	return s
}

// signed reports whether some router's adverts are.
func (s *simulation) signed() bool {
	return slices.ContainsFunc(s.routers, func(r simRouter) bool { return r.signed })
}

// numbered reports whether the adverts of some router are counted, so that old ones are rejected.
func (s *simulation) numbered() bool {
	return s.signed() || slices.ContainsFunc(s.routers, func(r simRouter) bool { return r.auth == plan.AuthHeader })
}
