package vrrp

import (
	"slices"

	"ka/compiler/plan"
)

// Node holds the machines of one node and its sync groups: the director, the simulation and the linter's
// plays all run it. It is not for use by several goroutines.
//
//	n := vrrp.NewNode(p, vrrp.Karun())
//	run(n.Step(now, 0, vrrp.Start{Source: address, LinkUp: true}))
//	for i, ok := n.Due(now); ok; i, ok = n.Due(now) {
//		run(n.Step(now, i, vrrp.Tick{}))
//	}
type Node struct {
	machines []*Machine
	groups   []*group
	// queue is a heap of the machines that have a deadline, the earliest first.
	queue []*Machine
	out   []Output
	// wallOffset is what the wall clock is ahead of the machines'.
	wallOffset WallTime
}

// Output is an action with the index of the instance that it is of. What a group does comes with the
// instance that was the reason.
type Output struct {
	Instance int
	Action   Action
}

// NewNode makes the machines of a plan, in the order of its instances, and its sync groups. A member that is
// no instance, or is in another group already, is left out.
func NewNode(p *plan.Plan, b Behaviour) *Node {
	n := &Node{}
	for i := range p.Instances {
		m := NewMachine(p.Instances[i], b)
		m.index = i
		n.adopt(m)
		m.Track(p.Tracked(&p.Instances[i]))
		n.machines = append(n.machines, m)
	}
	for _, g := range p.Groups.Sync {
		n.addGroup(g)
	}
	return n
}

// adopt gives a machine what it shares with the others of the node.
func (n *Node) adopt(m *Machine) { m.out, m.wallOffset = &n.out, &n.wallOffset }

func (n *Node) addGroup(p plan.SyncGroup) {
	g := &group{name: p.Name}
	for _, name := range p.Members {
		i := slices.IndexFunc(n.machines, func(m *Machine) bool { return m.inst.Name == name })
		if i >= 0 && n.machines[i].group == nil {
			n.machines[i].group = g
			g.members = append(g.members, n.machines[i])
		}
	}
	if len(g.members) > 0 {
		n.groups = append(n.groups, g)
	}
}

// Machine returns the machine of an instance, for its state and status; only Step may move it.
func (n *Node) Machine(instance int) *Machine { return n.machines[instance] }

// Step takes what happened to an instance at now and returns what to do, in order: it may concern other
// members of its group. The returned slice is valid until the next Step. See [Machine.Step].
func (n *Node) Step(now Instant, instance int, ev Event) []Output {
	n.out = n.out[:0]
	m := n.machines[instance]
	m.advance(now, ev)
	n.schedule(m)
	if m.group != nil {
		for _, other := range m.group.members {
			n.schedule(other)
		}
	}
	return n.out
}

// SetWallClock says how far the wall clock is from the machines' own, to all of them: it shows offset + now.
// Only the signatures of adverts look at it, so that a clock that is set moves nothing else.
func (n *Node) SetWallClock(offset WallTime) { n.wallOffset = offset }

// NextDeadline returns when an instance is due at the earliest; false: nothing is due until an event comes.
func (n *Node) NextDeadline() (Instant, bool) {
	if len(n.queue) == 0 {
		return 0, false
	}
	return n.queue[0].due, true
}

// Due returns an instance whose deadline has passed: it needs a [Tick]. False: there is none.
func (n *Node) Due(now Instant) (instance int, ok bool) {
	if len(n.queue) == 0 || n.queue[0].due > now {
		return 0, false
	}
	return n.queue[0].index, true
}

// Late calls f with each instance whose deadline has passed, and with the other members of its sync group,
// which go where it goes. An instance may come more than once; f must not change the node.
func (n *Node) Late(now Instant, f func(instance int)) { n.lateFrom(0, now, f) }

// lateFrom looks at a place of the heap and below it: nothing there is due before it is.
func (n *Node) lateFrom(place int, now Instant, f func(instance int)) {
	if place >= len(n.queue) || n.queue[place].due > now {
		return
	}
	m := n.queue[place]
	f(m.index)
	if m.group != nil {
		for _, other := range m.group.members {
			f(other.index)
		}
	}
	n.lateFrom(2*place+1, now, f)
	n.lateFrom(2*place+2, now, f)
}

// notQueued is the place of a machine without a deadline.
const notQueued = -1

// schedule puts a machine where its deadline belongs.
func (n *Node) schedule(m *Machine) {
	at, ok := m.NextDeadline()
	switch {
	case !ok && m.place == notQueued:
	case !ok:
		last := len(n.queue) - 1
		place := m.place
		n.swap(place, last)
		n.queue = n.queue[:last]
		m.place = notQueued
		if place < last {
			n.sift(place)
		}
	case m.place == notQueued:
		m.due, m.place = at, len(n.queue)
		n.queue = append(n.queue, m)
		n.sift(m.place)
	case at != m.due:
		m.due = at
		n.sift(m.place)
	}
}

// earlier orders the queue; of two deadlines at one time the instance that comes first in the plan is first.
func (n *Node) earlier(i, j int) bool {
	a, b := n.queue[i], n.queue[j]
	return a.due < b.due || a.due == b.due && a.index < b.index
}

func (n *Node) swap(i, j int) {
	n.queue[i], n.queue[j] = n.queue[j], n.queue[i]
	n.queue[i].place, n.queue[j].place = i, j
}

// sift moves the machine at place i up or down the heap.
func (n *Node) sift(i int) {
	for i > 0 && n.earlier(i, (i-1)/2) {
		n.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
	for {
		least := i
		for _, child := range [2]int{2*i + 1, 2*i + 2} {
			if child < len(n.queue) && n.earlier(child, least) {
				least = child
			}
		}
		if least == i {
			return
		}
		n.swap(i, least)
		i = least
	}
}
