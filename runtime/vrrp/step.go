package vrrp

import (
	"fmt"
	"net/netip"

	"ka/compiler/plan"
)

// The causes of a start, and of leaving FAULT.
const (
	causeStart     = "start"
	causeReported  = "tracked scripts have reported"
	causeOwner     = "owner of the addresses (priority 255)"
	causeRecovered = "all faults are gone"
)

// fireState handles the deadline of the state.
func (m *Machine) fireState(now Instant) {
	switch m.state {
	case plan.StateInit:
		m.armed = false
		m.goMaster(now, causeOwner)
	case plan.StateBackup:
		m.goMaster(now, m.timeoutCause())
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
		m.source, m.linkUp, m.notBefore = ev.Source, ev.LinkUp, now.Add(ev.Delay)
		m.startPriority(now)
		m.leaveInit(now, true)
	case PacketReceived:
		m.refusePacket(ev, DropNotListening, fmt.Sprintf("in state %v no advertisement counts", m.state))
	case AddressLost:
		m.count(ignoredNotMaster)
	case Stop:
		m.goStopped(now, "stop")
	default:
		if m.learn(now, ev) && m.started {
			m.leaveInit(now, false)
		}
	}
}

// leaveInit goes on as soon as there is something to go by: a fault counts at once, everything else when
// the scripts without weight have all reported (reference vrrp 3.1).
func (m *Machine) leaveInit(now Instant, starting bool) {
	switch {
	case m.group != nil:
		m.group.leaveInit(now, m, starting)
	case len(m.faults()) > 0:
		m.goFault(now, m.faultCause())
	case len(m.pending()) > 0:
	case m.base == priorityOwner && m.wantMaster:
		switch {
		case m.armed:
		case starting || now < m.notBefore:
			m.wait(now, ownerStartDelay)
		default:
			m.announceSource(now)
			m.goMaster(now, causeOwner)
		}
	case starting:
		m.becomeBackup(now, causeStart, m.masterDown())
	default:
		m.announceSource(now)
		m.becomeBackup(now, causeReported, m.masterDown())
	}
}

// announceSource has the link told of the source of adverts by unicast, behind a fault or scripts that were waited
// for: a master that has lost us from its tables could not send at once (reference vrrp 3.7).
func (m *Machine) announceSource(now Instant) {
	if m.inst.Unicast != nil && now >= m.notBefore {
		m.emit(AnnounceSource{Source: m.source})
	}
}

// stepBackup: somebody else is master, or will be found missing at the deadline.
func (m *Machine) stepBackup(now Instant, ev Event) {
	switch ev := ev.(type) {
	case Tick:
	case Start:
		m.count(ignoredStarted)
	case PacketReceived:
		if now < m.notBefore {
			m.refusePacket(ev, DropStartupDelay, "the start is delayed: no advertisement counts yet")
		} else if v, ok := m.judge(ev); ok {
			m.backupHears(now, v.Advert)
			m.reportNotices(v)
		}
	case AddressLost:
		m.count(ignoredNotMaster)
	case Stop:
		m.goStopped(now, "stop")
	default:
		if m.learn(now, ev) && len(m.faults()) > 0 {
			m.goFault(now, m.faultCause())
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
		quirk := m.behaviour.RejectedPacketRestartsAdvertTimer && !m.inst.Deviations.LowerPriorityNoAdvert
		if m.owning() && quirk && ofThisRouter(v) {
			m.arm(now.Add(m.inst.AdvertInterval))
		}
	case AddressLost:
		// Without its address the master is none: it says so, and comes back after the skew.
		m.goShortly(now, fmt.Sprintf("address %v was removed by somebody else", ev.Address))
	case Stop:
		m.goStopped(now, "stop")
	default:
		if m.learn(now, ev) && len(m.faults()) > 0 {
			m.goFault(now, m.faultCause())
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
		m.refusePacket(ev, DropNotListening, fmt.Sprintf("in state %v no advertisement counts", m.state))
	case AddressLost:
		m.count(ignoredNotMaster)
	case Stop:
		m.goStopped(now, "stop")
	default:
		if m.learn(now, ev) {
			m.leaveFault(now)
		}
	}
}

// mayRecover reports whether nothing keeps the instance, or any member of its group, from running.
func (m *Machine) mayRecover() bool {
	if m.group != nil {
		return m.group.clear()
	}
	return len(m.faults()) == 0 && len(m.pending()) == 0
}

// leaveFault goes on as a backup as soon as nothing is in the way.
func (m *Machine) leaveFault(now Instant) {
	if m.mayRecover() {
		m.forget()
		m.announceSource(now)
		m.goBackup(now, causeRecovered, m.masterDown())
	}
}

// forget drops what was learnt of a master. An owner comes out of a fault as a backup too, whatever its
// first state was.
func (m *Machine) forget() {
	m.masterInterval = m.inst.AdvertInterval
	m.master, m.masterPriority = netip.Addr{}, 0
}

// stepStopped: the end.
func (m *Machine) stepStopped(_ Instant, ev Event) {
	if _, tick := ev.(Tick); !tick {
		m.count(ignoredStopped)
	}
}
