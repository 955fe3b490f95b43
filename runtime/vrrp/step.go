package vrrp

import (
	"fmt"
	"net/netip"

	"ka/compiler/plan"
)

// fireState handles the deadline of the state.
func (m *Machine) fireState(now Instant) {
	switch m.state {
	case plan.StateInit:
		m.becomeMaster(now, "owner of the addresses (priority 255)")
	case plan.StateBackup:
		m.becomeMaster(now, m.timeoutCause())
	case plan.StateMaster:
		m.sendAdvert(now, m.priority)
	default:
		m.armed = false
	}
}

// timeoutCause says why a backup's time ran out.
func (m *Machine) timeoutCause() string {
	switch {
	case m.doubt != "":
		return m.doubt
	case m.master.IsValid():
		return fmt.Sprintf("%v has fallen silent", m.master)
	}
	return "no advert received"
}

// listening reports whether adverts are looked at as a backup.
func (m *Machine) listening() bool { return m.state == plan.StateBackup }

// stepInit: nothing runs yet, or scripts without weight hold the instance back.
func (m *Machine) stepInit(now Instant, ev Event) {
	switch ev := ev.(type) {
	case Tick:
	case Start:
		if m.started {
			m.count(ignoredStarted)
			return
		}
		m.started = true
		m.source, m.linkUp = ev.Source, ev.LinkUp
		m.leaveInit(now, true)
	case PacketReceived:
		m.refusePacket(ev)
	case AddressLost:
		m.count(ignoredNotMaster)
	case Stop:
		m.becomeStopped(now, "stop")
	default:
		if m.learn(now, ev) && m.started {
			m.leaveInit(now, false)
		}
	}
}

// leaveInit goes on as soon as there is something to go by: an interface that is down is a fault at
// once, a script's failure when all have reported.
func (m *Machine) leaveInit(now Instant, starting bool) {
	switch {
	case m.linkDown() || !m.source.IsValid():
		m.becomeFault(now, m.faultCause())
	case len(m.pending()) > 0:
	case len(m.faults()) > 0:
		m.becomeFault(now, m.faultCause())
	case m.base == priorityOwner && m.wantMaster:
		if starting {
			m.arm(now.Add(ownerStartDelay))
		} else if !m.armed {
			m.becomeMaster(now, "owner of the addresses (priority 255)")
		}
	case starting:
		m.becomeBackup(now, "start", m.masterDown())
	default:
		m.becomeBackup(now, "tracked scripts have reported", m.masterDown())
	}
}

// stepBackup: somebody else is master, or will be found missing at the deadline.
func (m *Machine) stepBackup(now Instant, ev Event) {
	switch ev := ev.(type) {
	case Tick:
	case Start:
		m.count(ignoredStarted)
	case PacketReceived:
		if v, ok := m.judge(ev); ok {
			m.backupHears(now, v.Advert)
			m.reportNotices(v)
		}
	case AddressLost:
		m.count(ignoredNotMaster)
	case Stop:
		m.becomeStopped(now, "stop")
	default:
		if m.learn(now, ev) && len(m.faults()) > 0 {
			m.becomeFault(now, m.faultCause())
		}
	}
}

// stepMaster: the addresses are ours.
func (m *Machine) stepMaster(now Instant, ev Event) {
	switch ev := ev.(type) {
	case Tick:
	case Start:
		m.count(ignoredStarted)
	case PacketReceived:
		v, ok := m.judge(ev)
		if ok {
			m.masterHears(now, v.Advert)
			m.reportNotices(v)
		}
		if m.owning() && m.behaviour.RejectedPacketRestartsAdvertTimer && ofThisRouter(v) {
			m.arm(now.Add(m.inst.AdvertInterval))
		}
	case AddressLost:
		// Without its address the master is none: it says so, and comes back after the skew.
		m.sendAdvert(now, priorityStop)
		m.becomeBackup(now, fmt.Sprintf("address %v was removed by somebody else", ev.Address), m.skew())
	case Stop:
		m.becomeStopped(now, "stop")
	default:
		if m.learn(now, ev) && len(m.faults()) > 0 {
			m.becomeFault(now, m.faultCause())
		}
	}
}

// stepFault: no adverts are looked at, no deadline runs.
func (m *Machine) stepFault(now Instant, ev Event) {
	switch ev := ev.(type) {
	case Tick:
	case Start:
		m.count(ignoredStarted)
	case PacketReceived:
		m.refusePacket(ev)
	case AddressLost:
		m.count(ignoredNotMaster)
	case Stop:
		m.becomeStopped(now, "stop")
	default:
		if m.learn(now, ev) && len(m.faults()) == 0 && len(m.pending()) == 0 {
			m.leaveFault(now)
		}
	}
}

func (m *Machine) leaveFault(now Instant) {
	const cause = "all faults are gone"
	m.masterInterval = m.inst.AdvertInterval
	m.master, m.masterPriority = netip.Addr{}, 0
	if m.inst.Unicast != nil {
		// A master that has lost us from its tables could not send at once (reference vrrp 3.7).
		m.emit(AnnounceSource{Source: m.source})
	}
	if m.base == priorityOwner && m.wantMaster {
		m.becomeMaster(now, cause)
		return
	}
	m.becomeBackup(now, cause, m.masterDown())
}

// stepStopped: the end.
func (m *Machine) stepStopped(_ Instant, ev Event) {
	if _, tick := ev.(Tick); !tick {
		m.count(ignoredStopped)
	}
}
