package vrrp

import (
	"fmt"
	"slices"
	"time"

	"ka/compiler/plan"
)

// group is a vrrp_sync_group: its members are master, backup and in fault together (reference vrrp 6).
type group struct {
	name    string
	members []*Machine
	// state is where the members are, announced what was notified last.
	state, announced plan.State
	// tieWait is how much longer the members wait for a master of whom they hear before tieUntil.
	tieUntil Instant
	tieWait  time.Duration
}

// heldBySyncGroup counts the times that a member could have become master, and its group could not.
const heldBySyncGroup = "held-by-sync-group"

// running reports whether a member takes part: one that was stopped does not.
func (m *Machine) running() bool { return m.state != plan.StateStopped }

// willing reports whether a member would be master if the others let it. In INIT one is when it is about to
// start as an owner, not while scripts hold it back.
func (m *Machine) willing() bool {
	return m.wantMaster && m.state != plan.StateFault && (m.state != plan.StateInit || m.armed)
}

// all reports whether something is true of all members that take part.
func (g *group) all(is func(*Machine) bool) bool {
	return !slices.ContainsFunc(g.members, func(m *Machine) bool { return m.running() && !is(m) })
}

// mayBeMaster reports whether the group lets a member become master: it is master, or all others want it.
func (g *group) mayBeMaster(m *Machine) bool {
	return g.state == plan.StateMaster || g.all(func(other *Machine) bool { return other == m || other.willing() })
}

// clear reports whether nothing keeps any member from running.
func (g *group) clear() bool {
	return g.all(func(m *Machine) bool { return m.started && len(m.faults()) == 0 && len(m.pending()) == 0 })
}

// faulty returns a member with a fault of its own; nil: there is none.
func (g *group) faulty() *Machine {
	for _, m := range g.members {
		if m.running() && len(m.faults()) > 0 {
			return m
		}
	}
	return nil
}

// announce notes the group's state and notifies it, in the name of the member that was the reason.
func (g *group) announce(m *Machine, state plan.State) {
	g.state, g.announced = state, state
	m.emit(NotifyState{State: state, Group: g.name})
}

// follow moves the other members that are not in a state.
func (g *group) follow(m *Machine, state plan.State, move func(other *Machine, cause string)) {
	cause := fmt.Sprintf("sync group %q follows %q", g.name, m.inst.Name)
	for _, other := range g.members {
		if other != m && other.running() && other.state != state {
			move(other, cause)
		}
	}
	g.announce(m, state)
}

// goMaster makes an instance master, and with it its group; while another member does not want that, the
// instance waits as a backup for another Master_Down.
func (m *Machine) goMaster(now Instant, cause string) {
	m.wantMaster = true
	g := m.group
	if g != nil && !g.mayBeMaster(m) {
		m.count(heldBySyncGroup)
		if m.state != plan.StateBackup {
			m.becomeBackup(now, cause+", but its sync group is not", m.masterDown())
			m.wantMaster = true
			return
		}
		m.wait(now, m.masterDown())
		return
	}
	m.becomeMaster(now, cause)
	if g != nil && g.state != plan.StateMaster {
		g.follow(m, plan.StateMaster, func(other *Machine, cause string) { other.becomeMaster(now, cause) })
	}
}

// goBackup makes an instance backup, and with it its group; the others wait for their own Master_Down.
func (m *Machine) goBackup(now Instant, cause string, wait time.Duration) {
	m.becomeBackup(now, cause, wait)
	if g := m.group; g != nil && g.state != plan.StateBackup {
		g.follow(m, plan.StateBackup, func(other *Machine, cause string) { other.leave(now, cause) })
	}
}

// standBack makes a group that lost a tie in one member wait longer, the more of its virtual routers come
// before that one. Where the addresses of two nodes are ordered otherwise in one member than in another, each
// of two masters loses a tie, in different members: both give way, and with equal waits would become masters
// together again, and again.
func (g *group) standBack(now Instant, m *Machine) {
	const steps, largest = 4, 8
	rank, shortest, longest := 0, m.inst.AdvertInterval, m.inst.AdvertInterval
	for _, other := range g.members {
		if other.before(m) {
			rank++
		}
		shortest, longest = min(shortest, other.inst.AdvertInterval), max(longest, other.inst.AdvertInterval)
	}
	// Until then come adverts that were sent before the other gave way: what they say of it is old.
	g.tieUntil = now.Add(shortest / 2)
	g.tieWait = longest * time.Duration(min(rank, largest)) / steps
	for _, other := range g.members {
		if other.listening() {
			other.arm(other.deadline.Add(g.tieWait))
		}
	}
}

// afterTie is how much longer a member waits whose group has just lost a tie.
func (m *Machine) afterTie(now Instant) time.Duration {
	if m.group == nil || now >= m.group.tieUntil {
		return 0
	}
	return m.group.tieWait
}

// before orders virtual routers alike on all nodes: by number, and IPv4 first.
func (m *Machine) before(other *Machine) bool {
	if m.inst.VRID != other.inst.VRID {
		return m.inst.VRID < other.inst.VRID
	}
	return !m.inst.IPv6() && other.inst.IPv6()
}

// leave makes a follower backup: out of a fault it begins anew.
func (m *Machine) leave(now Instant, cause string) {
	if m.state == plan.StateFault {
		m.forget()
	}
	m.becomeBackup(now, cause, m.masterDown())
}

// goFault makes an instance faulty, and with it its group: it says goodbye twice, the others once.
func (m *Machine) goFault(now Instant, cause string) {
	if m.state != plan.StateFault {
		m.becomeFault(now, cause, 2)
	}
	if g := m.group; g != nil && g.state != plan.StateFault {
		g.follow(m, plan.StateFault, func(other *Machine, cause string) { other.becomeFault(now, cause, 1) })
	}
}

// goShortly makes a master without its addresses backup: it says so, and comes back after the skew; the
// other members likewise.
func (m *Machine) goShortly(now Instant, cause string) {
	m.sendAdvert(now, priorityStop)
	m.becomeBackup(now, cause, m.skew())
	if g := m.group; g != nil && g.state != plan.StateBackup {
		g.follow(m, plan.StateBackup, func(other *Machine, cause string) {
			if other.owning() {
				other.sendAdvert(now, priorityStop)
			}
			other.becomeBackup(now, cause, other.skew())
		})
	}
}

// goStopped ends the machine; behind the last of a group the group is told.
func (m *Machine) goStopped(now Instant, cause string) {
	m.becomeStopped(now, cause)
	if g := m.group; g != nil && g.all(func(*Machine) bool { return false }) {
		g.announce(m, plan.StateStopped)
	}
}

// leaveInit takes the members out of INIT together, once all have started (reference vrrp 3.1): a fault of
// one is a fault of all at once, otherwise they wait for the scripts of all. Only a group of nothing but
// owners that want to begin as masters does.
func (g *group) leaveInit(now Instant, m *Machine, starting bool) {
	if !g.all(func(m *Machine) bool { return m.started }) {
		return
	}
	if faulty := g.faulty(); faulty != nil {
		if g.state == plan.StateFault { // a reload took the member into a group that is there already
			m.becomeFault(now, faulty.faultCause(), 0)
			return
		}
		faulty.goFault(now, faulty.faultCause())
		return
	}
	if !g.clear() || g.joins(now) {
		return
	}
	if g.all(func(m *Machine) bool { return m.wantMaster && m.base == priorityOwner }) {
		for _, other := range g.members {
			if other.running() && !other.armed {
				other.wait(now, ownerStartDelay)
			}
		}
		return
	}
	if !starting {
		m.announceSource(now)
		m.goBackup(now, causeReported, m.masterDown())
		return
	}
	g.announce(m, plan.StateBackup)
	for _, other := range g.members {
		if other.running() {
			other.becomeBackup(now, causeStart, other.masterDown())
		}
	}
}
