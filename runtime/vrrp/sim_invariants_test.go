package vrrp_test

import (
	"time"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// round ends all trouble and judges: when the wire has been whole for as long as the bound says, each router
// has exactly one owner if some node can be it. After the same time again it is the right one, for a better
// one may have begun to wait behind a worse one that took over first; and nothing changes any more.
func (s *simulation) round() {
	s.heal()
	s.run(s.now + s.bound())
	s.judgeOwners()
	s.run(s.now + s.bound())
	s.quiet, s.announcers = true, make(map[uint8]int)
	s.judge()
	s.run(s.now + 2*s.bound())
	s.judge()
	s.quiet = false
}

// judgeOwners judges only how many owners there are. A better node takes over at any moment, and the one
// before it knows as soon as the advert is there. Two with the priority of an owner (255) are a mistake; they
// come to terms, but only after both have given way once.
func (s *simulation) judgeOwners() {
	if s.claims() > 1 {
		return
	}
	for r, router := range s.routers {
		owners, eligible := s.owners(r)
		if len(owners) > 1 {
			s.run(s.now + 2*simLatency)
			owners, eligible = s.owners(r)
		}
		if len(owners) != min(eligible, 1) {
			s.fail("V%d has the owners %v, %d nodes can own it, %v after the wire was whole", router.vrid, owners, eligible, s.bound())
		}
	}
}

// claims is how many nodes say that the addresses are their own.
func (s *simulation) claims() (n int) {
	for _, node := range s.nodes {
		if node.plan.Instances[0].Priority == 255 {
			n++
		}
	}
	return n
}

// owners are the nodes that own a router's addresses, and how many can.
func (s *simulation) owners(r int) (owners []int, eligible int) {
	for i, n := range s.nodes {
		if n.up && n.owns[r] {
			owners = append(owners, i)
		}
		if n.eligible(r) {
			eligible++
		}
	}
	return owners, eligible
}

// heal makes the wire whole; most nodes are well again, some stay away or in fault.
func (s *simulation) heal() {
	s.split, s.wire = false, nil
	s.say("the wire is whole")
	for i, n := range s.nodes {
		n.wall = 0
		if !n.up && s.random.IntN(4) > 0 {
			s.start(i)
		}
		if !n.up {
			continue
		}
		s.wake(i)
		s.tellAll(i, vrrp.LinkChanged{Up: s.random.IntN(8) > 0})
		for r := range s.routers {
			s.tell(i, r, vrrp.TrackedChanged{Kind: plan.KindScript, Name: "web", Up: s.random.IntN(12) > 0})
		}
	}
}

// bound is Master_Down, the skew, both at their largest, as trackers lower priorities, and every delay that
// is configured.
func (s *simulation) bound() time.Duration {
	const least = 1
	var down, delay time.Duration
	for _, n := range s.nodes {
		for _, in := range n.plan.Instances {
			down = max(down, vrrp.MasterDown(in.Version, least, in.AdvertInterval, in.DownTimerAdverts)+vrrp.Skew(in.Version, least, in.AdvertInterval))
			delay = max(delay, in.PreemptDelay)
			if in.HMAC != nil { // what a wrong clock has let in is remembered for as long
				delay = max(delay, in.HMAC.TimeWindow+s.clockError)
			}
		}
	}
	return down + delay
}

// eligible reports whether a node can own a router's addresses.
func (n *simNode) eligible(r int) bool {
	return n.up && n.node.Machine(r).State() != plan.StateFault
}

// judge looks from outside: one owner, and the right one where nothing keeps a better one back.
func (s *simulation) judge() {
	for r, router := range s.routers {
		owners, eligible := s.owners(r)
		if len(owners) != min(eligible, 1) {
			s.fail("V%d has the owners %v, %d nodes can own it", router.vrid, owners, eligible)
			return
		}
		if len(owners) == 1 {
			s.judgeOwner(r, owners[0])
		}
	}
}

func (s *simulation) judgeOwner(r, owner int) {
	priority := func(i int) uint8 { return s.nodes[i].node.Machine(r).Status().Priority }
	for i, n := range s.nodes {
		if n.eligible(r) && !n.plan.Instances[r].NoPreempt && priority(i) > priority(owner) {
			s.fail("%s with priority %d leaves V%d to %s with %d", n.name, priority(i), s.routers[r].vrid, s.nodes[owner].name, priority(owner))
		}
	}
}

// announced sees that no two owners announce in turn for ever.
func (s *simulation) announced(i, r int) {
	if !s.quiet {
		return
	}
	vrid := s.routers[r].vrid
	if other, ok := s.announcers[vrid]; ok && other != i {
		s.fail("%s and %s both announce V%d", s.nodes[other].name, s.nodes[i].name, vrid)
	}
	s.announcers[vrid] = i
}

// checkNode holds at every moment: the members of a sync group are in one state, addresses are there exactly
// in masters, and no deadline stays behind.
func (s *simulation) checkNode(i int) {
	n := s.nodes[i]
	for r := range s.routers {
		if n.owns[r] != (n.states[r] == plan.StateMaster) {
			s.fail("%s V%d in %v, owns its addresses: %v", n.name, s.routers[r].vrid, n.states[r], n.owns[r])
		}
		if len(n.plan.Groups.Sync) > 0 && !s.reloading && n.states[r] != n.states[0] {
			s.fail("%s: members of a group in %v and %v", n.name, n.states[0], n.states[r])
		}
	}
	if at, ok := n.node.NextDeadline(); ok && at+vrrp.Instant(time.Hour) < n.epoch+vrrp.Instant(s.now) {
		s.fail("%s has a deadline an hour ago", n.name)
	}
}
