//go:build linux

package director

import (
	"time"

	"ka/compiler/plan"
	"ka/runtime/control"
	"ka/runtime/track"
	"ka/runtime/vrrp"
)

// This file brings what is tracked to the machines. What takes files, processes and sockets is watched
// elsewhere, and comes as messages of the supervisor; interfaces come from the mirror, whose events this
// process has anyway.

// trackedState is what is known of a tracked thing, between the processes.
type trackedState struct {
	Kind   plan.TrackedKind `json:"kind"`
	Name   string           `json:"name"`
	Up     bool             `json:"up,omitempty"`
	Number int              `json:"number,omitempty"`
}

func (t trackedState) event() vrrp.TrackedChanged {
	return vrrp.TrackedChanged{Kind: t.Kind, Name: t.Name, Up: t.Up, Number: t.Number}
}

type trackedKey struct {
	kind plan.TrackedKind
	name string
}

// trackers are the instances by what they track, and the interfaces that count.
type trackers struct {
	users map[trackedKey][]*instance
	links map[string]*trackedLink
	// next is the earliest end of a delay of an interface; 0 for none.
	next vrrp.Instant
}

// trackedLink is an interface as it counts for the instances on it and those that track it.
type trackedLink struct {
	track.Debounce
	// wasUp says that it has been up: the first time counts at once, and every end.
	wasUp bool
	// polled interfaces are asked for their carrier, by the supervisor; the kernel's messages do not count.
	polled, carrier bool
}

// loadTrackers prepares what the instances of the plan track.
func (v *vrrpProcess) loadTrackers(carriers map[string]bool) {
	for _, inst := range v.instances {
		inst.tracked = v.plan.Tracked(inst.plan)
		inst.m.Track(inst.tracked)
	}
	v.linkTrackers(nil)
	for name, up := range carriers {
		if l := v.trackers.links[name]; l != nil {
			l.polled, l.carrier = true, up
		}
	}
}

// reloadTrackers does the same for the instances of a new plan: an interface goes on as it is known.
func (v *vrrpProcess) reloadTrackers() {
	v.linkTrackers(v.trackers.links)
	for name, l := range v.trackers.links {
		if !l.wasUp {
			v.updateLink(name)
		}
	}
}

// linkTrackers finds who tracks what; known are the interfaces that count already.
func (v *vrrpProcess) linkTrackers(known map[string]*trackedLink) {
	v.trackers = trackers{users: make(map[trackedKey][]*instance), links: make(map[string]*trackedLink)}
	for _, inst := range v.instances {
		v.trackers.link(inst.plan.Interface)
		for _, t := range inst.tracked {
			key := trackedKey{t.Kind, t.Name}
			v.trackers.users[key] = append(v.trackers.users[key], inst)
			if t.Kind == plan.KindInterface {
				v.trackers.link(t.Name)
			}
		}
	}
	polled := make(map[string]bool)
	for _, l := range polledInterfaces(v.plan, trackedThings(v.plan)) {
		polled[l.Interface] = true
	}
	for name := range v.trackers.links {
		if l := known[name]; l != nil {
			v.trackers.links[name] = l
			l.Down, l.Up, l.polled = 0, 0, l.polled && polled[name]
		}
	}
	for _, d := range v.plan.Groups.Delays {
		if l := v.trackers.links[d.Interface]; l != nil {
			l.Down, l.Up = d.Down, d.Up
		}
	}
}

func (t *trackers) link(name string) {
	if t.links[name] == nil {
		t.links[name] = &trackedLink{}
	}
}

// startTrackers gives the machines what is known before they start.
func (v *vrrpProcess) startTrackers(known []trackedState) {
	for _, t := range known {
		v.hearTracked(t)
	}
	for name := range v.trackers.links {
		v.updateLink(name)
	}
	for key := range v.trackers.users {
		if key.kind == plan.KindInterface {
			v.hearTracked(trackedState{Kind: key.kind, Name: key.name, Up: v.trackers.links[key.name].IsUp()})
		}
	}
}

// hearTracked tells the machines that track a thing of its state.
func (v *vrrpProcess) hearTracked(t trackedState) {
	v.known[trackedKey{t.Kind, t.Name}] = t
	for _, inst := range v.trackers.users[trackedKey{t.Kind, t.Name}] {
		v.step(inst, t.event())
	}
}

// hearCarrier takes the carrier of an interface that is polled.
func (v *vrrpProcess) hearCarrier(t trackedState) {
	if l := v.trackers.links[t.Name]; l != nil {
		l.polled, l.carrier = true, t.Up
		v.updateSources()
	}
}

// linkUp reports whether an interface counts as up.
func (v *vrrpProcess) linkUp(name string) bool {
	if l := v.trackers.links[name]; l != nil {
		return l.IsUp()
	}
	return v.mirror.links[name].Up
}

// updateLinks looks at all interfaces that count, and tells those that track one that changed.
func (v *vrrpProcess) updateLinks() {
	for name := range v.trackers.links {
		if v.updateLink(name) {
			v.tellLink(name)
		}
	}
	v.trackers.schedule()
}

func (v *vrrpProcess) tellLink(name string) {
	v.hearTracked(trackedState{Kind: plan.KindInterface, Name: name, Up: v.trackers.links[name].IsUp()})
}

// updateLink takes what the mirror says of an interface: IFF_UP and IFF_RUNNING, or its carrier where it is
// polled. An interface that is gone counts at once (reference vrrp 3.7).
func (v *vrrpProcess) updateLink(name string) (changed bool) {
	l := v.trackers.links[name]
	seen, exists := v.mirror.links[name]
	up := seen.Up
	if l.polled {
		up = exists && l.carrier
	}
	if !exists || up && !l.wasUp || !v.ready {
		l.wasUp = l.wasUp || up
		return l.Force(up)
	}
	return l.SeeAfter(time.Duration(monotonic()), up, v.linkDelay(name, up))
}

// linkDelay is how long a change of an interface is held back: as configured, or for as long as the instances on it
// can bear by what they have learned of their masters.
func (v *vrrpProcess) linkDelay(name string, up bool) time.Duration {
	l := v.trackers.links[name]
	delay := l.Down
	if up {
		delay = l.Up
	}
	if delay == 0 || up == l.IsUp() {
		return delay
	}
	for _, inst := range v.instances {
		if inst.plan.Interface == name {
			delay = min(delay, inst.m.LongestLinkDelay())
		}
	}
	return delay
}

// fireLinks lets delays of interfaces end.
func (v *vrrpProcess) fireLinks(now vrrp.Instant) {
	if v.trackers.next == 0 || v.trackers.next > now {
		return
	}
	changed := false
	for name, l := range v.trackers.links {
		if l.Fire(time.Duration(now)) {
			l.wasUp = l.wasUp || l.IsUp()
			changed = true
			v.tellLink(name)
		}
	}
	v.trackers.schedule()
	if changed {
		v.updateSources()
	}
}

// schedule finds the earliest end of a delay.
func (t *trackers) schedule() {
	t.next = 0
	for _, l := range t.links {
		if at, ok := l.Deadline(); ok && (t.next == 0 || vrrp.Instant(at) < t.next) {
			t.next = vrrp.Instant(at)
		}
	}
}

// trackedList is what an instance tracks, for status.
func trackedList(st vrrp.Status) []control.Tracked {
	out := make([]control.Tracked, 0, len(st.Tracked))
	for _, t := range st.Tracked {
		out = append(out, control.Tracked{
			Kind: t.Kind.String(), Name: t.Name, Known: t.Known, Up: t.Up, IsNumber: t.Kind == plan.KindFile, Number: t.Number,
			Weight: t.Weight, Reverse: t.Reverse, Priority: t.Priority, Fault: t.Fault,
		})
	}
	return out
}
