package bfd

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"time"

	"ka/compiler/plan"
)

// Instant is a point on the caller's monotonic clock: the time since an epoch of the caller's choice.
type Instant time.Duration

// Add returns the instant d later.
func (t Instant) Add(d time.Duration) Instant { return t + Instant(d) }

// Event is something that happened to a session.
type Event interface{ event() }

// The events.
type (
	// Start begins the session: unless it is passive, the first packet goes out at once.
	Start struct{}
	// PacketReceived is a packet for this session, with the TTL or hop limit that it came with (0: not known).
	PacketReceived struct {
		Packet Packet
		TTL    uint8
	}
	// Tick says only that time has passed: every Step looks at the deadlines. A caller hands over all
	// packets that wait before it, so that a process that overslept does not take its neighbour for dead.
	Tick struct{}
)

func (Start) event()          {}
func (PacketReceived) event() {}
func (Tick) event()           {}

// Action is something that the caller has to do, in the order given.
type Action interface{ action() }

// The actions.
type (
	// Send sends a packet to the neighbour.
	Send struct{ Packet Packet }
	// Changed says that the session came up or went down, for those that track it.
	Changed struct {
		Up    bool
		Cause string
	}
	// Entered reports another state of the session.
	Entered struct {
		From, To State
		Cause    string
	}
)

func (Send) action()    {}
func (Changed) action() {}
func (Entered) action() {}

// The names of counters.
const (
	sent            = "packets-sent"
	received        = "packets-received"
	ignoredTTL      = "ttl"
	ignoredAuth     = "authentication"
	ignoredStart    = "started-already"
	detectionFailed = "expired"
)

// anyHops is the number of hops that is not bounded.
const anyHops = -1

// Session is one session. It is not for use by several goroutines.
type Session struct {
	inst   plan.BFDInstance
	index  int
	random *rand.Rand

	state      State
	diagnostic Diagnostic
	// told is what those that track it know.
	told              bool
	discriminator     uint32
	poll              bool
	started           bool
	now               Instant
	sendAt, expireAt  Instant
	sending, watching bool
	// spacing is the time between packets that sendAt was made with.
	spacing time.Duration

	remote   remote
	counters map[string]uint64
	out      []Action
}

// remote is what the neighbour said last.
type remote struct {
	state         State
	discriminator uint32
	minRx, minTx  time.Duration
	multiplier    uint8
	demand        bool
}

// silent is the neighbour that was not heard yet (RFC 5880 6.8.1).
func silent() remote { return remote{state: Down, minRx: time.Microsecond} }

// MaxSessions is how many sessions of one program are told apart.
const MaxSessions = 65535

// NewSession makes a session in the state Down. The index tells it apart from others of the same program,
// 0 to MaxSessions-1; the seed is for discriminators and the times between packets.
func NewSession(inst plan.BFDInstance, index int, seed uint64) *Session {
	inst.MinRx, inst.MinTx = max(inst.MinRx, time.Microsecond), max(inst.MinTx, time.Microsecond)
	inst.IdleTx, inst.Multiplier = max(inst.IdleTx, time.Second), max(inst.Multiplier, 1)
	s := &Session{
		inst: inst, index: index, random: rand.New(rand.NewPCG(seed, uint64(index))), state: Down, remote: silent(),
		counters: make(map[string]uint64),
	}
	s.renew()
	return s
}

// renew gives the session another discriminator, so that packets of its life before do not count.
func (s *Session) renew() {
	s.discriminator = uint32(s.index+1)<<16 | s.random.Uint32N(1<<16)
}

// Discriminator is the session's own, by which packets find it.
func (s *Session) Discriminator() uint32 { return s.discriminator }

// State is the state of the session, Up what those that track it know of it: a neighbour that says that it
// was switched off (AdminDown) is no failure (RFC 5882 3.2).
func (s *Session) State() State { return s.state }

// Up is what those that track the session were told.
func (s *Session) Up() bool { return s.told }

// Counters are packets by what became of them.
func (s *Session) Counters() map[string]uint64 { return maps.Clone(s.counters) }

// NextDeadline is when to call Step with a Tick at the latest, if ok; else 0.
func (s *Session) NextDeadline() (at Instant, ok bool) {
	switch {
	case s.sending && s.watching:
		return min(s.sendAt, s.expireAt), true
	case s.sending:
		return s.sendAt, true
	case s.watching:
		return s.expireAt, true
	}
	return 0, false
}

// Step takes what happened at now and returns what to do, in order. A now before that of the previous Step
// counts as that one.
func (s *Session) Step(now Instant, ev Event) []Action {
	s.out = nil
	s.now = max(s.now, now)
	switch ev := ev.(type) {
	case Start:
		if s.started {
			s.counters[ignoredStart]++
			break
		}
		s.started = true
		if !s.inst.Passive {
			s.send(false)
		}
	case PacketReceived:
		if s.started {
			s.receive(ev)
		}
	}
	// The packet that was just heard counts before the deadline that it may have missed.
	if s.watching && s.now >= s.expireAt {
		s.expire()
	}
	if s.sending && s.now >= s.sendAt {
		s.send(false)
	}
	return s.out
}

// receive takes a packet (RFC 5880 6.8.6).
func (s *Session) receive(ev PacketReceived) {
	p := ev.Packet
	switch {
	case s.inst.MaxHops != anyHops && ev.TTL != 0 && int(ev.TTL)+s.inst.MaxHops < int(s.inst.TTL):
		s.counters[ignoredTTL]++
		return
	case p.Auth:
		s.counters[ignoredAuth]++
		return
	}
	s.counters[received]++
	s.remote = remote{
		state: p.State, discriminator: p.MyDiscriminator, minRx: p.RequiredMinRx, minTx: p.DesiredMinTx,
		multiplier: p.DetectMultiplier, demand: p.Demand,
	}
	if p.Final {
		s.poll = false
	}
	s.watching, s.expireAt = true, s.now.Add(s.detectionTime())
	s.advance(p.State)
	if p.Poll {
		s.send(true)
	}
	s.schedule()
}

// advance moves the state by that of the neighbour (RFC 5880 6.2, 6.8.6).
func (s *Session) advance(neighbour State) {
	const says = "the neighbour is %s"
	switch {
	case neighbour == AdminDown && s.state != Down:
		s.fall(NeighborDown, fmt.Sprintf(says, neighbour))
	case neighbour == AdminDown:
	case s.state == Down && neighbour == Down:
		s.enter(Init, fmt.Sprintf(says, neighbour))
	case s.state == Down && neighbour == Init, s.state == Init && neighbour >= Init:
		s.enter(Up, fmt.Sprintf(says, neighbour))
		s.diagnostic = NoDiagnostic
		// The time between packets becomes another one.
		s.poll = s.inst.IdleTx != s.inst.MinTx
		s.tell(true, "the neighbour answers")
	case s.state == Up && neighbour == Down:
		s.fall(NeighborDown, fmt.Sprintf(says, neighbour))
	}
}

// expire is the end of the detection time without a packet (RFC 5880 6.8.4).
func (s *Session) expire() {
	s.watching = false
	if s.state == Up || s.state == Init {
		s.counters[detectionFailed]++
		s.fall(TimeExpired, TimeExpired.String())
	}
	s.remote = silent()
	s.schedule()
}

// fall goes to the state Down.
func (s *Session) fall(d Diagnostic, cause string) {
	wasUp := s.state == Up
	s.diagnostic, s.poll = d, false
	s.enter(Down, cause)
	if wasUp {
		s.renew()
		if s.remote.state != AdminDown {
			s.tell(false, cause)
		}
	}
}

func (s *Session) enter(to State, cause string) {
	s.out = append(s.out, Entered{s.state, to, cause})
	s.state = to
}

func (s *Session) tell(up bool, cause string) {
	if s.told != up {
		s.told = up
		s.out = append(s.out, Changed{up, cause})
	}
}

// desired is how often the session wants to send: not more than once a second unless it is up
// (RFC 5880 6.8.3).
func (s *Session) desired() time.Duration {
	if s.state == Up {
		return s.inst.MinTx
	}
	return s.inst.IdleTx
}

// detectionTime is how long the neighbour may be silent (RFC 5880 6.8.4).
func (s *Session) detectionTime() time.Duration {
	return time.Duration(s.remote.multiplier) * max(s.inst.MinRx, s.remote.minTx)
}

// jittered shortens the time between packets by up to a quarter, at random, and by at least a tenth where
// none may be missing (RFC 5880 6.8.7).
func (s *Session) jittered(d time.Duration) time.Duration {
	least := time.Duration(0)
	if s.inst.Multiplier == 1 {
		least = d / 10
	}
	return d - least - time.Duration(s.random.Int64N(int64(d/4-least)+1))
}

// silenced reports whether no packets are to be sent by themselves: a passive session waits for its
// neighbour, and some neighbours want none (RFC 5880 6.8.7).
func (s *Session) silenced() bool {
	return !s.started || s.inst.Passive && s.remote.discriminator == 0 || s.remote.minRx == 0 ||
		s.remote.demand && s.state == Up && s.remote.state == Up && !s.poll
}

// schedule sets the time of the next packet. What is scheduled is not put off, but it is drawn near where
// the interval has become shorter.
func (s *Session) schedule() {
	if s.silenced() {
		s.sending = false
		return
	}
	d := max(s.desired(), s.remote.minRx)
	if s.sending && d >= s.spacing {
		return
	}
	at := s.now.Add(s.jittered(d))
	if s.sending {
		at = min(at, s.sendAt)
	}
	s.sending, s.sendAt, s.spacing = true, at, d
}

// send sends a packet now. One that answers a poll does not poll itself.
func (s *Session) send(final bool) {
	s.counters[sent]++
	s.out = append(s.out, Send{Packet{
		Diagnostic: s.diagnostic, State: s.state, Poll: s.poll && !final, Final: final,
		DetectMultiplier: s.inst.Multiplier, MyDiscriminator: s.discriminator, YourDiscriminator: s.remote.discriminator,
		DesiredMinTx: s.desired(), RequiredMinRx: s.inst.MinRx,
	}})
	if !final {
		s.sending = false
		s.schedule()
	}
}
