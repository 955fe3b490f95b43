package vrrp_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"time"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// simRouter is a virtual router of the simulation; each node has an instance of it.
type simRouter struct {
	vrid     uint8
	version  int
	interval time.Duration
	address  netip.Addr
	unicast  bool
	signed   bool
	auth     plan.AuthType
	// adverts is down_timer_adverts.
	adverts int
}

// simNode is one node of the simulation.
type simNode struct {
	name      string
	plan      *plan.Plan
	behaviour vrrp.Behaviour
	// wish is what all instances of the node have in common; slow are those whose interval is twice that of the
	// router: the others learn it.
	wish plan.Instance
	slow []bool
	// key is the one that the node signs with.
	key uint8
	// source and source6 are the addresses of its interface.
	source, source6 netip.Addr
	node            *vrrp.Node
	// epoch is what this node's clock shows at the start: clocks need not agree. wall is by how much its
	// wall clock is wrong.
	epoch vrrp.Instant
	wall  time.Duration
	up    bool
	// pausedUntil holds the node still; waiting are the packets in its sockets meanwhile.
	pausedUntil time.Duration
	waiting     []arrival
	// owns and states are what was seen of each instance's actions.
	owns   []bool
	states []plan.State
	side   int
}

// arrival is a packet for an instance.
type arrival struct {
	instance int
	event    vrrp.PacketReceived
}

func newSimulation(seed uint64, clocks bool) *simulation {
	return &simulation{random: rand.New(rand.NewPCG(seed, 1)), clocks: rand.New(rand.NewPCG(seed, 2)), setsClocks: clocks}
}

func simVIP(r int, ipv6 bool) netip.Addr {
	if ipv6 {
		return netip.MustParseAddr(fmt.Sprintf("fe80::9:%x", 0x100+r))
	}
	return netip.AddrFrom4([4]byte{10, 9, 1, byte(1 + r)})
}

// cluster makes virtual routers and nodes of the kinds that there are, without an error of kalint: the order
// of the nodes is the same in all members of a sync group.
func (s *simulation) cluster() {
	pick := s.random.IntN
	s.noise = pick(3) == 0
	count := 1 + pick(3)
	s.grouped = count > 1 && pick(3) > 0
	for r := range count {
		router := simRouter{vrid: uint8(51 + r), version: 2 + pick(2), interval: time.Second, unicast: pick(4) == 0, signed: pick(6) == 0, adverts: 3}
		ipv6 := false
		if router.version == 3 {
			router.interval = []time.Duration{100 * time.Millisecond, 330 * time.Millisecond, time.Second}[pick(3)]
			ipv6 = pick(3) == 0
		} else if !router.signed {
			router.auth = []plan.AuthType{plan.AuthNone, plan.AuthNone, plan.AuthPass, plan.AuthHeader}[pick(4)]
		}
		if pick(4) == 0 {
			router.adverts = 2 + pick(4)
		}
		router.address = simVIP(r, ipv6)
		s.routers = append(s.routers, router)
	}
	for i := range 2 + pick(3) {
		s.nodes = append(s.nodes, s.randomNode(i))
	}
}

func (s *simulation) newNode(i int) *simNode {
	return &simNode{
		name: fmt.Sprintf("n%d", i), plan: &plan.Plan{}, behaviour: vrrp.Karun(), epoch: vrrp.Instant(s.random.Int64N(1 << 40)),
		source: netip.AddrFrom4([4]byte{10, 9, 0, byte(1 + i)}), source6: netip.MustParseAddr(fmt.Sprintf("fe80::%x", 1+i)),
	}
}

// randomNode is a node with its own wishes, the same in all its instances: priority, preemption, trackers.
func (s *simulation) randomNode(i int) *simNode {
	pick := s.random.IntN
	n := s.newNode(i)
	if !s.noise && !s.numbered() { // rejected packets hold keepalived's adverts back: two masters are right then
		for _, v := range []string{"2.4.3", "2.2.7"} {
			if b, ok := vrrp.Keepalived(v); ok && pick(4) == 0 {
				n.behaviour = b
			}
		}
	}
	s.choose(n, true)
	for range s.routers {
		n.slow = append(n.slow, pick(6) == 0)
	}
	n.plan = s.planOf(n)
	return n
}

// choose gives a node other wishes; owners stay what they are from the first time on.
func (s *simulation) choose(n *simNode, first bool) {
	pick := s.random.IntN
	priorities := []uint8{1, 50, 100, 100, 150, 254, 255}
	forever := func(n *simNode) bool { return n.behaviour.OwnerConflictDemotesForever }
	if !first || len(s.routers) > 1 && (forever(n) || slices.ContainsFunc(s.nodes, forever)) { // two owners have opposed orders then
		priorities = priorities[:6]
	}
	priority := priorities[pick(len(priorities))]
	if !first && n.wish.Priority == 255 {
		priority = 255
	}
	n.wish = plan.Instance{Priority: priority, InitialState: plan.StateBackup}
	switch pick(4) {
	case 0:
		n.wish.NoPreempt = true
	case 1:
		n.wish.PreemptDelay = time.Duration(1+pick(5)) * time.Second
	case 2:
		n.wish.InitialState = plan.StateMaster
	}
}

// planOf is the plan of a node. What changes the priority is tracked by its sync group, where it has one.
func (s *simulation) planOf(n *simNode) *plan.Plan {
	p := &plan.Plan{}
	scripts := []plan.Tracker{{Name: "load", Weight: -60}}
	files := []plan.Tracker{{Name: "drain", Weight: -1}}
	sessions := []plan.Tracker{{Name: "peer"}}
	if n.wish.Priority == 255 {
		scripts, files = nil, nil
	}
	for r := range s.routers {
		in := s.instance(n, r)
		in.Priority, in.InitialState, in.NoPreempt, in.PreemptDelay = n.wish.Priority, n.wish.InitialState, n.wish.NoPreempt, n.wish.PreemptDelay
		if !s.grouped {
			in.TrackFiles, in.TrackBFD = files, sessions
			for _, t := range scripts {
				in.TrackScripts = append(in.TrackScripts, plan.TrackScript{Script: t.Name, Weight: t.Weight})
			}
		}
		p.Instances = append(p.Instances, in)
	}
	if s.grouped {
		g := plan.SyncGroup{Name: "G", TrackScripts: scripts, TrackFiles: files, TrackBFD: sessions}
		for _, in := range p.Instances {
			g.Members = append(g.Members, in.Name)
		}
		p.Groups.Sync = []plan.SyncGroup{g}
	}
	return p
}

// instance is a node's instance of a router.
func (s *simulation) instance(n *simNode, r int) plan.Instance {
	router := s.routers[r]
	in := testInstance()
	in.Name, in.VRID, in.Version, in.AdvertInterval = fmt.Sprintf("V%d", router.vrid), router.vrid, router.version, router.interval
	in.DownTimerAdverts = router.adverts
	if router.auth != plan.AuthNone {
		in.Auth = plan.Auth{Type: router.auth, Password: "secret"}
	}
	if router.version == 3 && n.slow != nil && n.slow[r] {
		in.AdvertInterval *= 2
	}
	in.GARP.Refresh = 7 * time.Second
	in.TrackScripts = []plan.TrackScript{{Script: "web"}}
	in.VIPs = []plan.Address{{Prefix: netip.PrefixFrom(router.address, router.address.BitLen()), Interface: "eth0"}}
	in.Group = netip.MustParseAddr("224.0.0.18")
	if router.address.Is6() {
		in.Group = netip.MustParseAddr("ff02::12")
	}
	if router.signed {
		in.HMAC = &plan.HMAC{
			Keys:      []plan.HMACKey{{ID: 1, Secret: strings.Repeat("k", 32)}, {ID: 2, Secret: strings.Repeat("l", 32)}},
			ActiveKey: 1 + n.key, TimeWindow: 5 * time.Second,
			Replay: plan.ReplayTime, Mode: plan.HMACEnforce,
		}
	}
	if router.unicast {
		in.Unicast = &plan.Unicast{TTL: 255, Checksum: plan.ChecksumNever}
		for i := range 4 {
			other := s.newNodeAddress(i, router.address.Is6())
			if other != n.sourceOf(router) {
				in.Unicast.Peers = append(in.Unicast.Peers, plan.Peer{Address: other, MaxTTL: 255})
			}
		}
	}
	return in
}

// newNodeAddress is the address of the node with an index, whether or not there is one.
func (s *simulation) newNodeAddress(i int, ipv6 bool) netip.Addr {
	if ipv6 {
		return netip.MustParseAddr(fmt.Sprintf("fe80::%x", 1+i))
	}
	return netip.AddrFrom4([4]byte{10, 9, 0, byte(1 + i)})
}

func (n *simNode) sourceOf(r simRouter) netip.Addr {
	if r.address.Is6() {
		return n.source6
	}
	return n.source
}

// setting describes the routers and nodes of a run.
func (s *simulation) setting() string {
	var lines []string
	for _, r := range s.routers {
		lines = append(lines, fmt.Sprintf("router %d: version %d, every %v, %v, unicast %v, signed %v, authentication %d, down_timer_adverts %d", r.vrid, r.version, r.interval, r.address, r.unicast, r.signed, r.auth, r.adverts))
	}
	for _, n := range s.nodes {
		in := n.plan.Instances[0]
		lines = append(lines, fmt.Sprintf("%s %s: priority %d %v nopreempt %v delay %v group %v", n.name, n.behaviour.Name, in.Priority,
			in.InitialState, in.NoPreempt, in.PreemptDelay, s.grouped))
	}
	return strings.Join(lines, "\n")
}
