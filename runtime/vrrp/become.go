package vrrp

import (
	"net/netip"
	"time"

	"ka/compiler/plan"
)

// The functions of this file are the only ones that change a machine's state.

// enter sets the state, its step function and reports the transition.
func (m *Machine) enter(now Instant, to plan.State, step func(*Machine, Instant, Event), cause string) {
	m.emit(Transition{From: m.state, To: to, Priority: m.priority, Cause: cause})
	m.state, m.step = to, step
	m.since = now
	m.transitions++
	clear(m.seen)
}

// becomeMaster takes the addresses: the advert goes out before anything else, so that the old master
// withdraws first (reference vrrp 3.3).
func (m *Machine) becomeMaster(now Instant, cause string) {
	m.restoreOwner(now, "becomes master")
	m.wantMaster = true
	m.conflict, m.lowerUntil = ownerConflict{}, 0
	m.master, m.masterPriority, m.doubt = netip.Addr{}, 0, ""
	m.sender.session.ah.restart()
	m.sendAdvert(now, m.priority)
	m.lastAdvert = now
	m.enter(now, plan.StateMaster, (*Machine).stepMaster, cause)
	m.arm(now.Add(m.inst.AdvertInterval))
	m.count(becameMaster)
	m.masterInterval = m.inst.AdvertInterval
	m.emit(AddAddresses{})
	m.announceEntry(now)
	m.notify()
}

// becomeBackup waits for a master, and takes over if none speaks for the time wait. A master that
// gives way to a better one sends no priority 0.
func (m *Machine) becomeBackup(now Instant, cause string, wait time.Duration) {
	wasMaster := m.owning()
	m.wantMaster = false
	m.preemptRunning, m.doubt = false, ""
	m.enter(now, plan.StateBackup, (*Machine).stepBackup, cause)
	if wasMaster {
		m.releaseAddresses()
	}
	m.notify()
	m.wait(now, wait)
}

// becomeFault gives up until the faults are gone. A master says so a number of times: keepalived's own
// fault is said twice, that of another member of the sync group once.
func (m *Machine) becomeFault(now Instant, cause string, goodbyes int) {
	wasMaster := m.owning()
	if wasMaster {
		for range goodbyes {
			m.sendAdvert(now, priorityStop)
		}
	}
	m.wantMaster = false
	m.enter(now, plan.StateFault, (*Machine).stepFault, cause)
	m.armed = false
	if wasMaster {
		m.releaseAddresses()
	}
	m.notify()
}

// becomeStopped ends the machine.
func (m *Machine) becomeStopped(now Instant, cause string) {
	wasMaster := m.owning()
	if wasMaster {
		m.sendAdvert(now, priorityStop)
	}
	m.enter(now, plan.StateStopped, (*Machine).stepStopped, cause)
	m.armed, m.announcements = false, nil
	if wasMaster {
		m.releaseAddresses()
	}
	m.notify()
}

func (m *Machine) releaseAddresses() {
	m.cancelAnnouncements()
	m.count(releasedMaster)
	m.emit(RemoveAddresses{})
}

// notify notifies the state; a member that only follows what was said of its group says nothing.
func (m *Machine) notify() {
	if m.notified && m.group != nil && m.group.state == m.state {
		return
	}
	m.notified = true
	m.emit(NotifyState{State: m.state, Priority: m.priority})
}
