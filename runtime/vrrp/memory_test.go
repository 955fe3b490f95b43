package vrrp_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// sequences are those of a sender's signatures at the given times, in steps of the counter behind the
// first second.
func sequences(t *testing.T, inst plan.Instance, walls ...time.Duration) []uint64 {
	t.Helper()
	sender := vrrp.NewSender(inst)
	var out []uint64
	for _, wall := range walls {
		list, err := sender.Adverts(vectorSource4, 100, vrrp.WallTime(wall))
		if err != nil {
			t.Fatal(err)
		}
		packet := list[0].Packet
		trailer, err := vrrp.ParseTrailer(packet[len(packet)-28:])
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, trailer.Sequence)
	}
	return out
}

// A sequence is the clock, or one more than the last where the clock has not gone on; a clock that was set
// back further than receivers tolerate is followed in time mode only (reference vrrp 1.7).
func TestSignatureSequence(t *testing.T) {
	const second = uint64(1) << 32
	at := []time.Duration{100 * time.Second, 100 * time.Second, 100*time.Second + time.Second/2, 96 * time.Second, 90 * time.Second, 90 * time.Second}
	inst := vectorInstance(recipes(v3, signed(1, keyOfBytes))) // the window is 5 s
	half := 100*second + second/2
	want := []uint64{100 * second, 100*second + 1, half, half + 1, 90 * second, 90*second + 1}
	if got := sequences(t, inst, at...); !slices.Equal(got, want) {
		t.Errorf("by time: have %x\nwant %x", got, want)
	}
	inst.HMAC.Replay = plan.ReplayMonotonic
	want = []uint64{100 * second, 100*second + 1, half, half + 1, half + 2, half + 3}
	if got := sequences(t, inst, at...); !slices.Equal(got, want) {
		t.Errorf("monotonic: have %x\nwant %x", got, want)
	}
	// By serial arithmetic no time from 2038 on is after 0.
	late := 0x80000005 * time.Second
	if got, want := sequences(t, inst, late, late), []uint64{0x80000005 * second, 0x80000005*second + 1}; !slices.Equal(got, want) {
		t.Errorf("in 2038: have %x\nwant %x", got, want)
	}
}

// Of a multicast group four senders are remembered, those with right signatures alone; the one that was
// silent longest makes room. A unicast peer keeps its place.
func TestReplayMarks(t *testing.T) {
	inst := vectorInstance(recipes(v3, signed(1, keyOfBytes)))
	wall := vrrp.WallTime(time.Hour)
	ctx := vrrp.Context{Wall: wall}
	packet := func(n byte) vrrp.PacketReceived {
		list, err := vrrp.NewSender(inst).Adverts(netip.AddrFrom4([4]byte{10, 9, 0, n}), 100, wall)
		if err != nil {
			t.Fatal(err)
		}
		return list[0].Received()
	}
	acceptance := vrrp.NewAcceptance(inst, vrrp.Karun())
	judge := func(n byte, want vrrp.DropReason) {
		t.Helper()
		if v := acceptance.Judge(packet(n), ctx); v.Reason != want {
			t.Errorf("sender %d: %q (%s), want %q", n, v.Reason, v.Detail, want)
		}
	}
	for n := range byte(4) {
		judge(n+1, "")
	}
	forged := packet(9)
	forged.Packet[len(forged.Packet)-1] ^= 1
	if v := acceptance.Judge(forged, ctx); v.Reason != vrrp.DropHMACInvalid {
		t.Errorf("forged: %q", v.Reason)
	}
	judge(1, vrrp.DropHMACReplayed) // is remembered, and heard
	judge(5, "")                    // takes the place of 2
	judge(1, vrrp.DropHMACReplayed)
	judge(2, "")
	judge(4, vrrp.DropHMACReplayed)
	judge(3, "")
}

// A mark outside the window is forgotten: a sender whose clock ran ahead and was corrected is heard again.
func TestReplayMarkExpires(t *testing.T) {
	for _, replay := range []plan.ReplayMode{plan.ReplayTime, plan.ReplayMonotonic} {
		inst := vectorInstance(recipes(v3, signed(1, keyOfBytes)))
		inst.HMAC.Replay = replay
		acceptance := vrrp.NewAcceptance(inst, vrrp.Karun())
		judge := func(sent, now time.Duration) vrrp.DropReason {
			list, err := vrrp.NewSender(inst).Adverts(vectorSource4, 100, vrrp.WallTime(sent))
			if err != nil {
				t.Fatal(err)
			}
			return acceptance.Judge(list[0].Received(), vrrp.Context{Wall: vrrp.WallTime(now)}).Reason
		}
		if got := judge(1004*time.Second, 1000*time.Second); got != "" {
			t.Errorf("%s: a clock that is 4 s ahead: %q", replay, got)
		}
		if got := judge(1003*time.Second, 1003*time.Second); got != vrrp.DropHMACReplayed {
			t.Errorf("%s: set back within the window: %q", replay, got)
		}
		late := map[plan.ReplayMode]vrrp.DropReason{plan.ReplayTime: "", plan.ReplayMonotonic: vrrp.DropHMACReplayed}
		if got := judge(998*time.Second, 998*time.Second); got != late[replay] {
			t.Errorf("%s: both clocks are set back: %q, want %q", replay, got, late[replay])
		}
	}
}

// A wall clock that is set moves the time of signatures and no deadline.
func TestClockStepMovesSignaturesOnly(t *testing.T) {
	inst := vectorInstance(recipes(v3, signed(1, keyOfBytes)))
	m := vrrp.NewMachine(inst, vrrp.Karun())
	m.SetWallClock(vrrp.WallTime(1000 * time.Hour))
	m.Step(0, vrrp.Start{Source: vectorSource4, LinkUp: true})
	for _, step := range []time.Duration{0, time.Hour, -2 * time.Hour} {
		at, ok := m.NextDeadline()
		m.SetWallClock(vrrp.WallTime(1000*time.Hour + step))
		if after, stillOK := m.NextDeadline(); at != after || ok != stillOK {
			t.Errorf("the deadline moved from %v to %v", at, after)
		}
		now := vrrp.Instant(0)
		for _, action := range m.Step(at, vrrp.Tick{}) {
			if send, ok := action.(vrrp.SendAdvert); ok {
				now = at
				trailer, err := vrrp.ParseTrailer(send.Packet[len(send.Packet)-28:])
				want := uint64((1000*time.Hour + step + time.Duration(at)) / time.Second)
				if err != nil || trailer.Sequence>>32 != want {
					t.Errorf("signed at %d, want %d (%v)", trailer.Sequence>>32, want, err)
				}
			}
		}
		if now == 0 {
			t.Errorf("nothing was sent at %v", at)
		}
	}
}

// number is the sequence number of an advert with AH.
func number(t *testing.T, a vrrp.SendAdvert) uint32 {
	t.Helper()
	c, err := vrrp.ReadPacket(a.Packet)
	if err != nil || !c.Header {
		t.Fatalf("no authentication header: %+v, %v", c, err)
	}
	return c.Sequence
}

// AH counts both directions: a backup that becomes master goes on behind the old master's number, and a
// master that answers a lower one leaves a number free (reference vrrp 1.6).
func TestAHNumbers(t *testing.T) {
	inst := vectorInstance(authHeader)
	m := vrrp.NewMachine(inst, vrrp.Karun())
	m.Step(0, vrrp.Start{Source: vectorSource4, LinkUp: true})
	peer := vrrp.NewSender(inst)
	var last vrrp.SendAdvert
	hear := func(now vrrp.Instant, priority uint8) []vrrp.Action {
		list, err := peer.Adverts(netip.MustParseAddr("10.9.0.2"), priority, 0)
		if err != nil {
			t.Fatal(err)
		}
		last = list[0]
		return m.Step(now, last.Received())
	}
	for n := range vrrp.Instant(4) {
		hear(vrrp.Instant(time.Second)*n, 150)
	}
	if got := m.Step(vrrp.Instant(3*time.Second), last.Received()); len(got) != 1 {
		t.Errorf("the same advert again: %v", got)
	}
	at, _ := m.NextDeadline()
	first := sends(m.Step(at, vrrp.Tick{}))
	if len(first) != 1 || number(t, first[0]) != 5 {
		t.Fatalf("behind number 4 comes %+v", first)
	}
	// The peer has not heard it, and goes on with 5: of this number only the own advert was there.
	answer := sends(hear(at, 50))
	if len(answer) != 1 || number(t, answer[0]) != 7 {
		t.Errorf("number 5 of a lower master is answered with %+v", answer)
	}
	if got := sends(hear(at, 50)); len(got) != 0 {
		t.Errorf("an old number is answered: %+v", got)
	}
	if n := m.Status().Counters[string(vrrp.DropAHReplayed)]; n != 2 {
		t.Errorf("%d adverts were there already", n)
	}
}

func sends(actions []vrrp.Action) (list []vrrp.SendAdvert) {
	for _, a := range actions {
		if s, ok := a.(vrrp.SendAdvert); ok {
			list = append(list, s)
		}
	}
	return list
}

// masterOf is a machine that has become master, with the time that it is.
func masterOf(t *testing.T, change recipe) (*vrrp.Machine, vrrp.Instant) {
	t.Helper()
	m := vrrp.NewMachine(vectorInstance(change), vrrp.Karun())
	m.Step(0, vrrp.Start{Source: vectorSource4, LinkUp: true})
	at, _ := m.NextDeadline()
	m.Step(at, vrrp.Tick{})
	if m.State() != plan.StateMaster {
		t.Fatalf("in %v", m.State())
	}
	return m, at
}

// What a master sends to a lower and to a higher one, by its settings (reference vrrp 3.5).
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name          string
		change        recipe
		lower, higher int
	}{
		{"by default", func(*plan.Instance) {}, 1, 0},
		{"lower_prio_no_advert", func(i *plan.Instance) { i.Deviations.LowerPriorityNoAdvert = true }, 0, 0},
		{"higher_prio_send_advert", func(i *plan.Instance) { i.Deviations.HigherPrioritySendAdvert = true }, 1, 1},
		{"unicast", recipes(peers4, func(i *plan.Instance) { i.Deviations.HigherPrioritySendAdvert = true }), 2, 2},
	} {
		for priority, want := range map[uint8]int{50: c.lower, 200: c.higher} {
			m, now := masterOf(t, c.change)
			peer := receiverOf(vectorInstance(c.change), vectorSource4)
			list, err := vrrp.NewSender(peer).Adverts(netip.MustParseAddr("10.9.0.2"), priority, 0)
			if err != nil {
				t.Fatal(err)
			}
			if got := sends(m.Step(now, list[0].Received())); len(got) != want {
				t.Errorf("%s, priority %d: %d adverts, want %d", c.name, priority, len(got), want)
			}
			if wantState := map[bool]plan.State{true: plan.StateBackup, false: plan.StateMaster}[priority == 200]; m.State() != wantState {
				t.Errorf("%s, priority %d: in %v", c.name, priority, m.State())
			}
		}
	}
}

// An owner that listens to nobody counts what it drops; one that was demoted listens.
func TestOwnerIgnores(t *testing.T) {
	inst := vectorInstance(func(i *plan.Instance) { i.Priority, i.Deviations.OwnerIgnoreAdverts = 255, true })
	list, err := vrrp.NewSender(inst).Adverts(netip.MustParseAddr("10.9.0.2"), 255, 0)
	if err != nil {
		t.Fatal(err)
	}
	for priority, want := range map[uint8]vrrp.DropReason{255: vrrp.DropOwnerIgnores, 254: ""} {
		if v := vrrp.NewAcceptance(inst, vrrp.Karun()).Judge(list[0].Received(), vrrp.Context{Priority: priority}); v.Reason != want {
			t.Errorf("priority %d: %q, want %q", priority, v.Reason, want)
		}
	}
}

// The addresses of a master that was heard before are not looked at again, where that is asked for; a
// master always looks.
func TestSkipAddressCheck(t *testing.T) {
	inst := vectorInstance(func(i *plan.Instance) { i.Deviations.SkipAddressCheck, i.VIPs = true, manyVIPs(2) })
	other := inst
	other.VIPs = manyVIPs(3)[1:]
	source := netip.MustParseAddr("10.9.0.2")
	list, err := vrrp.NewSender(other).Adverts(source, 100, 0)
	if err != nil {
		t.Fatal(err)
	}
	for master, want := range map[netip.Addr]int{{}: 1, source: 0, netip.MustParseAddr("10.9.0.3"): 1} {
		v := vrrp.NewAcceptance(inst, vrrp.Karun()).Judge(list[0].Received(), vrrp.Context{Master: master})
		if !v.Accepted() || len(v.Notices) != want {
			t.Errorf("master %v: %q %v", master, v.Reason, v.Notices)
		}
	}
}

// A unicast instance that was told nothing follows the old checksum of its peer, in both directions, and
// from then on takes no other; "never" does not.
func TestOldChecksumIsLearned(t *testing.T) {
	mine := vectorInstance(recipes(v3, peers4))
	old := receiverOf(vectorInstance(recipes(v3, peers4, func(i *plan.Instance) { i.Unicast.Checksum = plan.ChecksumOld })), vectorSource4)
	peer := netip.MustParseAddr("10.9.0.2")
	m := vrrp.NewMachine(mine, vrrp.Karun())
	m.Step(0, vrrp.Start{Source: vectorSource4, LinkUp: true})
	list, err := vrrp.NewSender(old).Adverts(peer, 50, 0)
	if err != nil {
		t.Fatal(err)
	}
	noticed := slices.ContainsFunc(m.Step(0, list[0].Received()), func(a vrrp.Action) bool {
		n, ok := a.(vrrp.Noticed)
		return ok && n.Reason == vrrp.NoticeOldChecksum
	})
	at, _ := m.NextDeadline()
	sent := sends(m.Step(at, vrrp.Tick{}))
	if !noticed && m.Status().Counters["noticed-"+string(vrrp.NoticeOldChecksum)] == 0 || len(sent) != 2 {
		t.Fatalf("noticed %v, sent %+v", noticed, sent)
	}
	if v := vrrp.NewAcceptance(old, vrrp.Karun()).Judge(sent[0].Received(), vrrp.Context{}); !v.Accepted() {
		t.Errorf("the peer says %q", v.Reason)
	}
	now := receiverOf(mine, vectorSource4)
	list, err = vrrp.NewSender(now).Adverts(peer, 200, 0)
	if err != nil {
		t.Fatal(err)
	}
	m.Step(at, list[0].Received())
	if m.Status().Counters[string(vrrp.DropChecksum)] != 1 || m.State() != plan.StateMaster {
		t.Errorf("the new form is taken as well: %v", m.Status().Counters)
	}
	never := mine
	u := *mine.Unicast
	u.Checksum = plan.ChecksumNever
	never.Unicast = &u
	list, err = vrrp.NewSender(old).Adverts(peer, 200, 0)
	if err != nil {
		t.Fatal(err)
	}
	if v := vrrp.NewAcceptance(never, vrrp.Karun()).Judge(list[0].Received(), vrrp.Context{}); v.Reason != vrrp.DropChecksum {
		t.Errorf("never: %q", v.Reason)
	}
}
