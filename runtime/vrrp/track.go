package vrrp

import (
	"fmt"
	"slices"
	"strings"
)

// The bounds of the effective priority of an instance that is not an owner.
const (
	lowestPriority  = 1
	highestPriority = 254
)

// learn takes in what changed around the instance, and reports whether anything did.
func (m *Machine) learn(now Instant, ev Event) (changed bool) {
	switch ev := ev.(type) {
	case ScriptChanged:
		return m.learnScript(now, ev)
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

func (m *Machine) learnScript(now Instant, ev ScriptChanged) bool {
	if !m.tracks(ev.Script) {
		m.count(ignoredNotTracked)
		return false
	}
	if up, known := m.scripts[ev.Script]; known && up == ev.Up {
		m.count(ignoredNoChange)
		return false
	}
	m.scripts[ev.Script] = ev.Up
	outcome := "failed"
	if ev.Up {
		outcome = "succeeded"
	}
	m.setPriority(now, m.trackedPriority(), fmt.Sprintf("script %q %s", ev.Script, outcome))
	return true
}

func (m *Machine) tracks(script string) bool {
	for _, t := range m.inst.TrackScripts {
		if t.Script == script {
			return true
		}
	}
	return false
}

// trackedPriority is the base priority and the weights: a positive one counts while its script
// succeeds, a negative one while it fails, reversed ones with the other sign. An owner's never changes.
func (m *Machine) trackedPriority() uint8 {
	if m.base == priorityOwner {
		return m.priority
	}
	total := int(m.base)
	for _, t := range m.inst.TrackScripts {
		up, known := m.scripts[t.Script]
		if !known || up != (t.Weight > 0) {
			continue
		}
		if t.Reverse {
			total -= t.Weight
		} else {
			total += t.Weight
		}
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

// faults says what keeps the instance from running.
func (m *Machine) faults() []string {
	if !m.started {
		return nil
	}
	var list []string
	if !m.linkUp {
		list = append(list, fmt.Sprintf("interface %s is down", m.inst.Interface))
	}
	if !m.source.IsValid() {
		list = append(list, fmt.Sprintf("interface %s has no address to send from", m.inst.Interface))
	}
	for _, t := range m.inst.TrackScripts {
		up, known := m.scripts[t.Script]
		switch {
		case t.Weight != 0 || !known || up != t.Reverse:
		case t.Reverse:
			list = append(list, fmt.Sprintf("script %q succeeded", t.Script))
		default:
			list = append(list, fmt.Sprintf("script %q failed", t.Script))
		}
	}
	return list
}

// pending lists the tracked scripts without weight that have not reported yet.
func (m *Machine) pending() []string {
	var list []string
	for _, t := range m.inst.TrackScripts {
		if _, known := m.scripts[t.Script]; t.Weight == 0 && !known && !slices.Contains(list, t.Script) {
			list = append(list, t.Script)
		}
	}
	return list
}

// faultCause joins the faults for a transition.
func (m *Machine) faultCause() string { return strings.Join(m.faults(), ", ") }
