package vrrp

import (
	"net/netip"
	"slices"

	"ka/compiler/plan"
)

// The counter of reloads, and the causes that they give.
const (
	reloaded     = "reloads"
	causeReload  = "reload"
	causeDeleted = "a reload took the instance away"
)

// reload goes on with another configuration of the same virtual router (reference vrrp 3.9): the state, the
// counters, the master that was heard and the address that adverts come from stay; priority and faults are
// worked out anew. A master says its new priority at once, a backup waits a whole Master_Down again.
func (m *Machine) reload(now Instant, ev Reload) {
	if m.state == plan.StateStopped {
		m.count(ignoredStopped)
		return
	}
	m.count(reloaded)
	old := m.inst
	m.inst = bounded(ev.Instance)
	m.sender = m.sender.reloaded(m.inst)
	m.acceptance = newAcceptance(m.inst, m.behaviour, m.sender.session)
	if ev.DelayEnds != 0 {
		m.notBefore = ev.DelayEnds
	}
	m.tracked = slices.DeleteFunc(m.tracked, func(t tracked) bool {
		return slices.ContainsFunc(ev.Forget, func(f plan.Tracked) bool { return f.Kind == t.Kind && f.Name == t.Name })
	})
	m.Track(ev.Tracked)
	for _, known := range ev.Known {
		m.note(known)
	}
	m.base = m.inst.Priority
	// A member that its group holds back waits anew; what the text wants counts before the start alone.
	m.wantMaster = m.owning() || m.state == plan.StateInit && m.inst.InitialState == plan.StateMaster
	if m.inst.Version != old.Version || m.inst.Version == 2 || m.owning() {
		m.masterInterval = m.inst.AdvertInterval
	}
	clear(m.seen)
	m.reloadPriority(now)
	if m.started {
		m.resume(now, old)
	}
}

// reloaded goes on with another configuration: identification, the counter of AH and the sequences of
// signatures go on, so that nothing that was recorded is accepted a second time.
func (s *Sender) reloaded(inst plan.Instance) *Sender {
	old := s.session.oldChecksum
	s.session.oldChecksum = newSession(inst).oldChecksum
	if u := inst.Unicast; u != nil && u.Checksum == plan.ChecksumAuto {
		s.session.oldChecksum = old // what the peer does was found out
	}
	return &Sender{inst: inst, session: s.session, ipID: s.ipID}
}

// reloadPriority works the effective priority out from the new base.
func (m *Machine) reloadPriority(now Instant) {
	if m.base != priorityOwner {
		m.setPriority(now, m.trackedPriority(), causeReload)
		return
	}
	m.setPriority(now, m.base, causeReload)
}

// resume looks at the state with the eyes of the new configuration.
func (m *Machine) resume(now Instant, old plan.Instance) {
	faulty := len(m.faults()) > 0
	switch m.state {
	case plan.StateInit:
		m.armed = false
		m.leaveInit(now, false)
	case plan.StateBackup:
		if faulty {
			m.goFault(now, m.faultCause())
			return
		}
		m.preemptRunning, m.doubt = false, ""
		m.wait(now, m.masterDown())
	case plan.StateMaster:
		if faulty {
			m.goFault(now, m.faultCause())
			return
		}
		m.sendAdvert(now, m.priority)
		m.emit(ChangeAddresses{})
		m.announceReload(now, added(&old, &m.inst))
	case plan.StateFault:
		if m.group == nil || m.group.in(plan.StateMaster) == nil { // else [Node.Gather] takes it along
			m.leaveFault(now)
		}
	}
}

// announceReload announces addresses that came with a reload like those of a new master, and begins the
// chains of the new configuration.
func (m *Machine) announceReload(now Instant, added []plan.Address) {
	garp := m.inst.GARP
	m.announcements = slices.DeleteFunc(m.announcements, func(a announcement) bool { return a.every > 0 })
	if garp.Refresh > 0 {
		m.plan(announcement{at: now.Add(garp.Refresh), rounds: garp.RefreshRepeat, every: garp.Refresh})
	}
	if garp.ExtraInterval > 0 {
		m.plan(announcement{at: now.Add(garp.ExtraInterval), rounds: 1, every: garp.ExtraInterval, extra: true})
	}
	if len(added) == 0 || garp.Repeat <= 0 {
		return
	}
	m.emit(AnnounceAddresses{Rounds: garp.Repeat, Only: added})
	if garp.Delay > 0 {
		m.plan(announcement{at: now.Add(garp.Delay), rounds: garp.Repeat, only: added})
	}
}

// added lists the addresses of b that a does not have like that.
func added(a, b *plan.Instance) []plan.Address {
	type key struct {
		address  plan.Address
		lifetime uint32
	}
	keyOf := func(x plan.Address) (k key) {
		if x.PreferredLifetime != nil {
			k.lifetime = *x.PreferredLifetime
		}
		x.Origin, x.PreferredLifetime = plan.Origin{}, nil
		k.address = x
		return k
	}
	had := make(map[key]bool, len(a.VIPs)+len(a.Excluded))
	for _, x := range slices.Concat(a.VIPs, a.Excluded) {
		had[keyOf(x)] = true
	}
	var out []plan.Address
	for _, x := range slices.Concat(b.VIPs, b.Excluded) {
		if !had[keyOf(x)] {
			out = append(out, x)
		}
	}
	return out
}

// bounded gives intervals, counts and the priority a minimum, so that time always goes on.
func bounded(inst plan.Instance) plan.Instance {
	inst.AdvertInterval = max(inst.AdvertInterval, centisecond)
	inst.DownTimerAdverts = max(inst.DownTimerAdverts, 1)
	inst.Priority = max(inst.Priority, lowestPriority)
	return inst
}

// becomeDeleted ends the machine because a reload took its instance away: a master says priority 0, and the
// notification is FAULT, as ever, or DELETED where the instance asks for it; one that is in FAULT was told
// that already (reference vrrp 3.9).
func (m *Machine) becomeDeleted(now Instant) {
	was, wasMaster := m.state, m.owning()
	if was == plan.StateStopped {
		m.count(ignoredStopped)
		return
	}
	if wasMaster {
		m.sendAdvert(now, priorityStop)
	}
	m.enter(now, plan.StateStopped, (*Machine).stepStopped, causeDeleted)
	m.armed, m.announcements, m.master = false, nil, netip.Addr{}
	if wasMaster {
		m.releaseAddresses()
	}
	switch {
	case m.inst.Notify.DeletedState || m.inst.Notify.Deleted != nil:
		m.emit(NotifyState{State: plan.StateDeleted, Priority: m.priority})
	case was != plan.StateFault:
		m.emit(NotifyState{State: plan.StateFault, Priority: m.priority})
	}
}
