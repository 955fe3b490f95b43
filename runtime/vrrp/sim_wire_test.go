package vrrp_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// simulation is a cluster with its wire and its virtual time.
type simulation struct {
	random *rand.Rand
	// clocks chooses how wall clocks are set: nothing else follows from it.
	clocks     *rand.Rand
	setsClocks bool
	clockError time.Duration // the largest so far

	now         time.Duration
	routers     []simRouter
	nodes       []*simNode
	grouped     bool
	wire        []flight
	serial      int
	reloading   bool // a node is between the steps of a reload
	chaos       bool
	split       bool
	noise       bool
	quiet       bool // the bound has passed: exactly one owner, and only that one announces
	announcers  map[uint8]int
	lines       []string
	transitions int
	failure     string
}

// flight is a packet on its way.
type flight struct {
	at     time.Duration
	serial int
	to     int
	arrival
}

const (
	simLatency = 200 * time.Microsecond
	simQueue   = 64
)

func (s *simulation) say(format string, args ...any) {
	s.lines = append(s.lines, fmt.Sprintf("t=%.6fs ", s.now.Seconds())+fmt.Sprintf(format, args...))
}

func (s *simulation) fail(format string, args ...any) {
	if s.failure == "" {
		s.failure = fmt.Sprintf("t=%.6fs ", s.now.Seconds()) + fmt.Sprintf(format, args...)
	}
}

func (s *simulation) start(i int) {
	n := s.nodes[i]
	n.node, n.up, n.waiting, n.pausedUntil = vrrp.NewNode(n.plan, n.behaviour), true, nil, 0
	n.owns, n.states = make([]bool, len(s.routers)), make([]plan.State, len(s.routers))
	s.say("%s starts", n.name)
	for r := range s.routers {
		s.step(i, r, vrrp.TrackedChanged{Kind: plan.KindScript, Name: "web", Up: true})
		s.step(i, r, vrrp.TrackedChanged{Kind: plan.KindBFD, Name: "peer", Up: true})
	}
	for r, router := range s.routers {
		s.step(i, r, vrrp.Start{Source: n.sourceOf(router), LinkUp: true})
	}
}

// trouble makes things go wrong for a time.
func (s *simulation) trouble(length time.Duration) {
	s.chaos = true
	for end := s.now + length; s.now < end && s.failure == ""; {
		s.oneTrouble()
		s.run(s.now + time.Duration(s.random.IntN(1000))*time.Millisecond)
	}
	s.chaos = false
}

// oneTrouble does one thing of the kind that happens.
func (s *simulation) oneTrouble() {
	i := s.random.IntN(len(s.nodes))
	n := s.nodes[i]
	switch s.random.IntN(14) {
	case 0:
		if n.up {
			s.say("%s crashes", n.name)
			n.up = false
			clear(n.owns)
		}
	case 1, 2:
		if !n.up {
			s.start(i)
		}
	case 3:
		n.pausedUntil = s.now + time.Duration(s.random.IntN(8000))*time.Millisecond
		s.say("%s is starved until %v", n.name, n.pausedUntil)
	case 4:
		s.split = !s.split
		for _, other := range s.nodes {
			other.side = s.random.IntN(2)
		}
		s.say("the wire is split: %v", s.split)
	case 5:
		s.tellAll(i, vrrp.TrackedChanged{Kind: plan.KindScript, Name: "load", Up: s.random.IntN(2) == 0})
	case 6:
		s.tell(i, s.random.IntN(len(s.routers)), vrrp.TrackedChanged{Kind: plan.KindScript, Name: "web", Up: s.random.IntN(3) > 0})
	case 7:
		s.tellAll(i, vrrp.LinkChanged{Up: s.random.IntN(3) > 0})
	case 8:
		if r := s.random.IntN(len(s.routers)); n.up && n.owns[r] {
			s.tell(i, r, vrrp.AddressLost{Address: s.routers[r].address})
		}
	case 10:
		s.tellAll(i, vrrp.TrackedChanged{Kind: plan.KindFile, Name: "drain", Number: s.random.IntN(4) * 40})
	case 11:
		s.tellAll(i, vrrp.TrackedChanged{Kind: plan.KindBFD, Name: "peer", Up: s.random.IntN(3) > 0})
	case 12:
		s.reloadNode(i)
	case 13:
		s.regroup()
	case 9:
		if s.setsClocks {
			n.wall = time.Duration(s.clocks.IntN(60)-30) * time.Second
			s.clockError = max(s.clockError, n.wall.Abs())
			s.say("the clock of %s is set %v off", n.name, n.wall)
		}
	}
}

func (s *simulation) tellAll(i int, ev vrrp.Event) {
	for r := range s.routers {
		s.tell(i, r, ev)
	}
}

// tell gives an event to a node that can take one.
func (s *simulation) tell(i, r int, ev vrrp.Event) {
	if n := s.nodes[i]; n.up && n.pausedUntil <= s.now {
		s.step(i, r, ev)
	}
}

// run plays everything up to a time.
func (s *simulation) run(end time.Duration) {
	for s.failure == "" {
		at, who := end, -1
		for i, n := range s.nodes {
			if !n.up {
				continue
			}
			deadline, ok := n.node.NextDeadline()
			due := max(time.Duration(deadline-n.epoch), n.pausedUntil)
			if (ok || len(n.waiting) > 0 && n.pausedUntil > s.now) && due < at {
				at, who = due, i
			}
		}
		if len(s.wire) > 0 && s.wire[0].at <= at {
			f := s.wire[0]
			s.wire = s.wire[1:]
			s.now = max(s.now, f.at)
			s.arrive(f)
			continue
		}
		s.now = max(s.now, at)
		if who < 0 {
			return
		}
		s.wake(who)
	}
}

// wake runs a node whose time has come, or that goes on after a pause: packets in its sockets come first.
func (s *simulation) wake(i int) {
	n := s.nodes[i]
	n.pausedUntil = 0
	waiting := n.waiting
	n.waiting = nil
	for _, a := range waiting {
		s.hear(i, a)
	}
	for range 100 {
		r, due := n.node.Due(n.epoch + vrrp.Instant(s.now))
		if !due {
			return
		}
		s.step(i, r, vrrp.Tick{})
	}
	s.fail("%s is not done with its deadlines", n.name)
}

func (s *simulation) arrive(f flight) {
	n := s.nodes[f.to]
	switch {
	case !n.up:
	case n.pausedUntil > s.now:
		if len(n.waiting) < simQueue {
			n.waiting = append(n.waiting, f.arrival)
		}
	default:
		s.hear(f.to, f.arrival)
	}
}

// hear gives a packet to an instance, and sees that one that is rejected changes nothing.
func (s *simulation) hear(i int, a arrival) {
	n := s.nodes[i]
	if !s.noise || n.behaviour.RejectedPacketRestartsAdvertTimer {
		s.step(i, a.instance, a.event)
		return
	}
	before := seenOf(n, a.instance)
	rejected := s.step(i, a.instance, a.event)
	if after := seenOf(n, a.instance); rejected && before != after {
		s.fail("%s: a rejected packet changed\n%v\nto\n%v", n.name, before, after)
	}
}

// seen is what a rejected packet must not change.
type seen struct {
	state                    plan.State
	priority, base           uint8
	master                   netip.Addr
	masterPriority           uint8
	since, machine, deadline vrrp.Instant
	transitions              uint64
}

func seenOf(n *simNode, instance int) seen {
	m := n.node.Machine(instance)
	st := m.Status()
	own, _ := m.NextDeadline()
	at, _ := n.node.NextDeadline()
	return seen{st.State, st.Priority, st.BasePriority, st.Master, st.MasterPriority, st.Since, own, at, st.Transitions}
}

// step gives an event to an instance and watches what its node does.
func (s *simulation) step(i, r int, ev vrrp.Event) (rejected bool) {
	n := s.nodes[i]
	at := n.epoch + vrrp.Instant(s.now)
	if s.routers[r].signed || s.grouped {
		n.node.SetWallClock(vrrp.WallTime(int64(1e18) + int64(s.now+n.wall) - int64(at)))
	}
	rejected = s.watch(i, n.node.Step(at, r, ev))
	s.checkNode(i)
	return rejected
}

// watch looks at what a node does.
func (s *simulation) watch(i int, outputs []vrrp.Output) (rejected bool) {
	n := s.nodes[i]
	for _, o := range outputs {
		switch a := o.Action.(type) {
		case vrrp.SendAdvert:
			s.send(i, o.Instance, a)
		case vrrp.AddAddresses:
			n.owns[o.Instance] = true
		case vrrp.RemoveAddresses:
			n.owns[o.Instance] = false
		case vrrp.AnnounceAddresses:
			s.announced(i, o.Instance)
		case vrrp.Transition:
			s.transitions++
			n.states[o.Instance] = a.To
			s.say("%s V%d %s", n.name, s.routers[o.Instance].vrid, describe(a))
			if s.quiet {
				s.fail("%s V%d changes when everything is quiet: %s", n.name, s.routers[o.Instance].vrid, describe(a))
			}
		case vrrp.PriorityChanged:
			s.say("%s V%d %s", n.name, s.routers[o.Instance].vrid, describe(a))
		case vrrp.Ignored:
			rejected = a.Reason != vrrp.DropLowerPriority
		}
	}
	return rejected
}

// send puts a packet on the wire, to each node that it is for with its own luck.
func (s *simulation) send(from, r int, a vrrp.SendAdvert) {
	a.Packet = slices.Clone(a.Packet)
	for to, n := range s.nodes {
		away := s.split && n.side != s.nodes[from].side || s.routers[r].unicast && a.Destination != n.sourceOf(s.routers[r])
		if to == from || away {
			continue
		}
		delay := simLatency
		if s.chaos {
			if s.random.IntN(5) == 0 {
				continue
			}
			if s.random.IntN(4) == 0 {
				delay += time.Duration(s.random.IntN(1500)) * time.Millisecond
			}
			if s.random.IntN(8) == 0 {
				s.put(to, delay+time.Duration(s.random.IntN(300))*time.Millisecond, r, a.Received())
			}
		}
		s.put(to, delay, r, a.Received())
		if s.noise && s.random.IntN(2) == 0 {
			s.put(to, simLatency, r, s.spoiled(a))
		}
	}
}

// spoiled is a copy with one wrong bit. The kernel verifies the checksum of IPv6: there it is the hop limit
// that is wrong.
func (s *simulation) spoiled(a vrrp.SendAdvert) vrrp.PacketReceived {
	ev := a.Received()
	if ev.Source.IsValid() {
		ev.HopLimit ^= 1 << s.random.IntN(8)
		return ev
	}
	ev.Packet = slices.Clone(ev.Packet)
	ev.Packet[20+s.random.IntN(len(ev.Packet)-20)] ^= 1 << s.random.IntN(8)
	return ev
}

func (s *simulation) put(to int, delay time.Duration, r int, ev vrrp.PacketReceived) {
	s.serial++
	f := flight{at: s.now + delay, serial: s.serial, to: to, arrival: arrival{r, ev}}
	place, _ := slices.BinarySearchFunc(s.wire, f, func(a, b flight) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.serial, b.serial))
	})
	s.wire = slices.Insert(s.wire, place, f)
}
