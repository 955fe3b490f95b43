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

// Participant is one node of a play: its instance of the virtual router that the play is about, and the
// others that change state with it.
type Participant struct {
	Name     string
	Instance plan.Instance
	// Group is the sync group of the instance, nil for none; Siblings are its other members.
	Group    *plan.SyncGroup
	Siblings []Sibling
	// Scripts are the node's vrrp_scripts; one that is tracked and not among them has keepalived's
	// defaults.
	Scripts   []plan.Script
	Behaviour vrrp.Behaviour
}

// Sibling is another member of the instance's sync group.
type Sibling struct {
	Instance plan.Instance
	// Router tells the virtual routers of a play apart: siblings with one number hear each other. 0 is that
	// of the participants' instances.
	Router int
}

// plan is the part of the node's plan that is played, the instance first, as [reception.Played] has it:
// everybody hears everybody.
func (p Participant) plan() *plan.Plan {
	out := &plan.Plan{Instances: []plan.Instance{p.Instance}}
	for _, s := range p.Siblings {
		out.Instances = append(out.Instances, s.Instance)
	}
	for i := range out.Instances {
		out.Instances[i] = reception.Played(out.Instances[i])
	}
	if p.Group != nil {
		out.Groups.Sync = []plan.SyncGroup{*p.Group}
	}
	return out
}

// Check is a tracked thing whose failure is played: a script, or an interface, a set of processes or a BFD session
// with a weight.
type Check struct {
	Kind plan.TrackedKind
	Name string
}

// tracked lists what the instances of the participant track and the play knows, each thing once. Without a weight
// the failure of what is no script is a fault, which moves the addresses always; what a file will hold is not
// known.
func (p Participant) tracked() (list []plan.Tracked) {
	all := p.plan()
	for i := range all.Instances {
		for _, t := range all.Tracked(&all.Instances[i]) {
			known := t.Kind == plan.KindScript || t.Weight != 0 && t.Kind != plan.KindFile
			same := func(o plan.Tracked) bool { return o.Kind == t.Kind && o.Name == t.Name }
			if known && !slices.ContainsFunc(list, same) {
				list = append(list, t)
			}
		}
	}
	return list
}

func checkOf(t plan.Tracked) Check { return Check{t.Kind, t.Name} }

// StepKind is a kind of thing that happens in a play.
type StepKind uint8

// What can happen. CheckFails is what is bad for the node: of a reversed check the success. Crash takes the
// node away without a word, Stop lets it say goodbye, Start brings back either.
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
	// Node is the index of the participant; Check is for the checks.
	Node  int
	Check Check
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

// Playable reports whether the participants can be played: each has adverts to send.
func Playable(nodes []Participant) bool {
	return len(nodes) > 0 && !slices.ContainsFunc(nodes, func(p Participant) bool {
		return slices.ContainsFunc(p.plan().Instances, func(in plan.Instance) bool {
			return !reception.Playable(in)
		})
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

// sourceOf is the address that adverts of the node with an index are sent from: the configured one, or a
// documentation address (RFC 5737) in node order, behind which come those for benchmarks (RFC 2544); of IPv6
// one of the link.
func sourceOf(in plan.Instance, node int) netip.Addr {
	switch {
	case in.Source.IsValid():
		return in.Source
	case in.IPv6():
		return netip.AddrFrom16([16]byte{0xfe, 0x80, 14: byte((node + 1) >> 8), 15: byte(node + 1)})
	case node < 254:
		return netip.AddrFrom4([4]byte{192, 0, 2, byte(node + 1)})
	}
	return netip.AddrFrom4([4]byte{198, 18, byte(node >> 8), byte(node)})
}
