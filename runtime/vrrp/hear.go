package vrrp

import (
	"fmt"
	"time"
)

// The names of the counters that do not count something ignored.
const (
	sentAdvert           = "adverts-sent"
	sentPriorityZero     = "priority-zero-sent"
	receivedAdvert       = "adverts-received"
	receivedPriorityZero = "priority-zero-received"
	becameMaster         = "became-master"
	releasedMaster       = "released-master"
	changedPriority      = "priority-changed"
	droppedAnnouncement  = "announcement-limit"
)

// judge asks acceptance, and counts and reports what it has to say.
func (m *Machine) judge(ev PacketReceived) (Verdict, bool) {
	ctx := Context{Wall: m.wall(m.now), Priority: m.priority}
	if !m.owning() {
		ctx.Master = m.master
	}
	v := m.acceptance.Judge(ev, ctx)
	if !v.Accepted() {
		m.ignore(v.Reason, v.Source, v.Detail)
		return v, false
	}
	m.count(receivedAdvert)
	return v, true
}

// reportNotices reports what is odd about an accepted packet. It is asked after the packet was heard:
// another master, or another state, makes old oddities worth a word again.
func (m *Machine) reportNotices(v Verdict) {
	for _, n := range v.Notices {
		m.count("noticed-" + string(n.Reason))
		if !m.seen[n.Reason] {
			m.seen[n.Reason] = true
			m.emit(Noticed{Reason: n.Reason, Source: v.Source, Detail: n.Detail})
		}
	}
}

// refusePacket counts a packet that is not looked at.
func (m *Machine) refusePacket(ev PacketReceived, reason DropReason, detail string) {
	source := ev.Source
	if h, err := ParseIPv4Header(ev.Packet); err == nil && !source.IsValid() {
		source = h.Source
	}
	m.ignore(reason, source, detail)
}

// ofThisRouter reports whether a packet got as far as having our VRID.
func ofThisRouter(v Verdict) bool {
	switch v.Reason {
	case DropTooShort, DropOtherVRID, DropProtocol, DropFamily:
		return false
	}
	return true
}

// backupHears takes an acceptable advert as a backup (reference vrrp 3.2). Equal priority is accepted from
// any address: only masters compare addresses.
func (m *Machine) backupHears(now Instant, a Advert) {
	changed := a.Source != m.master
	if changed || a.Priority != priorityOwner {
		m.restoreOwner(now, "another master")
	}
	if a.Priority == priorityStop {
		m.count(receivedPriorityZero)
		m.doubt = fmt.Sprintf("%v has given up (priority 0)", a.Source)
		m.arm(now.Add(m.skew()))
		return
	}
	if a.Priority >= m.priority {
		m.preemptRunning = false
	} else if !m.toleratesLower(now) {
		m.doubt = fmt.Sprintf("%v has only priority %d", a.Source, a.Priority)
		m.ignore(DropLowerPriority, a.Source, fmt.Sprintf("priority %d received, own is %d", a.Priority, m.priority))
		return
	}
	if changed {
		clear(m.seen)
	}
	m.learnInterval(a)
	m.master, m.masterPriority, m.doubt = a.Source, a.Priority, ""
	m.wantMaster = false // a member that was only held back by its group
	m.arm(now.Add(m.masterDown() + m.afterTie(now)))
}

// toleratesLower decides whether a backup lets a lower master live: always with nopreempt, with a
// preemption delay until that is over (the first lower advert starts it).
func (m *Machine) toleratesLower(now Instant) bool {
	switch {
	case m.inst.NoPreempt:
		return true
	case m.inst.PreemptDelay <= 0:
		return false
	case !m.preemptRunning:
		m.preemptRunning, m.preemptAt = true, now.Add(m.inst.PreemptDelay)
		return true
	}
	return now < m.preemptAt
}

// learnInterval takes over the master's interval, in version 3.
func (m *Machine) learnInterval(a Advert) {
	if m.inst.Version == 3 && a.Interval > 0 {
		m.masterInterval = a.Interval
	}
}

// masterHears takes an acceptable advert as a master (reference vrrp 3.5).
func (m *Machine) masterHears(now Instant, a Advert) {
	if a.Priority == priorityStop {
		m.count(receivedPriorityZero)
		m.sendAdvert(now, m.priority)
		return
	}
	order := a.Source.Compare(m.source)
	if a.Priority == m.priority && order == 0 {
		m.ignore(DropOwnAddress, a.Source, fmt.Sprintf("priority %d with our own source address", a.Priority))
		return
	}
	if a.Priority == priorityOwner && m.base == priorityOwner {
		m.hearOwner(now, a, order)
	}
	better := a.Priority > m.priority || a.Priority == m.priority && order > 0
	if better && m.inst.Deviations.HigherPrioritySendAdvert {
		m.sendAdvert(now, m.priority)
	}
	switch {
	case !better:
		m.answerLower(now, a)
	case a.Priority > m.priority:
		m.giveWay(now, a, "higher priority %d from %v")
	default:
		m.giveWay(now, a, "equal priority %d from the higher address %v")
		if m.group != nil && !m.behaviour.GroupTiesRepeat {
			m.group.standBack(now, m)
		}
	}
}

// answerLower tells a lower master, and the machines of the link, who is master.
func (m *Machine) answerLower(now Instant, a Advert) {
	m.count(receivedLower)
	m.sender.session.ah.overtake()
	if !m.inst.Deviations.LowerPriorityNoAdvert {
		m.sendAdvert(now, m.priority)
	}
	m.announceLower(now)
	m.announceGroup(now)
	m.emit(HeardLower{Priority: m.priority, Heard: a.Priority, Source: a.Source, First: now >= m.lowerUntil})
	m.lowerUntil = now.Add(m.masterDown())
}

// receivedLower counts lower adverts that a master answers.
const receivedLower = "lower-adverts-answered"

func (m *Machine) giveWay(now Instant, a Advert, cause string) {
	m.learnInterval(a)
	m.master, m.masterPriority = a.Source, a.Priority
	m.goBackup(now, fmt.Sprintf(cause, a.Priority, a.Source), m.masterDown())
}

// ownerConflict remembers another owner that was heard while master.
type ownerConflict struct {
	active bool
	// patience ends the time that the other has to give way; latest is when it was last heard.
	patience, latest Instant
}

// hearOwner handles two instances that both claim priority 255. The lower address gives way (by the
// ordinary comparison). The higher one waits for two adverts of its own and 1.2 of the longer
// intervals; if the other still speaks, it demotes itself to 254 (reference vrrp 3.5).
func (m *Machine) hearOwner(now Instant, a Advert, order int) {
	if m.behaviour.OwnerConflictDemotesForever {
		m.base = highestPriority
		m.setPriority(now, m.trackedPriority(), fmt.Sprintf("another owner, %v", a.Source))
		return
	}
	if order > 0 || m.priority != priorityOwner {
		return
	}
	longer := max(m.inst.AdvertInterval, a.Interval)
	// One that was silent for longer than a backup would wait begins anew.
	silent := now.Sub(m.conflict.latest) > time.Duration(m.inst.DownTimerAdverts)*longer
	if !m.conflict.active || silent {
		m.conflict = ownerConflict{
			active:   true,
			patience: now.Add(2*m.inst.AdvertInterval + longer*6/5),
			latest:   now,
		}
		return
	}
	m.conflict.latest = now
	if now >= m.conflict.patience {
		m.setPriority(now, highestPriority, fmt.Sprintf("another owner, %v, does not give way", a.Source))
	}
}

// restoreOwner gives a demoted owner its priority back.
func (m *Machine) restoreOwner(now Instant, cause string) {
	if m.base == priorityOwner && m.priority != priorityOwner {
		m.setPriority(now, priorityOwner, cause)
	}
}
