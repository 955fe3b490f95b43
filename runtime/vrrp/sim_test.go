package vrrp_test

import (
	"cmp"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

var (
	seedFlag  = flag.Uint64("seed", 0, "replay one seed of the simulation and print its trace")
	seedsFlag = flag.Uint64("seeds", 400, "how many seeds the simulation runs")
)

// TestSimulation runs nodes on a wire that drops, delays and reorders packets and falls apart, while
// nodes crash, come back and are paused. Then the wire is whole and everybody is up; when it has been
// quiet for two times Master_Down (and the delays of preemption), exactly one node owns the addresses,
// as seen from outside, and nothing changes any more. Everything follows from the seed.
func TestSimulation(t *testing.T) {
	if *seedFlag != 0 {
		s := simulate(*seedFlag)
		t.Logf("seed %d: %s\n%s", *seedFlag, s.setting(), strings.Join(s.lines, "\n"))
		if s.failure != "" {
			t.Error(s.failure)
		}
		return
	}
	transitions := 0
	for seed := uint64(1); seed <= *seedsFlag; seed++ {
		s := simulate(seed)
		transitions += len(s.lines)
		if s.failure != "" {
			t.Fatalf("%s\nseed %d: %s\nreplay: go test ./runtime/vrrp -run Simulation -seed %d -v", s.failure, seed, s.setting(), seed)
		}
	}
	if transitions < int(*seedsFlag) {
		t.Errorf("only %d transitions: the simulation does not shake anything", transitions)
	}
}

// The same seed gives the same run.
func TestSimulationReplays(t *testing.T) {
	for seed := uint64(1); seed < 10; seed++ {
		a, b := simulate(seed), simulate(seed)
		if !slices.Equal(a.lines, b.lines) {
			t.Fatalf("seed %d gives two runs", seed)
		}
	}
}

// simNode is one node of the simulation.
type simNode struct {
	inst      plan.Instance
	behaviour vrrp.Behaviour
	source    netip.Addr
	machine   *vrrp.Machine
	// epoch is what this node's clock shows at the start: clocks need not agree.
	epoch vrrp.Instant
	up    bool
	// pausedUntil holds the node still; waiting are the packets in its socket meanwhile.
	pausedUntil time.Duration
	waiting     [][]byte
	owns        bool
	side        int
}

// flight is a packet on its way.
type flight struct {
	at     time.Duration
	serial int
	to     int
	packet []byte
}

type simulation struct {
	random  *rand.Rand
	now     time.Duration
	nodes   []*simNode
	wire    []flight
	serial  int
	chaos   bool
	split   bool
	noise   bool
	lines   []string
	failure string
}

const (
	simLatency = 200 * time.Microsecond
	simQueue   = 64
	chaosTime  = 60 * time.Second
)

func simulate(seed uint64) *simulation {
	s := &simulation{random: rand.New(rand.NewPCG(seed, 1))}
	version := 2 + s.random.IntN(2)
	interval := time.Second
	if version == 3 {
		interval = []time.Duration{100 * time.Millisecond, 330 * time.Millisecond, time.Second}[s.random.IntN(3)]
	}
	s.noise = s.random.IntN(3) == 0
	for i := range 2 + s.random.IntN(4) {
		s.nodes = append(s.nodes, s.newNode(i, version, interval))
	}
	s.chaos = true
	for i := range s.nodes {
		s.start(i)
	}
	for s.now < chaosTime {
		s.trouble()
		s.run(s.now + time.Duration(s.random.IntN(1500))*time.Millisecond)
	}
	s.heal()
	quiet := s.quiet()
	s.run(s.now + quiet)
	first := s.owners()
	s.judge(first)
	count := len(s.lines)
	s.run(s.now + quiet)
	if s.failure == "" && len(s.lines) != count {
		s.failure = "changes when everything is quiet: " + s.lines[count]
	}
	return s
}

func (s *simulation) newNode(i, version int, interval time.Duration) *simNode {
	n := &simNode{
		inst: testInstance(), behaviour: vrrp.Karun(), epoch: vrrp.Instant(s.random.Int64N(1 << 40)),
		source: netip.AddrFrom4([4]byte{10, 9, 0, byte(1 + i)}),
	}
	if !s.noise { // packets that are rejected hold keepalived's adverts back: two masters are right then
		for _, v := range []string{"2.4.3", "2.2.7"} {
			if b, ok := vrrp.Keepalived(v); ok && s.random.IntN(4) == 0 {
				n.behaviour = b
			}
		}
	}
	n.inst.Version, n.inst.AdvertInterval = version, interval
	n.inst.Priority = []uint8{1, 50, 100, 100, 150, 254, 255}[s.random.IntN(7)]
	n.inst.TrackScripts = []plan.TrackScript{{Script: "load", Weight: -60}, {Script: "web", Weight: 0}}
	switch s.random.IntN(4) {
	case 0:
		n.inst.NoPreempt = true
	case 1:
		n.inst.PreemptDelay = time.Duration(1+s.random.IntN(5)) * time.Second
	case 2:
		n.inst.InitialState = plan.StateMaster
	}
	return n
}

// setting describes the nodes of a run.
func (s *simulation) setting() string {
	var words []string
	for i, n := range s.nodes {
		words = append(words, fmt.Sprintf("n%d %s v%d priority %d %v nopreempt %v delay %v", i, n.behaviour.Name,
			n.inst.Version, n.inst.Priority, n.inst.InitialState, n.inst.NoPreempt, n.inst.PreemptDelay))
	}
	return strings.Join(words, "; ")
}

func (s *simulation) say(format string, args ...any) {
	s.lines = append(s.lines, fmt.Sprintf("t=%.6fs ", s.now.Seconds())+fmt.Sprintf(format, args...))
}

func (s *simulation) start(i int) {
	n := s.nodes[i]
	n.machine, n.up, n.waiting, n.pausedUntil = vrrp.NewMachine(n.inst, n.behaviour), true, nil, 0
	s.say("n%d starts", i)
	s.step(i, vrrp.TrackedChanged{Kind: plan.KindScript, Name: "web", Up: true})
	s.step(i, vrrp.Start{Source: n.source, LinkUp: true})
}

// trouble does one thing of the kind that happens.
func (s *simulation) trouble() {
	i := s.random.IntN(len(s.nodes))
	n := s.nodes[i]
	switch s.random.IntN(9) {
	case 0:
		if n.up {
			s.say("n%d crashes", i)
			n.up, n.owns = false, false
		}
	case 1, 2:
		if !n.up {
			s.start(i)
		}
	case 3:
		n.pausedUntil = s.now + time.Duration(s.random.IntN(8000))*time.Millisecond
		s.say("n%d is paused until %v", i, n.pausedUntil)
	case 4:
		s.split = !s.split
		for _, other := range s.nodes {
			other.side = s.random.IntN(2)
		}
		s.say("the wire is split: %v", s.split)
	case 5:
		s.tell(i, vrrp.TrackedChanged{Kind: plan.KindScript, Name: "load", Up: s.random.IntN(2) == 0})
	case 6:
		s.tell(i, vrrp.TrackedChanged{Kind: plan.KindScript, Name: "web", Up: s.random.IntN(3) > 0})
	case 7:
		s.tell(i, vrrp.LinkChanged{Up: s.random.IntN(3) > 0})
	case 8:
		if n.owns {
			s.tell(i, vrrp.AddressLost{Address: n.inst.VIPs[0].Prefix.Addr()})
		}
	}
}

// tell gives an event to a node that can take one.
func (s *simulation) tell(i int, ev vrrp.Event) {
	if n := s.nodes[i]; n.up && n.pausedUntil <= s.now {
		s.step(i, ev)
	}
}

// heal ends all trouble.
func (s *simulation) heal() {
	s.chaos, s.split = false, false
	s.say("everything is well")
	for i, n := range s.nodes {
		if !n.up {
			s.start(i)
		}
		s.resume(i)
		s.step(i, vrrp.LinkChanged{Up: true})
		s.step(i, vrrp.TrackedChanged{Kind: plan.KindScript, Name: "web", Up: true})
	}
}

// quiet is how long it may take until nothing changes any more.
func (s *simulation) quiet() time.Duration {
	var down, delay time.Duration
	for _, n := range s.nodes {
		down = max(down, vrrp.MasterDown(n.inst.Version, 1, n.inst.AdvertInterval, n.inst.DownTimerAdverts))
		delay = max(delay, n.inst.PreemptDelay)
	}
	return 2*down + 2*delay
}

// run plays everything up to a time.
func (s *simulation) run(end time.Duration) {
	for s.failure == "" {
		at, who := end, -1
		for i, n := range s.nodes {
			if !n.up {
				continue
			}
			deadline, ok := n.machine.NextDeadline()
			due := max(time.Duration(deadline-n.epoch), n.pausedUntil)
			if (ok || len(n.waiting) > 0 && n.pausedUntil > s.now) && due < at {
				at, who = due, i
			}
		}
		if len(s.wire) > 0 && s.wire[0].at <= at {
			f := s.wire[0]
			s.wire = s.wire[1:]
			s.now = max(s.now, f.at)
			s.arrive(f)
			continue
		}
		s.now = max(s.now, at)
		if who < 0 {
			return
		}
		s.resume(who)
		s.step(who, vrrp.Tick{})
	}
}

// resume ends a pause: the packets in the socket come first.
func (s *simulation) resume(i int) {
	n := s.nodes[i]
	n.pausedUntil = 0
	waiting := n.waiting
	n.waiting = nil
	for _, packet := range waiting {
		s.step(i, vrrp.PacketReceived{Packet: packet})
	}
}

func (s *simulation) arrive(f flight) {
	n := s.nodes[f.to]
	switch {
	case !n.up:
	case n.pausedUntil > s.now:
		if len(n.waiting) < simQueue {
			n.waiting = append(n.waiting, f.packet)
		}
	default:
		s.step(f.to, vrrp.PacketReceived{Packet: f.packet})
	}
}

// step gives an event to a machine and watches what it does.
func (s *simulation) step(i int, ev vrrp.Event) {
	n := s.nodes[i]
	for _, action := range n.machine.Step(n.epoch+vrrp.Instant(s.now), ev) {
		switch a := action.(type) {
		case vrrp.SendAdvert:
			s.send(i, a.Packet)
		case vrrp.AddAddresses:
			n.owns = true
		case vrrp.RemoveAddresses:
			n.owns = false
		case vrrp.Transition:
			s.say("n%d %s", i, describe(a))
		case vrrp.PriorityChanged:
			s.say("n%d %s", i, describe(a))
		}
	}
	if at, ok := n.machine.NextDeadline(); ok && at+vrrp.Instant(time.Hour) < n.epoch+vrrp.Instant(s.now) {
		s.failure = fmt.Sprintf("n%d has a deadline an hour ago", i)
	}
}

// send puts a packet on the wire, to each other node with its own luck.
func (s *simulation) send(from int, packet []byte) {
	for to, n := range s.nodes {
		if to == from || s.split && n.side != s.nodes[from].side {
			continue
		}
		delay := simLatency
		if s.chaos {
			if s.random.IntN(5) == 0 {
				continue
			}
			if s.random.IntN(4) == 0 {
				delay += time.Duration(s.random.IntN(1500)) * time.Millisecond
			}
		}
		s.put(to, delay, packet)
		if s.noise && s.random.IntN(2) == 0 {
			spoiled := slices.Clone(packet)
			spoiled[20+s.random.IntN(len(packet)-20)] ^= 1 << s.random.IntN(8)
			s.put(to, simLatency, spoiled)
		}
	}
}

func (s *simulation) put(to int, delay time.Duration, packet []byte) {
	s.serial++
	f := flight{at: s.now + delay, serial: s.serial, to: to, packet: packet}
	place, _ := slices.BinarySearchFunc(s.wire, f, func(a, b flight) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.serial, b.serial))
	})
	s.wire = slices.Insert(s.wire, place, f)
}

func (s *simulation) owners() (list []int) {
	for i, n := range s.nodes {
		if n.owns {
			list = append(list, i)
		}
	}
	return list
}

// judge looks from outside: one owner, and the right one where nothing keeps a better one back.
func (s *simulation) judge(owners []int) {
	if s.failure != "" {
		return
	}
	if len(owners) != 1 {
		s.failure = fmt.Sprintf("%d owners when everything is quiet: %v", len(owners), owners)
		return
	}
	priority := func(i int) uint8 { return s.nodes[i].machine.Status().Priority }
	for i, n := range s.nodes {
		if !n.inst.NoPreempt && priority(i) > priority(owners[0]) {
			s.failure = fmt.Sprintf("n%d with priority %d leaves the addresses to n%d with %d", i, priority(i), owners[0], priority(owners[0]))
		}
	}
}
