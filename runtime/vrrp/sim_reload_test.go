package vrrp_test

import (
	"reflect"

	"ka/runtime/vrrp"
)

// reloadNode gives a node other settings.
func (s *simulation) reloadNode(i int) {
	n := s.nodes[i]
	s.choose(n, false)
	n.key ^= 1
	if s.random.IntN(3) == 0 {
		r := s.random.IntN(len(s.routers))
		n.slow[r] = !n.slow[r]
	}
	s.reload(i)
}

// regroup puts the instances of all nodes into a sync group, or takes them out.
func (s *simulation) regroup() {
	if len(s.routers) == 1 {
		return
	}
	s.grouped = !s.grouped
	s.say("sync group: %v", s.grouped)
	for i := range s.nodes {
		s.reload(i)
	}
}

// reload goes on with the plan that a node's wishes make, as a director does: only instances that are otherwise
// are told of it, others may be heard in between. One that is down, or starved, reads it when it can.
func (s *simulation) reload(i int) {
	n := s.nodes[i]
	if n.up && n.pausedUntil > s.now {
		s.wake(i)
	}
	old := n.plan
	if n.plan = s.planOf(n); !n.up {
		return
	}
	s.say("%s reloads: priority %d nopreempt %v delay %v slow %v", n.name, n.wish.Priority, n.wish.NoPreempt, n.wish.PreemptDelay, n.slow)
	from := make([]int, len(s.routers))
	for r := range from {
		from[r] = r
	}
	s.reloading = true
	n.node.Rearrange(n.plan, n.behaviour, from)
	for r := range s.routers {
		was, is := &old.Instances[r], &n.plan.Instances[r]
		if tracked := n.plan.Tracked(is); !reflect.DeepEqual(was, is) || !reflect.DeepEqual(old.Tracked(was), tracked) {
			s.step(i, r, vrrp.Reload{Instance: *is, Tracked: tracked})
		}
	}
	s.watch(i, n.node.Gather(n.epoch+vrrp.Instant(s.now)))
	s.reloading = false
	s.checkNode(i)
}
