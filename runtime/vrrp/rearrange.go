package vrrp

import (
	"fmt"

	"ka/compiler/plan"
)

// Rearrange makes the node that of another plan, for a reload: from holds for each instance the index of the
// same virtual router before, -1 where it is new. Machines that stay go on as they are until they are told
// of their [Reload]; those that are left out have been told [Delete]. Groups are those of the new plan:
// [Node.Gather] brings their members together when all have been told.
func (n *Node) Rearrange(p *plan.Plan, b Behaviour, from []int) {
	before := n.machines
	states := make(map[string]plan.State, len(n.groups))
	for _, g := range n.groups {
		states[g.name] = g.announced
	}
	n.machines, n.groups, n.queue = make([]*Machine, len(p.Instances)), nil, nil
	byName := make(map[string]*Machine, len(p.Instances))
	for i := range p.Instances {
		m := (*Machine)(nil)
		if from[i] >= 0 {
			m = before[from[i]]
		} else {
			m = NewMachine(p.Instances[i], b)
			n.adopt(m)
			m.Track(p.Tracked(&p.Instances[i]))
		}
		m.index, m.group, m.place = i, nil, notQueued
		n.machines[i] = m
		byName[p.Instances[i].Name] = m
	}
	for _, g := range p.Groups.Sync {
		n.formGroup(g, byName, states[g.Name])
	}
	for _, m := range n.machines {
		n.schedule(m)
	}
}

// formGroup makes a group of machines of which some may run already. Its state is theirs, if they agree.
func (n *Node) formGroup(p plan.SyncGroup, byName map[string]*Machine, before plan.State) {
	g := &group{name: p.Name, announced: before}
	for _, name := range p.Members {
		if m := byName[name]; m != nil && m.group == nil {
			m.group = g
			g.members = append(g.members, m)
		}
	}
	if len(g.members) == 0 {
		return
	}
	n.groups = append(n.groups, g)
	if g.all(func(m *Machine) bool { return m.state == plan.StateInit }) {
		return
	}
	g.state = before
	for _, s := range []plan.State{plan.StateBackup, plan.StateMaster, plan.StateFault} {
		if g.all(func(m *Machine) bool { return m.state == s || m.state == plan.StateInit }) {
			g.state = s
		}
	}
}

// Gather brings the members of each group together behind a reload: a fault of one is a fault of all, and
// masters stay masters and take the others along. A better master elsewhere takes all of them back. Who was
// in FAULT, or waited, because of another instance alone goes on where that is none of its group any more.
func (n *Node) Gather(now Instant) []Output {
	n.out = n.out[:0]
	for _, g := range n.groups {
		g.gather(now)
	}
	for _, m := range n.machines {
		if m.group == nil {
			m.gather(now)
		}
		n.schedule(m)
	}
	return n.out
}

func (m *Machine) gather(now Instant) {
	switch {
	case m.state == plan.StateFault:
		m.leaveFault(now)
	case m.state == plan.StateInit && m.started:
		m.leaveInit(now, false)
	}
}

// in returns a member in a state; nil: there is none.
func (g *group) in(s plan.State) *Machine {
	for _, m := range g.members {
		if m.state == s {
			return m
		}
	}
	return nil
}

// joins lets members that a reload added go where the others are; false: nobody is anywhere yet.
func (g *group) joins(now Instant) bool {
	master, backup := g.in(plan.StateMaster), g.in(plan.StateBackup)
	if master == nil && backup == nil {
		return false
	}
	for _, m := range g.members {
		switch {
		case m.state != plan.StateInit:
		case master != nil:
			m.becomeMaster(now, fmt.Sprintf("sync group %q follows %q", g.name, master.inst.Name))
		default:
			m.becomeBackup(now, causeStart, m.masterDown())
		}
	}
	return true
}

func (g *group) gather(now Instant) {
	if g.clear() {
		g.release(now)
	}
	fault, master, backup := g.in(plan.StateFault), g.in(plan.StateMaster), g.in(plan.StateBackup)
	switch {
	case fault != nil && (master != nil || backup != nil):
		if own := g.faulty(); own != nil {
			fault = own
		}
		g.state = plan.StateInit
		fault.goFault(now, fault.faultCause())
	case master != nil:
		g.state = plan.StateMaster
		cause := fmt.Sprintf("sync group %q follows %q", g.name, master.inst.Name)
		for _, m := range g.members {
			if m.state == plan.StateBackup {
				m.becomeMaster(now, cause)
			}
		}
	case backup != nil:
		g.state = plan.StateBackup
	}
	if g.state != g.announced && g.state != plan.StateInit {
		g.announce(g.members[0], g.state)
	}
}

// release lets members go on that nothing of the group holds back any more.
func (g *group) release(now Instant) {
	for _, m := range g.members {
		switch m.state {
		case plan.StateInit:
			g.leaveInit(now, m, false)
		case plan.StateFault:
			m.leave(now, causeRecovered)
		}
	}
}
