package failover

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"ka/compiler/plan"
	"ka/lint/reception"
	"ka/runtime/vrrp"
)

// Participant is one node of a play.
type Participant struct {
	Name     string
	Instance plan.Instance
	// Scripts are the node's vrrp_scripts; one that is tracked and not among them has keepalived's
	// defaults.
	Scripts   []plan.Script
	Behaviour vrrp.Behaviour
}

// StepKind is a kind of thing that happens in a play.
type StepKind uint8

// What can happen. Crash takes the node away without a word, Stop lets it say goodbye, Start brings
// back either.
const (
	CheckFails StepKind = iota
	CheckRecovers
	Crash
	Stop
	Start
)

// Step is something that happens to a node.
type Step struct {
	Kind StepKind
	// Node is the index of the participant; Script is for the checks.
	Node   int
	Script string
}

// Scenario is what a play plays.
type Scenario struct {
	// First is the participant that starts alone and becomes the first owner; the others start when
	// nothing changes any more. -1: all start at the same time.
	First int
	// Steps happen one after the other, each when nothing changes any more.
	Steps []Step
}

// Steady is who owns the addresses when nothing changes any more.
type Steady struct {
	// Owners are the indexes of the masters, ascending. Exactly one is as it should be.
	Owners []int
	// Gap is for how long, since the step, nobody owned the addresses.
	Gap time.Duration
	// Priorities are the effective priorities of the participants, Faults says which are in FAULT.
	Priorities []uint8
	Faults     []bool
	// Lines is the number of lines of the trace up to here.
	Lines int
}

// Sole returns the one owner; false: there is none, or several.
func (s Steady) Sole() (int, bool) {
	if len(s.Owners) != 1 {
		return -1, false
	}
	return s.Owners[0], true
}

// Line is one thing that happened.
type Line struct {
	At   time.Duration
	Node string
	// Instance is "" for what happens to the whole node.
	Instance string
	Text     string
	// Owner says that the node becomes owner with it.
	Owner bool
}

// String gives "t=3.609s lb2 VI_1 BACKUP→MASTER …".
func (l Line) String() string {
	if l.Instance == "" {
		return fmt.Sprintf("t=%.3fs %s %s", l.At.Seconds(), l.Node, l.Text)
	}
	return fmt.Sprintf("t=%.3fs %s %s %s", l.At.Seconds(), l.Node, l.Instance, l.Text)
}

// Trace is what a play gave.
type Trace struct {
	Lines []Line
	// Steady holds the state after the start, and after each step.
	Steady []Steady
	// Truncated says that the play was too long to be played to its end: nothing follows from it.
	Truncated bool
	// Events is the length of the play: packets, deadlines and runs of scripts.
	Events int
}

// Last returns the state after the last step.
func (t Trace) Last() Steady {
	if len(t.Steady) == 0 {
		return Steady{}
	}
	return t.Steady[len(t.Steady)-1]
}

// Playable reports whether the participants can be played.
func Playable(nodes []Participant) bool {
	return len(nodes) > 0 && !slices.ContainsFunc(nodes, func(p Participant) bool {
		return !reception.Playable(p.Instance)
	})
}

// Play plays a scenario. Steps for nodes that do not exist are left out; of participants that are not
// [Playable] the trace is empty.
func Play(nodes []Participant, s Scenario) Trace {
	if !Playable(nodes) {
		return Trace{}
	}
	w := newWorld(nodes)
	for i := range nodes {
		if s.First < 0 || s.First == i {
			w.start(i)
		}
	}
	if s.First >= 0 && s.First < len(nodes) {
		w.settle()
		for i := range nodes {
			if i != s.First {
				w.start(i)
			}
		}
	}
	w.steady()
	for _, step := range s.Steps {
		if step.Node < 0 || step.Node >= len(nodes) {
			continue
		}
		w.do(step)
		w.steady()
	}
	return w.trace
}

// sources are the addresses that adverts are sent from: the configured ones, or documentation
// addresses (RFC 5737) in node order, behind which come those for benchmarks (RFC 2544); in IPv6 addresses
// of the link.
func sources(nodes []Participant) []netip.Addr {
	list := make([]netip.Addr, len(nodes))
	for i, n := range nodes {
		switch {
		case n.Instance.Source.IsValid():
			list[i] = n.Instance.Source
		case n.Instance.IPv6():
			list[i] = netip.AddrFrom16([16]byte{0: 0xfe, 1: 0x80, 14: byte((i + 1) >> 8), 15: byte(i + 1)})
		case i < 254:
			list[i] = netip.AddrFrom4([4]byte{192, 0, 2, byte(i + 1)})
		default:
			list[i] = netip.AddrFrom4([4]byte{198, 18, byte(i >> 8), byte(i)})
		}
	}
	return list
}
