//go:build linux

package director

import (
	"log/slog"

	"ka/compiler/plan"
	"ka/runtime/notify"
	"ka/runtime/vrrp"
)

// told remembers what was told of instances and sync groups, for the FIFOs behind a reload.
type told struct {
	// groups holds the states that sync groups were told in.
	groups map[string]plan.State
	// reload holds the subjects that were told of since a reload began; nil: there is none.
	reload map[string]bool
}

// notify asks for notifications behind the work that is still to be done: who is told MASTER finds the
// addresses in place (reference vrrp 3.3).
func (v *vrrpProcess) notify(inst *instance, event notify.Event) {
	v.work = append(v.work, step{inst: inst, notice: &event})
}

// notifyState is notify for a state of the instance, or of its sync group.
func (v *vrrpProcess) notifyState(inst *instance, a vrrp.NotifyState) {
	event := notify.Event{Name: inst.plan.Name, Kind: notify.StateKind(a.State), Priority: a.Priority}
	if a.Group != "" {
		event.Group, event.Name = true, a.Group
		v.link.log(slog.LevelInfo, "group", "group", a.Group, "to", a.State.String(), "instance", inst.plan.Name)
		if v.told.groups == nil {
			v.told.groups = make(map[string]plan.State)
		}
		v.told.groups[a.Group] = a.State
	}
	if v.told.reload != nil {
		v.told.reload[event.Subject()] = true
	}
	v.notify(inst, event)
}

// tellAgain writes the states that a reload has not changed to the FIFOs, where fifo_write_vrrp_states_on_reload
// asks for them: first those of sync groups, then those of instances that are no master (reference vrrp 3.9).
func (v *vrrpProcess) tellAgain() {
	since := v.told.reload
	v.told.reload = nil
	if f := v.plan.Global.FIFOs; f == nil || !f.StatesOnReload || len(v.instances) == 0 {
		return
	}
	again := func(inst *instance, e notify.Event) {
		if e.Again = true; !since[e.Subject()] {
			v.notify(inst, e)
		}
	}
	for _, g := range v.plan.Groups.Sync {
		if state, known := v.told.groups[g.Name]; known {
			again(v.instances[0], notify.Event{Group: true, Name: g.Name, Kind: notify.StateKind(state)})
		}
	}
	for _, inst := range v.instances {
		if state := inst.m.State(); state == plan.StateBackup || state == plan.StateFault {
			again(inst, notify.Event{Name: inst.plan.Name, Kind: notify.StateKind(state), Priority: inst.m.Status().Priority})
		}
	}
}
