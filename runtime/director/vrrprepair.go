//go:build linux

package director

import (
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

// hold notes the objects that are ours from now on, but for those that may go.
func (v *vrrpProcess) hold(inst *instance, enter []effect.Change) {
	v.release(inst)
	for _, c := range enter {
		// What is in tables of nftables is not watched.
		if key := c.Object().Key(); !v.untracked[key] && c.Object().Kind() != effect.KindDropped {
			inst.held[key] = c
			v.holders[key]++
		}
	}
}

// release notes that none are.
func (v *vrrpProcess) release(inst *instance) {
	for key := range inst.held {
		if v.holders[key]--; v.holders[key] <= 0 {
			delete(v.holders, key)
		}
	}
	clear(inst.held)
}

// objectGone notes that somebody removed what is ours; it is put back a moment later, if it is still
// missing then.
func (v *vrrpProcess) objectGone(key string) {
	if v.stopping || !v.ready || v.holders[key] == 0 {
		return
	}
	for _, inst := range append(slices.Clip(v.instances), v.static) {
		if _, ours := inst.held[key]; !ours {
			continue
		}
		if _, planned := v.repairs[inst]; !planned {
			now := monotonic()
			v.repairs[inst] = now.Add(inst.repairs.next(now))
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
	if len(announce) > 0 {
		v.queueAnnounce(inst, vrrp.AnnounceAddresses{Rounds: 1, Only: announce})
	}
}
