//go:build linux

package director

import (
	"net/netip"
	"slices"
	"time"

	"ka/compiler/effect"
	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// What somebody else removes of ours is put back, and mastership stays (docs/differences.md). Whoever
// removes it again and again waits longer each time, so that two programs that fight over an address do not
// take the machine down.
const (
	// repairPause is the first pause: what goes with one command goes together.
	repairPause = 5 * time.Millisecond
	// longestRepairPause ends its doubling.
	longestRepairPause = 10 * time.Second
	// repairCalm without a removal begins anew with the first pause.
	repairCalm = time.Minute
)

// reasonMissing marks changes that put something back.
const reasonMissing = "it was missing"

// repairs paces what is put back of an instance.
type repairs struct {
	// pause is the latest, at when it was begun.
	pause time.Duration
	at    vrrp.Instant
	// count is how many objects were put back.
	count uint64
}

// next gives the pause for a removal that is noticed now.
func (r *repairs) next(now vrrp.Instant) time.Duration {
	calm := r.pause == 0 || now.Sub(r.at) > repairCalm+r.pause
	r.at = now
	if calm {
		r.pause = repairPause
	} else {
		r.pause = min(2*r.pause, longestRepairPause)
	}
	return r.pause
}

// hold notes the objects that are ours from now on; those that may go are not put back.
func (v *vrrpProcess) hold(inst *instance, enter []effect.Change) {
	v.release(inst)
	for _, c := range enter {
		key := c.Object().Key()
		inst.uses = append(inst.uses, key)
		v.holders[key]++
		// What is in tables of nftables is not watched.
		if v.untracked[key] || c.Object().Kind() == effect.KindDropped {
			continue
		}
		inst.held[key] = c
		if from := sourceOf(c.Object()); from.IsValid() {
			v.sourced[from] = append(v.sourced[from], key)
		}
		for _, part := range singlesOf(c.Object()) {
			v.parts[part.Key()] = key
		}
	}
}

// release notes that none are.
func (v *vrrpProcess) release(inst *instance) {
	for _, key := range inst.uses {
		if v.holders[key]--; v.holders[key] <= 0 {
			delete(v.holders, key)
		}
	}
	for key, c := range inst.held {
		if from := sourceOf(c.Object()); from.IsValid() {
			i := slices.Index(v.sourced[from], key)
			v.sourced[from] = slices.Delete(v.sourced[from], i, i+1)
		}
		for _, part := range singlesOf(c.Object()) {
			if v.holders[key] == 0 {
				delete(v.parts, part.Key())
			}
		}
	}
	inst.uses = nil
	clear(inst.held)
}

// sourceOf is the source address that a route gives; not valid for all else.
func sourceOf(o effect.Object) netip.Addr {
	r, _ := o.(effect.Route)
	return r.Source
}

// singlesOf are the parts of a route that the kernel may lose one by one.
func singlesOf(o effect.Object) []effect.Route {
	r, _ := o.(effect.Route)
	return r.Singles()
}

// sourceChanged: when an address goes, the kernel drops the IPv4 routes that it is the source of, and takes it
// out of those of IPv6, without a word. They are put back with it.
func (v *vrrpProcess) sourceChanged(o effect.Object, gone bool) {
	a, ok := o.(effect.Address)
	if !ok {
		return
	}
	for _, key := range v.sourced[a.Prefix.Addr()] {
		if gone {
			delete(v.mirror.objects, key)
		}
		if v.mirror.exists(key) {
			continue
		}
		for _, inst := range v.holding(key) {
			if gone || inst.queued == 0 { // else it comes just now
				v.lookAt(inst)
			}
		}
	}
}

// alone leaves out the removal of what another instance holds too: it goes with the last one.
func (v *vrrpProcess) alone(list []effect.Change) []effect.Change {
	shared := func(c effect.Change) bool { return c.Op == effect.Remove && v.holders[c.Object().Key()] > 0 }
	if !slices.ContainsFunc(list, shared) {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), shared)
}

// objectGone notes that somebody removed what is ours; it is put back a moment later, if it is still
// missing then.
func (v *vrrpProcess) objectGone(key string) {
	if whole, ok := v.parts[key]; ok {
		delete(v.mirror.objects, whole)
		key = whole
	}
	for _, inst := range v.holding(key) {
		v.lookAt(inst)
	}
}

// holding are those that hold an object, while anything is put back at all.
func (v *vrrpProcess) holding(key string) (out []*instance) {
	if v.stopping || !v.ready || v.holders[key] == 0 {
		return nil
	}
	for _, inst := range append(slices.Clip(v.instances), v.static) {
		if _, ours := inst.held[key]; ours {
			out = append(out, inst)
		}
	}
	return out
}

// lookAt plans a look at what is missing of an instance.
func (v *vrrpProcess) lookAt(inst *instance) {
	if _, planned := v.repairs[inst]; !planned {
		now := monotonic()
		v.repairs[inst] = now.Add(inst.repairs.next(now))
	}
}

// tryAgain looks at what could not be added: a new address may be the way to the gateway of a route. An address that
// the kernel refuses it refuses again, unless somebody else's comes to one of our interfaces: it may have IPv6 again.
func (v *vrrpProcess) tryAgain(o effect.Object) {
	a, ok := o.(effect.Address)
	if !ok || v.stopping || !v.ready {
		return
	}
	ours, counts := v.mirror.ours[a.Interface]
	foreign := counts && !ours[a.Prefix.Addr()]
	for _, inst := range append(slices.Clip(v.instances), v.static) {
		if inst.failed || inst.refused && foreign {
			inst.failed, inst.refused = false, false
			v.lookAt(inst)
		}
	}
}

// repair puts back what is missing, and announces it. While changes of the instance are still to be made,
// something is always missing.
func (v *vrrpProcess) repair(inst *instance) {
	if inst.queued > 0 {
		v.repairs[inst] = monotonic().Add(repairPause)
		return
	}
	var missing []effect.Change
	var announce []plan.Address
	for _, c := range inst.enter {
		key := c.Object().Key()
		if _, ours := inst.held[key]; !ours || v.mirror.exists(key) || !v.mirror.usable(c.Object()) {
			continue
		}
		if sourceOf(c.Object()).IsValid() || len(singlesOf(c.Object())) > 0 {
			c.Op, c.Have = effect.Update, c.Want // it may be there without its source, or a next hop
		}
		missing = append(missing, c)
		if a, ok := c.Object().(effect.Address); ok {
			announce = append(announce, plan.Address{Prefix: a.Prefix, Interface: a.Interface})
		}
	}
	if len(missing) == 0 {
		return
	}
	inst.repairs.count += uint64(len(missing))
	for i := range missing {
		missing[i].Reason = reasonMissing
	}
	v.queueList(inst, missing)
	// Behind the changes, and only what they have put back.
	v.queueCall(func() {
		there := slices.DeleteFunc(announce, func(a plan.Address) bool {
			return !v.mirror.exists(effect.Address{Prefix: a.Prefix, Interface: a.Interface}.Key())
		})
		if len(there) > 0 && len(inst.held) > 0 {
			v.queueAnnounce(inst, vrrp.AnnounceAddresses{Rounds: 1, Only: there})
		}
	})
}
