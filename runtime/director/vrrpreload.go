//go:build linux

package director

import (
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"slices"

	"golang.org/x/sys/unix"

	"ka/compiler/effect"
	"ka/compiler/plan"
	"ka/runtime/control"
	"ka/runtime/vrrp"
)

// A new plan is read and compared on a goroutine of its own, which touches nothing that the loop has. What
// it hands over is applied by the loop as steps of work, between deadlines, an instance a step.

// reasonReload is the reason of changes that a new plan brings.
const reasonReload = "reload"

// changes are those on the way to MASTER and from it, or those of the static objects.
type changes struct{ enter, leave []effect.Change }

// changesOf takes the changes of a plan from the phases that kac plan prints: what was there before is none
// of ours.
func changesOf(p *plan.Plan, kept map[string]bool) (static changes, instances []changes) {
	sub := *p
	// Instances have such objects too: the address of an ipvlan.
	running := effect.Desired(p, effect.Facts{}, effect.State{Running: true})
	added := make([]effect.Object, len(running))
	for i, w := range running {
		added[i] = w
	}
	static.enter = own(effect.Diff(nil, running, "karun starts"), kept)
	static.leave = own(effect.Diff(added, nil, "karun stops"), kept)
	instances = make([]changes, len(p.Instances))
	for i := range p.Instances {
		sub.Instances = p.Instances[i : i+1]
		for _, ph := range effect.Phases(&sub, effect.Facts{}) {
			switch {
			case ph.Instance == "":
			case ph.Name == plan.StateMaster.String():
				instances[i].enter = own(ph.Changes, kept)
			case ph.Name == plan.StateBackup.String():
				instances[i].leave = own(ph.Changes, kept)
			}
		}
	}
	return static, instances
}

// own keeps the changes that this process makes, of objects that were not there before.
func own(list []effect.Change, kept map[string]bool) []effect.Change {
	var out []effect.Change
	for _, c := range list {
		k := c.Object().Kind()
		if k >= effect.KindDropped && k <= effect.KindRule && !kept[c.Object().Key()] {
			out = append(out, c)
		}
	}
	return out
}

// wanted turns the additions of changes into what they want.
func wanted(enter []effect.Change) []effect.Wanted {
	out := make([]effect.Wanted, 0, len(enter))
	for _, c := range enter {
		if c.Want != nil {
			out = append(out, effect.Wanted{Object: c.Want, Scope: c.Scope, Origin: c.Origin})
		}
	}
	return out
}

// difference are the changes from what one way to MASTER adds to what another does.
func difference(from, to []effect.Change) []effect.Change {
	have := wanted(from)
	objects := make([]effect.Object, len(have))
	for i, w := range have {
		objects[i] = w
	}
	return effect.Diff(objects, wanted(to), reasonReload)
}

// former is what the loop has of an instance, as far as a new plan is compared with it.
type former struct {
	inst    *instance
	plan    *plan.Instance
	tracked []plan.Tracked
	enter   []effect.Change
}

// next is an instance of the new plan.
type next struct {
	plan    *plan.Instance
	tracked []plan.Tracked
	changes
	// was is the same virtual router before; nil: it is new.
	was       *instance
	unchanged bool
	// diff turns what a master has into what it wants now.
	diff []effect.Change
}

// newPlan is a plan that was read and compared.
type newPlan struct {
	err       error
	plan      *plan.Plan
	kept      map[string]bool
	untracked map[string]bool
	forget    []trackedState
	startAt   vrrp.Instant
	instances []next
	removed   []*instance
	static    changes
	diff      []effect.Change
	// mirror is what the new plan may add, union what it and the old one may; nothing was seen of either.
	mirror, union mirror
	// users are the instances that want an object which another one has had.
	users map[string][]*next
}

// comparison is what the loop hands to the goroutine.
type comparison struct {
	mirror  mirror
	startAt vrrp.Instant
	static  []effect.Change
	before  []former
}

// comparison takes what the goroutine needs; all of it is only read from now on.
func (v *vrrpProcess) comparison() comparison {
	c := comparison{mirror: mirror{may: v.mirror.may, ours: v.mirror.ours, parts: v.mirror.parts, destinations: v.mirror.destinations}, startAt: v.startAt, static: v.static.enter}
	for _, inst := range v.instances {
		c.before = append(c.before, former{inst: inst, plan: inst.plan, tracked: inst.tracked, enter: inst.enter})
	}
	return c
}

// reloadState is what the loop knows of reloads: one is done after the other.
type reloadState struct {
	// id is that of the reload that is under way; 0: there is none.
	id uint64
	// nextID and nextFile are those of the latest that came meanwhile; the ones between count no more.
	nextID   uint64
	nextFile int
}

// beginReload reads the new plan beside the loop, behind the reload that is under way.
func (v *vrrpProcess) beginReload(id uint64, file int) {
	if file <= 0 || v.stopping {
		return
	}
	if r := &v.reload; r.id != 0 {
		if r.nextFile > 0 {
			_ = unix.Close(r.nextFile)
		}
		r.nextID, r.nextFile = id, file
		return
	}
	c := v.comparison()
	v.reload.id, v.reading = id, true
	v.before.begin()
	go func() {
		n := c.read(file)
		runtime.GC()   // while the loop is before whoever does it
		v.reloads <- n // buffered: one is done after the other
		v.events.wake()
	}()
}

// read reads and compares a new plan.
func (c comparison) read(file int) *newPlan {
	p, s, err := readSetup(file)
	if err != nil {
		return &newPlan{err: err}
	}
	n := &newPlan{plan: p, kept: make(map[string]bool), forget: s.Forget, startAt: vrrp.Instant(s.StartAt), mirror: newMirror(p), untracked: effect.Untracked(p), users: make(map[string][]*next)}
	for _, k := range s.Kept {
		n.kept[k] = true
	}
	var all []changes
	n.union = c.mirror.with(n.mirror)
	n.static, all = changesOf(p, n.kept)
	n.diff = difference(c.static, n.static.enter)
	c.match(n, all)
	c.findUsers(n)
	return n
}

// match compares the instances.
func (c comparison) match(n *newPlan, all []changes) {
	old := make([]*plan.Instance, len(c.before))
	for i, b := range c.before {
		old[i] = b.plan
	}
	stays := make([]bool, len(old))
	for i, place := range matchInstances(old, n.plan.Instances) {
		in := &n.plan.Instances[i]
		x := next{plan: in, tracked: n.plan.Tracked(in), changes: all[i]}
		if place >= 0 {
			b := c.before[place]
			stays[place] = true
			x.was = b.inst
			x.diff = difference(b.enter, x.enter)
			x.unchanged = len(x.diff) == 0 && same(b.plan, in) && same(b.tracked, x.tracked) && !n.forgets(x.tracked) && n.startAt == c.startAt
		}
		n.instances = append(n.instances, x)
	}
	for i, b := range c.before {
		if !stays[i] {
			n.removed = append(n.removed, b.inst)
		}
	}
}

// forgets reports whether one of the things is another one now.
func (n *newPlan) forgets(list []plan.Tracked) bool {
	return slices.ContainsFunc(n.forget, func(f trackedState) bool {
		return slices.ContainsFunc(list, func(t plan.Tracked) bool { return t.Kind == f.Kind && t.Name == f.Name })
	})
}

// findUsers lists who wants what another one gives up: an address that moves between two masters stays
// where it is.
func (c comparison) findUsers(n *newPlan) {
	gone := make(map[string]bool)
	note := func(list []effect.Change) {
		for _, ch := range list {
			if ch.Op == effect.Remove {
				gone[ch.Object().Key()] = true
			}
		}
	}
	note(n.diff)
	for i := range n.instances {
		note(n.instances[i].diff)
	}
	for _, b := range c.before {
		if slices.Contains(n.removed, b.inst) {
			note(difference(b.enter, nil))
		}
	}
	for i := range n.instances {
		x := &n.instances[i]
		for _, ch := range x.enter {
			if key := ch.Object().Key(); gone[key] {
				n.users[key] = append(n.users[key], x)
			}
		}
	}
}

// takeReload goes on with a plan that was read.
func (v *vrrpProcess) takeReload() {
	select {
	case n := <-v.reloads:
		v.reading = false
		v.before.end()
		if n.err != nil {
			v.sendReloaded(control.Reload{Outcome: control.ReloadFailed, Reasons: []string{n.err.Error()}})
			return
		}
		if !v.stopping {
			v.applyReload(n)
		}
	default:
	}
}

// sendReloaded ends a reload, and begins the one that waits.
func (v *vrrpProcess) sendReloaded(r control.Reload) {
	v.link.send(message{Type: msgReloaded, ID: v.reload.id, Reloaded: &r})
	next := v.reload
	v.reload = reloadState{}
	v.beginReload(next.nextID, next.nextFile)
}

// applyReload queues what has to be done, an instance a step: those that go, those that are otherwise,
// those that are new, the static objects.
func (v *vrrpProcess) applyReload(n *newPlan) {
	v.kept, v.untracked, v.made, v.startAt = n.kept, n.untracked, madeLinks(n.plan), n.startAt
	for _, f := range n.forget {
		delete(v.known, trackedKey{f.Kind, f.Name})
	}
	v.mirror.join(n.union)
	v.told.reload = make(map[string]bool)
	for _, inst := range n.removed {
		v.queueCall(func() { v.removeInstance(n, inst) })
	}
	v.queueCall(func() { v.rearrange(n) })
	var count control.Changed
	count.Removed = len(n.removed)
	for i := range n.instances {
		x := &n.instances[i]
		switch {
		case x.was == nil:
			count.Added++
			v.queueCall(func() { v.startInstance(x) })
		case x.unchanged:
			count.Unchanged++
		default:
			count.Changed++
			v.queueCall(func() { v.changeInstance(n, x) })
		}
	}
	v.queueCall(func() { v.changeStatic(n) })
	// What the steps before have queued comes before the end.
	v.queueCall(func() { v.queueCall(func() { v.endReload(n, count) }) })
}

func (v *vrrpProcess) queueCall(f func()) { v.work = append(v.work, step{call: f}) }

// removeInstance ends an instance that the new plan does not have.
func (v *vrrpProcess) removeInstance(n *newPlan, inst *instance) {
	inst.leave = v.withoutUsed(n, inst, inst.leave)
	v.step(inst, vrrp.Delete{})
	delete(v.repairs, inst)
	v.log("instance", inst, "removed")
}

func (v *vrrpProcess) log(what string, inst *instance, change string) {
	v.link.log(slog.LevelInfo, what, "instance", inst.plan.Name, "change", change, "cause", "reload")
}

// withoutUsed leaves out the removal of what another master has in the new plan.
func (v *vrrpProcess) withoutUsed(n *newPlan, inst *instance, list []effect.Change) []effect.Change {
	return slices.DeleteFunc(slices.Clone(list), func(c effect.Change) bool {
		return c.Op == effect.Remove && slices.ContainsFunc(n.users[c.Object().Key()], func(x *next) bool {
			return x.was != nil && x.was != inst && x.was.m.State() == plan.StateMaster
		})
	})
}

// rearrange makes the instances those of the new plan. Each goes on as it is until its own step.
func (v *vrrpProcess) rearrange(n *newPlan) {
	for _, inst := range n.removed {
		v.leavePool(inst)
	}
	if !same(v.plan.Groups.GARP, n.plan.Groups.GARP) || !same(v.plan.Global.VRRP, n.plan.Global.VRRP) {
		v.announcer = newAnnouncer(n.plan)
	}
	v.plan, v.signs = n.plan, false
	from := make([]int, len(n.instances))
	for i := range n.instances {
		from[i] = -1
		if was := n.instances[i].was; was != nil {
			from[i] = was.index
		}
	}
	v.node.Rearrange(n.plan, vrrp.Karun(), from)
	v.instances = make([]*instance, len(n.instances))
	for i := range n.instances {
		x := &n.instances[i]
		if x.was == nil {
			x.was = newInstance(x.plan, i, v.node.Machine(i))
			x.was.changes, x.was.tracked = x.changes, x.tracked
			x.was.source = v.source(x.plan)
		}
		x.was.index, x.was.tracked = i, x.tracked
		v.instances[i] = x.was
		v.signs = v.signs || x.plan.HMAC != nil
	}
	v.reloadTrackers()
	// What nobody tracks any more is nothing to go by when it is tracked again.
	maps.DeleteFunc(v.known, func(k trackedKey, _ trackedState) bool { return v.trackers.users[k] == nil })
	v.followPools()
}

// startInstance starts an instance that only the new plan has.
func (v *vrrpProcess) startInstance(x *next) {
	inst := x.was
	for _, known := range v.knownTo(inst) {
		v.step(inst, known)
	}
	inst.source = v.source(inst.plan)
	v.startMachine(inst)
	v.log("instance", inst, "added")
}

// changeInstance gives an instance its new configuration. What it holds is changed, not taken away.
func (v *vrrpProcess) changeInstance(n *newPlan, x *next) {
	inst := x.was
	inst.plan, inst.tracked, inst.pending = x.plan, x.tracked, &x.changes
	inst.diff = v.withoutUsed(n, inst, x.diff)
	if v.joinPool(inst); inst.pool != nil && inst.pool.receive < 0 {
		v.followPools() // other sockets, for authentication AH
	}
	var forget []plan.Tracked
	for _, f := range n.forget {
		forget = append(forget, plan.Tracked{Kind: f.Kind, Tracker: plan.Tracker{Name: f.Name}})
	}
	v.step(inst, vrrp.Reload{Instance: *x.plan, Tracked: x.tracked, Forget: forget, Known: v.knownTo(inst), DelayEnds: v.startAt})
	inst.changes, inst.pending, inst.diff = x.changes, nil, nil
	v.log("instance", inst, "changed")
}

// changeHeld turns what a master has into what it wants now.
func (v *vrrpProcess) changeHeld(inst *instance) {
	v.hold(inst, inst.pending.enter)
	v.queueList(inst, v.alone(inst.diff))
}

// changeStatic does the same for the static objects.
func (v *vrrpProcess) changeStatic(n *newPlan) {
	v.static.changes = n.static
	v.hold(v.static, n.static.enter)
	v.queueList(v.static, v.alone(v.withoutUsed(n, v.static, n.diff)))
}

// endReload looks at the machine anew, for of what only the new plan names nothing was noted so far, and
// answers.
func (v *vrrpProcess) endReload(n *newPlan, count control.Changed) {
	v.mirror.join(n.mirror)
	v.updateSources()
	for _, o := range v.node.Gather(monotonic()) {
		v.do(v.instances[o.Instance], o.Action)
	}
	v.tellAgain()
	r := control.Reload{Outcome: control.ReloadDone, Instances: count}
	if err := v.watchAgain(); err != nil {
		r.Outcome, r.Reasons = control.ReloadFailed, []string{fmt.Sprintf("the kernel's events: %v", err)}
		v.unwatched, v.again = true, monotonic().Add(againPause)
	}
	v.sendReloaded(r)
}

// knownTo is what is known already of what an instance tracks.
func (v *vrrpProcess) knownTo(inst *instance) (list []vrrp.TrackedChanged) {
	for _, t := range inst.tracked {
		if t.Kind == plan.KindInterface {
			list = append(list, vrrp.TrackedChanged{Kind: t.Kind, Name: t.Name, Up: v.linkUp(t.Name)})
		} else if state, ok := v.known[trackedKey{t.Kind, t.Name}]; ok {
			list = append(list, state.event())
		}
	}
	return list
}
