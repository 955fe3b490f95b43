package bfd

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"ka/compiler/plan"
)

func instance() plan.BFDInstance {
	return plan.BFDInstance{
		Name: "B", Neighbor: netip.MustParseAddr("192.0.2.2"), MinRx: 10 * time.Millisecond, MinTx: 10 * time.Millisecond,
		IdleTx: time.Second, Multiplier: 5, TTL: 255,
	}
}

// wire is two sessions, or one and a voice from the test, under a virtual clock.
type wire struct {
	t        *testing.T
	now      Instant
	sessions [2]*Session
	// cut drops what the session sends.
	cut   [2]bool
	lines []string
	// packets counts what was sent, gap is the longest time between two packets while up.
	packets [2]int
	latest  [2]Instant
	gap     [2]time.Duration
}

func newWire(t *testing.T, a, b plan.BFDInstance) *wire {
	return &wire{t: t, sessions: [2]*Session{NewSession(a, 0, 1), NewSession(b, 1, 2)}}
}

func (w *wire) do(i int, ev Event) {
	s := w.sessions[i]
	wasUp := s.State() == Up
	for _, a := range s.Step(w.now, ev) {
		switch a := a.(type) {
		case Send:
			if wasUp && s.State() == Up {
				w.gap[i] = max(w.gap[i], time.Duration(w.now-w.latest[i]))
			}
			w.packets[i]++
			w.latest[i] = w.now
			if w.cut[i] {
				continue
			}
			p, err := Parse(a.Packet.AppendBinary(nil))
			if err != nil {
				w.t.Fatalf("%+v: %v", a.Packet, err)
			}
			w.do(1-i, PacketReceived{Packet: p, TTL: 255})
		case Changed:
			w.lines = append(w.lines, fmt.Sprintf("%c %v", 'a'+i, map[bool]string{true: "up", false: "down"}[a.Up]))
		}
	}
}

// until lets time go on.
func (w *wire) until(end time.Duration) {
	for range 1_000_000 {
		next, who := Instant(end), -1
		for i, s := range w.sessions {
			if at, ok := s.NextDeadline(); ok && (at < next || who < 0 && at == next) {
				next, who = at, i
			}
		}
		w.now = max(w.now, next)
		if who < 0 {
			return
		}
		w.do(who, Tick{})
	}
	w.t.Fatal("time stands still")
}

func (w *wire) want(want string) {
	w.t.Helper()
	if got := strings.Join(w.lines, ", "); got != want {
		w.t.Errorf("at %v: %q, want %q", time.Duration(w.now), got, want)
	}
	w.lines = nil
}

// TestSessions: up, a packet every 10 ms, down 50 ms after the last one, and up again.
func TestSessions(t *testing.T) {
	w := newWire(t, instance(), instance())
	w.do(0, Start{})
	w.until(100 * time.Millisecond)
	w.want("")
	w.do(1, Start{})
	w.until(3 * time.Second)
	w.want("b up, a up")
	w.gap = [2]time.Duration{}
	before := w.packets[0]
	w.until(4 * time.Second)
	if n := w.packets[0] - before; n < 100 || n > 134 {
		t.Errorf("%d packets in a second of 10 ms less up to a quarter", n)
	}
	if w.gap[0] > 10*time.Millisecond || w.gap[0] < 9*time.Millisecond {
		t.Errorf("the longest gap is %v", w.gap[0])
	}
	w.cut[1] = true
	last := time.Duration(w.latest[1])
	w.until(last + 50*time.Millisecond - time.Microsecond)
	w.want("")
	w.until(last + 50*time.Millisecond)
	w.want("a down")
	w.until(5 * time.Second)
	w.want("b down") // it is told
	if s := w.sessions[0]; s.State() != Down || s.diagnostic != TimeExpired || w.sessions[1].diagnostic != NeighborDown {
		t.Errorf("%v, %v", s.diagnostic, w.sessions[1].diagnostic)
	}
	before = w.packets[0]
	w.until(15 * time.Second)
	if n := w.packets[0] - before; n < 10 || n > 14 {
		t.Errorf("%d packets in ten seconds of a session that is down", n)
	}
	w.cut[1] = false
	w.until(20 * time.Second)
	if got := strings.Join(w.lines, ", "); got != "a up, b up" && got != "b up, a up" {
		t.Errorf("they hear each other again: %q", got)
	}
}

// TestIntervals: each sends as slowly as the other can receive; the detection time is that of the other's
// multiplier.
func TestIntervals(t *testing.T) {
	slow := instance()
	slow.MinRx, slow.MinTx, slow.Multiplier = 300*time.Millisecond, 100*time.Millisecond, 2
	w := newWire(t, instance(), slow)
	w.do(0, Start{})
	w.do(1, Start{})
	w.until(5 * time.Second)
	w.lines, w.gap = nil, [2]time.Duration{}
	w.until(30 * time.Second)
	w.want("")
	for i, most := range []time.Duration{300 * time.Millisecond, 100 * time.Millisecond} {
		if w.gap[i] > most || w.gap[i] < most*3/4 {
			t.Errorf("the longest gap of %d is %v, want nearly %v", i, w.gap[i], most)
		}
	}
	w.cut = [2]bool{true, true}
	lastA, lastB := time.Duration(w.latest[0]), time.Duration(w.latest[1])
	w.until(lastB + 200*time.Millisecond)
	w.want("a down")
	w.until(lastA + 5*300*time.Millisecond)
	w.want("b down")
}

// TestPassive: it waits for its neighbour, and for two of its kind nothing happens.
func TestPassive(t *testing.T) {
	passive := instance()
	passive.Passive = true
	w := newWire(t, passive, passive)
	w.do(0, Start{})
	w.do(1, Start{})
	w.until(time.Minute)
	if w.packets != [2]int{} {
		t.Errorf("two passive sessions sent %v", w.packets)
	}
	w = newWire(t, passive, instance())
	w.do(0, Start{})
	w.until(time.Minute)
	w.do(1, Start{})
	w.until(2 * time.Minute)
	if w.sessions[0].State() != Up || w.sessions[1].State() != Up {
		t.Error(w.lines)
	}
	// The neighbour is gone: the passive one waits again, and not for a time that is over.
	w.cut[1] = true
	s := w.sessions[0]
	for at, ok := s.NextDeadline(); ok; at, ok = s.NextDeadline() {
		w.now = max(w.now, at)
		w.do(0, Tick{})
	}
	if at, ok := s.NextDeadline(); at != 0 || ok || s.State() != Down {
		t.Errorf("%v, deadline %v, %v", s.State(), at, ok)
	}
}

// TestStates is the table of RFC 5880 6.2, and what those that track the session are told.
func TestStates(t *testing.T) {
	for _, tt := range []struct {
		heard []State
		state State
		up    bool
	}{
		{nil, Down, false},
		{[]State{AdminDown}, Down, false},
		{[]State{Down}, Init, false},
		{[]State{Init}, Up, true},
		{[]State{Up}, Down, false},
		{[]State{Down, Down}, Init, false},
		{[]State{Down, Init}, Up, true},
		{[]State{Down, Up}, Up, true},
		{[]State{Down, AdminDown}, Down, false},
		{[]State{Init, Down}, Down, false},
		{[]State{Init, Init}, Up, true},
		{[]State{Init, Up}, Up, true},
		{[]State{Init, AdminDown}, Down, true}, // switched off is no failure
		{[]State{Init, AdminDown, Down}, Init, true},
		{[]State{Init, Down, Down, Up}, Up, true},
	} {
		s := NewSession(instance(), 0, 1)
		s.Step(0, Start{})
		for i, state := range tt.heard {
			s.Step(Instant(i)*Instant(time.Millisecond), PacketReceived{Packet: Packet{
				State: state, DetectMultiplier: 3, MyDiscriminator: 9, DesiredMinTx: time.Second, RequiredMinRx: time.Second,
			}})
		}
		if s.State() != tt.state || s.Up() != tt.up {
			t.Errorf("%v: %v, up %v", tt.heard, s.State(), s.Up())
		}
	}
}

// TestDropped: a packet that came too far, and one with authentication, change nothing.
func TestDropped(t *testing.T) {
	inst := instance()
	inst.MaxHops = 2
	s := NewSession(inst, 0, 1)
	s.Step(0, Start{})
	p := Packet{State: Down, DetectMultiplier: 3, MyDiscriminator: 9, RequiredMinRx: time.Second}
	s.Step(1, PacketReceived{Packet: p, TTL: 252})
	p.Auth = true
	s.Step(2, PacketReceived{Packet: p, TTL: 255})
	if c := s.Counters(); s.State() != Down || c["ttl"] != 1 || c["authentication"] != 1 || c["packets-received"] != 0 {
		t.Errorf("%v %v", s.State(), c)
	}
	p.Auth = false
	s.Step(3, PacketReceived{Packet: p, TTL: 253})
	if s.State() != Init {
		t.Error("a packet over two hops is dropped")
	}
}

// TestPoll: a poll is answered at once, with the flag of the answer and without an own poll.
func TestPoll(t *testing.T) {
	s := NewSession(instance(), 0, 1)
	s.Step(0, Start{})
	p := Packet{State: Init, Poll: true, DetectMultiplier: 3, MyDiscriminator: 9, DesiredMinTx: time.Second, RequiredMinRx: time.Second}
	actions := s.Step(1, PacketReceived{Packet: p})
	last, ok := actions[len(actions)-1].(Send)
	if !ok || !last.Packet.Final || last.Packet.Poll || last.Packet.State != Up || last.Packet.DesiredMinTx != 10*time.Millisecond {
		t.Errorf("%+v", actions)
	}
}

// FuzzSession: whatever comes, time goes on, no packet is malformed, and Up is what was told.
func FuzzSession(f *testing.F) {
	f.Add(uint64(1), true)
	f.Add(uint64(7), false)
	f.Fuzz(func(t *testing.T, seed uint64, passive bool) {
		random := rand.New(rand.NewPCG(seed, 0))
		inst := instance()
		inst.Passive, inst.Multiplier = passive, uint8(random.IntN(3))
		s := NewSession(inst, random.IntN(65535), seed)
		up, now := false, Instant(0)
		step := func(ev Event) {
			for _, a := range s.Step(now, ev) {
				switch a := a.(type) {
				case Send:
					if _, err := Parse(a.Packet.AppendBinary(nil)); err != nil {
						t.Fatalf("%+v: %v", a.Packet, err)
					}
				case Changed:
					if up == a.Up {
						t.Fatal("told twice")
					}
					up = a.Up
				}
			}
			if at, ok := s.NextDeadline(); ok && at <= now {
				t.Fatalf("a deadline stays behind: %v at %v", at, now)
			}
		}
		step(Start{})
		for range 300 {
			if at, ok := s.NextDeadline(); ok && random.IntN(2) == 0 {
				now = at
				step(Tick{})
				continue
			}
			now += Instant(random.IntN(100)) * Instant(time.Millisecond)
			step(Tick{})
			b := make([]byte, 24)
			for i := range b {
				b[i] = byte(random.UintN(256) & random.UintN(256))
			}
			b[0], b[1], b[3] = 0x20, b[1]&^bitMultipoint&^bitAuth, 24
			if p, err := Parse(b); err == nil {
				step(PacketReceived{Packet: p, TTL: 255})
			}
		}
		if up != s.Up() {
			t.Fatal("told otherwise")
		}
	})
}
