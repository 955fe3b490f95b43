package vrrp

import (
	"time"

	"ka/compiler/plan"
)

// maxAnnouncements bounds the bursts that are planned at one time.
const maxAnnouncements = 16

// announcement is a burst of gratuitous ARP that is planned.
type announcement struct {
	at     Instant
	rounds int
	// every is the time to the next burst of a chain; 0 ends with this one.
	every time.Duration
	// lower says that a lower advert was the reason, extra that interfaces without adverts are meant.
	lower, extra bool
	// only are the addresses that a reload added; nil: all.
	only []plan.Address
}

// announceEntry sends the first burst of a new master and plans the later ones (reference vrrp 3.3, steps
// 5 and 6).
func (m *Machine) announceEntry(now Instant) {
	garp := m.inst.GARP
	m.announce(garp.Repeat, nil)
	if garp.Delay > 0 {
		m.plan(announcement{at: now.Add(garp.Delay), rounds: garp.Repeat})
	}
	if garp.Refresh > 0 {
		m.plan(announcement{
			at: now.Add(garp.Delay + garp.Refresh), rounds: garp.RefreshRepeat, every: garp.Refresh,
		})
	}
	if garp.ExtraInterval > 0 {
		m.plan(announcement{at: now.Add(garp.Delay + garp.ExtraInterval), rounds: 1, every: garp.ExtraInterval, extra: true})
	}
}

// announceLower sends the burst that answers a lower advert, and plans its second one; where karun is
// asked again before that, the one planned will do.
func (m *Machine) announceLower(now Instant) {
	garp := m.inst.GARP
	m.announce(garp.LowerPriorityRepeat, nil)
	if garp.LowerPriorityDelay <= 0 {
		return
	}
	for _, a := range m.announcements {
		if a.lower && !m.behaviour.AnnounceTimersAccumulate {
			return
		}
	}
	m.plan(announcement{at: now.Add(garp.LowerPriorityDelay), rounds: garp.LowerPriorityRepeat, lower: true})
}

func (m *Machine) announce(rounds int, only []plan.Address) {
	if rounds > 0 && m.hasAddresses() {
		m.emit(AnnounceAddresses{Rounds: rounds, Only: only})
	}
}

func (m *Machine) hasAddresses() bool { return len(m.inst.VIPs)+len(m.inst.Excluded) > 0 }

func (m *Machine) plan(a announcement) {
	if a.rounds <= 0 || !m.hasAddresses() {
		return
	}
	if len(m.announcements) == maxAnnouncements {
		m.count(droppedAnnouncement)
		return
	}
	m.announcements = append(m.announcements, a)
}

// fireAnnouncement handles the planned burst that is due first. One that comes due while the addresses
// are not ours is skipped; its chain goes on (only where announcements are never cancelled).
func (m *Machine) fireAnnouncement(now Instant) {
	first := 0
	for i, a := range m.announcements {
		if a.at < m.announcements[first].at {
			first = i
		}
	}
	a := m.announcements[first]
	switch {
	case !m.owning():
	case a.extra:
		m.emit(AnnounceExtra{})
	default:
		m.announce(a.rounds, a.only)
	}
	if a.every > 0 {
		m.announcements[first].at = now.Add(a.every)
		return
	}
	m.announcements = append(m.announcements[:first], m.announcements[first+1:]...)
}

// cancelAnnouncements ends all planned bursts with the mastership.
func (m *Machine) cancelAnnouncements() {
	if !m.behaviour.AnnounceTimersAccumulate {
		m.announcements = nil
	}
}

// announceGroup announces the addresses of the other members of the sync group too: the lower master's whole
// group announced its own (reference vrrp 3.5).
func (m *Machine) announceGroup(now Instant) {
	if m.group == nil {
		return
	}
	for _, other := range m.group.members {
		if other != m && other.owning() {
			other.announceLower(now)
		}
	}
}
