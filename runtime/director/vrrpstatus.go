//go:build linux

package director

import (
	"strings"

	"ka/compiler/plan"
	"ka/runtime/control"
)

// maxAnswers bounds the parts of answers that wait.
const maxAnswers = 1 << 14

// sendStatus begins the answer to a status request: an instance at a time, so that no advert waits for a
// thousand.
func (v *vrrpProcess) sendStatus(id uint64) {
	if len(v.answers) > maxAnswers {
		return // the supervisor does not wait for ever
	}
	for _, inst := range v.instances {
		v.answers = append(v.answers, func() { v.sendInstance(id, inst) })
	}
	v.answers = append(v.answers, func() { v.sendTotals(id) })
}

// answerOne sends a part of an answer.
func (v *vrrpProcess) answerOne() {
	if len(v.answers) > 0 {
		next := v.answers[0]
		v.answers[0] = nil
		v.answers = v.answers[1:]
		next()
	}
}

func (v *vrrpProcess) sendInstance(id uint64, inst *instance) {
	st := inst.m.Status()
	out := control.Instance{
		Name: inst.plan.Name, Interface: inst.plan.Interface, VRID: inst.plan.VRID,
		State: st.State.String(), Since: inst.since, Cause: inst.cause, PutBack: inst.repairs.count,
		Priority: st.Priority, BasePriority: st.BasePriority, Counters: st.Counters, Addresses: []string{}, Tracked: trackedList(st),
	}
	if st.Master.IsValid() {
		out.Master = st.Master.String()
	}
	if st.State == plan.StateInit && len(st.Pending) > 0 {
		out.Cause = "waits for the scripts " + strings.Join(st.Pending, ", ")
	}
	for _, a := range append(inst.plan.VIPs[:len(inst.plan.VIPs):len(inst.plan.VIPs)], inst.plan.Excluded...) {
		out.Addresses = append(out.Addresses, a.Prefix.String())
	}
	v.link.send(message{Type: msgInstance, ID: id, InstanceStatus: &out})
}

func (v *vrrpProcess) sendTotals(id uint64) {
	drops := map[string]uint64{"vrrp-messages": v.link.dropped}
	for _, p := range v.pools {
		for reason, n := range p.drops {
			drops[reason] += n
		}
	}
	v.link.send(message{Type: msgStatusDone, ID: id, Drops: drops, Kernel: &control.Kernel{PutBack: v.static.repairs.count, Lists: v.lists}})
}
