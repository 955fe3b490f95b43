package vrrp

import (
	"fmt"
	"time"

	"ka/compiler/plan"
)

// priorityOwner is the priority of the address owner; priorityStop says that a master gives up.
const (
	priorityOwner = 255
	priorityStop  = 0
)

// ownerStartDelay is when an owner becomes master after its start.
const ownerStartDelay = time.Microsecond

// Skew is how much longer a backup of this priority waits, in whole microseconds: in version 2
// (256 − priority)/256 seconds whatever the interval, in version 3 that share of the master's
// interval (RFC 3768 section 6.1, RFC 9568 section 6.1; keepalived's integer arithmetic).
func Skew(version int, priority uint8, masterInterval time.Duration) time.Duration {
	rest := int64(256 - int(priority))
	if version == 2 {
		return time.Duration(rest*1_000_000/256) * time.Microsecond
	}
	return time.Duration(rest*int64(masterInterval/centisecond)*625/16) * time.Microsecond
}

// MasterDown is how long a backup waits for an advert before it becomes master: downTimerAdverts
// intervals of the master and the skew.
func MasterDown(version int, priority uint8, masterInterval time.Duration, downTimerAdverts int) time.Duration {
	return time.Duration(downTimerAdverts)*masterInterval + Skew(version, priority, masterInterval)
}

// skewPriority is the priority that the skew is worked out with: an owner keeps its own even while it
// is demoted.
func (m *Machine) skewPriority() uint8 {
	if m.base == priorityOwner {
		return priorityOwner
	}
	return m.priority
}

func (m *Machine) skew() time.Duration {
	return Skew(m.inst.Version, m.skewPriority(), m.masterInterval)
}

func (m *Machine) masterDown() time.Duration {
	return MasterDown(m.inst.Version, m.skewPriority(), m.masterInterval, m.inst.DownTimerAdverts)
}

// arm sets the deadline of the state.
func (m *Machine) arm(at Instant) { m.deadline, m.armed = at, true }

// wait sets the deadline of a state that waits, not before the start is over (vrrp_startup_delay).
func (m *Machine) wait(now Instant, d time.Duration) { m.arm(max(now, m.notBefore).Add(d)) }

// LongestLinkDelay is how long a change of the interface below may be held back: the master's interval counts, which
// may be shorter than the own one (reference vrrp 3.7).
func (m *Machine) LongestLinkDelay() time.Duration {
	return plan.LongestDelay(m.inst.DownTimerAdverts, m.masterInterval)
}

// fallBehind makes a master backup that could not send for so long that a backup with the priority of
// timer_expired_backup must have taken over: the adverts of that one then wait in the socket, and nopreempt
// lets it stay master (reference vrrp 3.10).
func (m *Machine) fallBehind(now Instant) {
	other := m.inst.Deviations.TimerExpiredBackup
	if other == 0 || !m.owning() {
		return
	}
	silent := now.Sub(m.lastAdvert)
	if silent >= MasterDown(m.inst.Version, other, m.inst.AdvertInterval, fallenBehindAdverts) {
		m.goBackup(now, fmt.Sprintf("no advert was sent for %v", silent), m.masterDown())
	}
}

// fallenBehindAdverts is keepalived's number, whatever down_timer_adverts says.
const fallenBehindAdverts = 3

// maxFired bounds the deadlines that one Step handles. Each lies in the future once it was handled, so
// the bound is the number of deadlines there can be.
const maxFired = 1 + maxAnnouncements

// NextDeadline returns when Step has to be called with a Tick at the latest; false: nothing is due
// until an event comes.
func (m *Machine) NextDeadline() (Instant, bool) {
	at, ok := m.deadline, m.armed
	for _, a := range m.announcements {
		if !ok || a.at < at {
			at, ok = a.at, true
		}
	}
	return at, ok
}

// fireDeadlines handles what is due, earliest first, the state's own before announcements.
func (m *Machine) fireDeadlines(now Instant) {
	for range maxFired {
		at, ok := m.NextDeadline()
		if !ok || at > now {
			return
		}
		if m.armed && m.deadline == at {
			m.fireState(now)
		} else {
			m.fireAnnouncement(now)
		}
	}
}
