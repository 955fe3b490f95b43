//go:build linux

package director

import (
	"log/slog"
	"slices"
	"time"

	"ka/compiler/effect"
	"ka/compiler/plan"
	"ka/runtime/notify"
	"ka/runtime/vrrp"
)

const (
	// chunk is how many kernel writes, or announcements, are one step of work.
	chunk = 64
	// maxAnnouncing is how many announcements of all its addresses an instance may have waiting: whoever cannot
	// keep up says nothing more by saying it more often.
	maxAnnouncing = 4
)

// step is a bounded piece of work. Work is done in order, between deadlines: an advert never waits for
// a thousand addresses.
type step struct {
	inst    *instance
	changes []effect.Change
	// number counts the steps of changes.
	number uint64
	// announce are the addresses of a round of announcements, rounds is how many there are.
	announce []plan.Address
	rounds   int
	// ends says that the announcement of all addresses of the instance is over behind it.
	ends bool
	// beside lets announcements go out while changes are under way, as soon as the one of the number behind, which adds
	// what they announce, is done.
	beside bool
	behind uint64
	notice *notify.Event
	// call is a step of a reload.
	call func()
	// done are changes that were made, at the given time: they are logged when the rest is done.
	done []effect.Change
	at   time.Time
}

// do does one action. Adverts go out at once; what follows them stays in order behind the work that is
// still to be done.
func (v *vrrpProcess) do(inst *instance, a vrrp.Action) {
	name := inst.plan.Name
	switch a := a.(type) {
	case vrrp.SendAdvert:
		v.sendAdvert(inst, a)
	case vrrp.AddAddresses:
		v.queueChanges(inst, true)
	case vrrp.RemoveAddresses:
		v.queueChanges(inst, false)
	case vrrp.ChangeAddresses:
		v.changeHeld(inst)
	case vrrp.AnnounceAddresses:
		v.queueAnnounce(inst, a)
	case vrrp.AnnounceExtra:
		v.work = append(v.work, step{inst: inst, announce: extraAddresses(inst.plan), rounds: 1})
	case vrrp.AnnounceSource:
		v.announceSource(inst, a.Source)
	case vrrp.NotifyState:
		v.notifyState(inst, a)
	case vrrp.Transition:
		inst.since, inst.cause = time.Now(), a.Cause
		v.link.log(slog.LevelInfo, "transition", "instance", name, "from", a.From.String(), "to", a.To.String(),
			"priority", a.Priority, "cause", a.Cause)
	case vrrp.PriorityChanged:
		v.link.log(slog.LevelInfo, "priority", "instance", name, "from", a.From, "to", a.To, "cause", a.Cause)
		if inst.plan.Notify.PriorityChanges {
			v.notify(inst, notify.Event{Name: name, Kind: notify.PriorityKind(inst.m.State()), Priority: a.To})
		}
	case vrrp.HeardLower:
		if a.First {
			v.warn("other-master", "instance", name, "source", a.Source.String(), "heard", a.Heard, "priority", a.Priority)
		}
		v.notify(inst, notify.Event{Name: name, Kind: notify.HeardLower, Priority: a.Priority})
	case vrrp.Noticed:
		v.warn("advert-noticed", "instance", name, "reason", string(a.Reason), "source", a.Source.String(), "detail", a.Detail)
	case vrrp.Ignored:
		if a.First {
			level := slog.LevelWarn
			if a.Reason == vrrp.DropLowerPriority {
				level = slog.LevelInfo // a backup is about to take over: nothing is wrong
			}
			v.link.log(level, "advert-ignored", "instance", name, "reason", string(a.Reason), "source", a.Source.String(), "detail", a.Detail)
		}
	}
}

// queueChanges queues the way to MASTER, or from it.
func (v *vrrpProcess) queueChanges(inst *instance, enter bool) {
	v.release(inst)
	v.announcer.drop(inst)
	if enter {
		v.hold(inst, inst.enter)
		v.queueList(inst, inst.enter)
		return
	}
	v.queueList(inst, v.alone(inst.leave))
}

// queueList queues changes, a chunk a step.
func (v *vrrpProcess) queueList(inst *instance, list []effect.Change) {
	for len(list) > 0 {
		n := min(chunk, len(list))
		v.writer.queued++
		v.work = append(v.work, step{inst: inst, changes: list[:n], number: v.writer.queued})
		inst.queued++
		list = list[n:]
	}
}

// queueAnnounce queues rounds over the addresses in turn, a step a round and chunk.
func (v *vrrpProcess) queueAnnounce(inst *instance, a vrrp.AnnounceAddresses) {
	all := a.Only
	if all == nil {
		all = slices.Concat(inst.plan.VIPs, inst.plan.Excluded)
		if len(all) == 0 || a.Rounds == 0 || inst.announcing == maxAnnouncing {
			return
		}
		inst.announcing++
	}
	for round := range a.Rounds {
		var steps []step
		for part := range slices.Chunk(all, chunk) {
			steps = append(steps, step{inst: inst, announce: part, rounds: a.Rounds})
		}
		if a.Only == nil && round == a.Rounds-1 {
			steps[len(steps)-1].ends = true
		}
		if round == 0 {
			v.announceBeside(inst, steps)
			continue
		}
		v.work = append(v.work, steps...)
	}
}

// announceBeside queues announcements behind the changes that add what they announce, each chunk as soon as
// its own are made: the next ones are made meanwhile.
func (v *vrrpProcess) announceBeside(inst *instance, steps []step) {
	if inst.queued == 0 { // it has all: beside the next change, whosever it is
		i := slices.IndexFunc(v.work, func(s step) bool { return s.changes != nil })
		if i < 0 {
			v.work = append(v.work, steps...)
			return
		}
		for j := range steps {
			steps[j].beside = true
		}
		v.work = slices.Insert(v.work, i+1, steps...)
		return
	}
	added, latest := make(map[string]uint64), uint64(0)
	for _, s := range slices.Concat(v.writer.underWay, v.work) {
		if s.inst != inst {
			continue
		}
		for _, c := range s.changes {
			added[c.Object().Key()], latest = s.number, s.number
		}
	}
	for i := range steps {
		for _, a := range steps[i].announce {
			n, ok := added[effect.Address{Prefix: a.Prefix, Interface: a.Interface}.Key()]
			if !ok {
				n = latest
			}
			steps[i].beside, steps[i].behind = true, max(steps[i].behind, n)
		}
	}
	var work []step
	for _, s := range v.work {
		work = append(work, s)
		for s.changes != nil && len(steps) > 0 && steps[0].behind <= s.number {
			work, steps = append(work, steps[0]), steps[1:]
		}
	}
	v.work = append(work, steps...)
}

// doWork works until the given time, until a deadline passes, or until a change of the kernel is under way. One that
// has passed before does not keep it from its time: whoever is late all the time would never come to it.
func (v *vrrpProcess) doWork(until vrrp.Instant) {
	next := until
	if !v.idle() {
		if at := v.next(); at > monotonic() {
			next = at
		}
	}
	for i := v.nextStep(); i >= 0; i = v.nextStep() {
		s := v.work[i]
		copy(v.work[1:i+1], v.work[:i])
		v.work[0] = step{}
		v.work = v.work[1:]
		switch {
		case s.call != nil:
			s.call()
		case s.changes != nil:
			v.apply(s)
		case s.announce != nil:
			v.announce(s)
			if s.ends {
				s.inst.announcing--
			}
		case s.done != nil:
			for _, c := range s.done {
				v.logChange(s.inst, c, s.at)
			}
		case s.notice != nil:
			v.link.send(message{Type: msgNotify, Notice: s.notice})
		}
		if now := monotonic(); now >= until || now >= next {
			return
		}
	}
	if len(v.work) == 0 {
		v.work = nil
	}
}

func (v *vrrpProcess) logChange(inst *instance, c effect.Change, at time.Time) {
	if c.Reason == reasonMissing {
		attrs := []any{"object", c.Object().String(), "after", inst.repairs.pause.String()}
		v.link.logAt(at, slog.LevelWarn, "put back, it was missing", withInstance(inst, attrs)...)
		return
	}
	attrs := []any{"op", string(c.Op)}
	switch o := c.Object().(type) {
	case effect.Address:
		attrs = append(attrs, "address", o.Prefix.String(), "dev", o.Interface)
		v.link.logAt(at, slog.LevelInfo, "address", withInstance(inst, attrs)...)
	case effect.Route:
		attrs = append(attrs, "route", o.String())
		v.link.logAt(at, slog.LevelInfo, "route", withInstance(inst, attrs)...)
	case effect.Rule:
		attrs = append(attrs, "rule", o.String())
		v.link.logAt(at, slog.LevelInfo, "rule", withInstance(inst, attrs)...)
	}
}

func withInstance(inst *instance, attrs []any) []any {
	if inst.plan.Name == "" {
		return attrs
	}
	return append(attrs, "instance", inst.plan.Name)
}
