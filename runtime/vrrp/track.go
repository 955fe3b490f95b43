package vrrp

import (
	"fmt"
	"strings"

	"ka/compiler/plan"
)

// The bounds of the effective priority of an instance that is not an owner.
const (
	lowestPriority  = 1
	highestPriority = 254
)

// The bounds of what a file adds to the priority; the lower one is a fault (reference vrrp 7.3).
const (
	lowestFileWeight  = -254
	highestFileWeight = 253
)

// tracked is a tracked thing with what is known of it.
type tracked struct {
	plan.Tracked
	known bool
	last  TrackedChanged
}

// TrackedStatus is what is known of a tracked thing, and what comes of it.
type TrackedStatus struct {
	plan.Tracked
	// Known is false until the first report; Up and Number are as in [TrackedChanged].
	Known  bool
	Up     bool
	Number int
	// Priority is what it adds to the priority, Fault says that it is one.
	Priority int
	Fault    bool
}

// Track sets what the machine tracks, with all that its groups track for it ([plan.Plan.Tracked]); a new
// machine tracks what the instance does by itself. What is known of a thing that stays is kept. It is
// meant for the time before [Start].
func (m *Machine) Track(list []plan.Tracked) {
	before := m.tracked
	m.tracked = make([]tracked, len(list))
	for i, t := range list {
		m.tracked[i].Tracked = t
		for _, b := range before {
			if b.Kind == t.Kind && b.Name == t.Name {
				m.tracked[i].known, m.tracked[i].last = b.known, b.last
			}
		}
	}
}

// Effect says what a tracked thing does in a state: what it adds to the priority, or that it is a fault.
// A positive weight counts while the thing is up, a negative one while it is down, reversed ones with the
// other sign; without a weight being down is a fault, reversed being up. A file adds its number times its
// weight, and is a fault with -254 or less; without a weight any number but 0 is (reference vrrp 7). The
// priority of an owner does not change by it: see [Machine].
func Effect(t plan.Tracked, ev TrackedChanged) (priority int, fault bool) {
	sign := 1
	if t.Reverse {
		sign = -1
	}
	switch {
	case t.Weight == 0 && t.Kind == plan.KindFile:
		return 0, (ev.Number != 0) != t.Reverse
	case t.Weight == 0:
		return 0, ev.Up == t.Reverse
	case t.Kind == plan.KindFile:
		// The kernel's long holds a number of 32 bits times a weight; so does int64.
		sum := int64(ev.Number) * int64(t.Weight) * int64(sign)
		sum = min(max(sum, lowestFileWeight), highestFileWeight)
		if sum == lowestFileWeight {
			return 0, true
		}
		return int(sum), false
	case ev.Up == (t.Weight > 0):
		return sign * t.Weight, false
	}
	return 0, false
}

// effect is that of a thing as it is known; nothing is known: none.
func (t *tracked) effect() (priority int, fault bool) {
	if !t.known {
		return 0, false
	}
	return Effect(t.Tracked, t.last)
}

// learn takes in what changed around the instance, and reports whether anything did.
func (m *Machine) learn(now Instant, ev Event) (changed bool) {
	switch ev := ev.(type) {
	case TrackedChanged:
		return m.learnTracked(now, ev)
	case LinkChanged:
		changed, m.linkUp = m.linkUp != ev.Up, ev.Up
	case SourceChanged:
		changed, m.source = m.source != ev.Source, ev.Source
	default:
		m.count(ignoredUnknownKind)
		return false
	}
	if !changed {
		m.count(ignoredNoChange)
	}
	return changed
}

// note remembers what is known of a tracked thing.
func (m *Machine) note(ev TrackedChanged) (found, changed bool) {
	for i := range m.tracked {
		t := &m.tracked[i]
		if t.Kind != ev.Kind || t.Name != ev.Name {
			continue
		}
		found = true
		if !t.known || t.last != ev {
			t.known, t.last, changed = true, ev, true
		}
	}
	return found, changed
}

func (m *Machine) learnTracked(now Instant, ev TrackedChanged) (changed bool) {
	found, changed := m.note(ev)
	switch {
	case !found:
		m.count(ignoredNotTracked)
	case !changed:
		m.count(ignoredNoChange)
	case m.started:
		m.setPriority(now, m.trackedPriority(), ev.String())
	}
	return changed
}

// startPriority takes in what was known before the start, as one change.
func (m *Machine) startPriority(now Instant) {
	var causes []string
	for i := range m.tracked {
		if priority, _ := m.tracked[i].effect(); priority != 0 {
			causes = append(causes, m.tracked[i].last.String())
		}
	}
	m.setPriority(now, m.trackedPriority(), strings.Join(causes, ", "))
}

// String says what has happened, for causes.
func (ev TrackedChanged) String() string {
	word := func(up, down string) string {
		if ev.Up {
			return up
		}
		return down
	}
	switch ev.Kind {
	case plan.KindScript:
		return fmt.Sprintf("script %q %s", ev.Name, word("succeeded", "failed"))
	case plan.KindInterface:
		return fmt.Sprintf("interface %s is %s", ev.Name, word("up", "down"))
	case plan.KindFile:
		return fmt.Sprintf("file %q holds %d", ev.Name, ev.Number)
	case plan.KindProcess:
		return fmt.Sprintf("process %q has %s", ev.Name, word("its quorum", "no quorum"))
	}
	return fmt.Sprintf("%s %q is %s", ev.Kind, ev.Name, word("up", "down"))
}

// trackedPriority is the base priority and what the tracked things add. An owner's never changes.
func (m *Machine) trackedPriority() uint8 {
	if m.base == priorityOwner {
		return m.priority
	}
	total := int(m.base)
	for i := range m.tracked {
		priority, _ := m.tracked[i].effect()
		total += priority
	}
	return uint8(min(max(total, lowestPriority), highestPriority))
}

// setPriority changes the effective priority. A backup's deadline moves with Master_Down; a master
// tells the others with its next regular advert.
func (m *Machine) setPriority(now Instant, priority uint8, cause string) {
	if priority == m.priority {
		return
	}
	before := m.masterDown()
	m.emit(PriorityChanged{From: m.priority, To: priority, Cause: cause})
	m.count(changedPriority)
	m.priority = priority
	if m.listening() && m.armed {
		m.arm(max(m.deadline.Add(m.masterDown()-before), now))
	}
}

// linkDown reports whether the instance's own interface is a fault.
func (m *Machine) linkDown() bool { return !m.linkUp && !m.inst.Link.UntrackedInterface }

// faults says what keeps the instance from running.
func (m *Machine) faults() []string {
	if !m.started {
		return nil
	}
	var list []string
	if m.linkDown() {
		list = append(list, fmt.Sprintf("interface %s is down", m.inst.Interface))
	}
	if !m.source.IsValid() {
		list = append(list, fmt.Sprintf("interface %s has no address to send from", m.inst.Interface))
	}
	if u := m.inst.Unicast; u != nil && len(u.Peers) == 0 {
		list = append(list, "no unicast peer is configured")
	}
	for i := range m.tracked {
		if _, fault := m.tracked[i].effect(); fault {
			list = append(list, m.tracked[i].last.String())
		}
	}
	return list
}

// pending lists the tracked scripts without weight that have not reported yet.
func (m *Machine) pending() []string {
	var list []string
	for i := range m.tracked {
		if t := &m.tracked[i]; t.Kind == plan.KindScript && t.Weight == 0 && !t.known {
			list = append(list, t.Name)
		}
	}
	return list
}

// trackedStatus lists the tracked things.
func (m *Machine) trackedStatus() []TrackedStatus {
	list := make([]TrackedStatus, len(m.tracked))
	for i := range m.tracked {
		t := &m.tracked[i]
		list[i] = TrackedStatus{Tracked: t.Tracked, Known: t.known, Up: t.last.Up, Number: t.last.Number}
		list[i].Priority, list[i].Fault = t.effect()
		if m.base == priorityOwner {
			list[i].Priority = 0
		}
	}
	return list
}

// allFaults are the faults, and those members of the sync group that keep this one in fault with theirs.
func (m *Machine) allFaults() []string {
	list := m.faults()
	if m.group == nil || m.state != plan.StateFault {
		return list
	}
	for _, other := range m.group.members {
		if other != m && other.running() && (len(other.faults()) > 0 || len(other.pending()) > 0) {
			list = append(list, fmt.Sprintf("instance %q of the sync group %q is in fault", other.inst.Name, m.group.name))
		}
	}
	return list
}

// faultCause joins the faults for a transition.
func (m *Machine) faultCause() string { return strings.Join(m.faults(), ", ") }
