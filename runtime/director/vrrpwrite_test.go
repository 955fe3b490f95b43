//go:build linux

package director

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ka/compiler/effect"
	"ka/compiler/plan"
	"ka/runtime/kernel"
	"ka/runtime/vrrp"
)

// TestWriterIsNotWaitedFor: while the kernel has not answered the loop goes on, what is behind the change waits
// in order, and the process does not end.
func TestWriterIsNotWaitedFor(t *testing.T) {
	v := &vrrpProcess{node: vrrp.NewNode(testPlan(100), vrrp.Karun()), link: newChildLink(-1), mirror: newMirror(testPlan(100))}
	v.writer = writer{steps: make(chan step, ahead)}
	inst := newInstance(&testPlan(100).Instances[0], 0, v.node.Machine(0))
	var list []effect.Change
	for i := range ahead*chunk + 1 {
		a := effect.Address{Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 77, byte(i >> 8), byte(i)}), 32), Interface: "eth0"}
		list = append(list, effect.Change{Op: effect.Add, Want: a})
	}
	v.queueList(inst, list)
	called := false
	v.queueCall(func() { called = true })
	for n, want := range append(slices.Repeat([]int{chunk}, ahead), 1) {
		v.doWork(monotonic().Add(time.Hour))
		if !v.idle() || v.finished() || called {
			t.Fatalf("%d: idle %v, finished %v, called %v", n, v.idle(), v.finished(), called)
		}
		s := <-v.writer.steps
		if len(s.changes) != want {
			t.Errorf("%d: %d changes, want %d", n, len(s.changes), want)
		}
		v.noteWritten(outcome{step: step{inst: inst}})
	}
	if inst.queued != 0 {
		t.Errorf("%d steps of the instance are left", inst.queued)
	}
	v.doWork(monotonic().Add(time.Hour))
	if !called || !v.finished() {
		t.Errorf("called %v, finished %v", called, v.finished())
	}
}

// TestEveryStepIsHeardOf: a step that is done while the loop is busy with events of the kernel wakes it, at
// whatever moment it ends.
func TestEveryStepIsHeardOf(t *testing.T) {
	q, err := newEventQueue()
	if err != nil {
		t.Fatal(err)
	}
	q.bursts = make(chan []kernel.Event, eventBacklog)
	v := &vrrpProcess{events: q, link: newChildLink(-1), mirror: newMirror(testPlan(1))}
	inst := newInstance(&testPlan(1).Instances[0], 0, nil)
	h, err := kernel.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	v.writer = newWriter(h, q.wake) // its steps are empty
	defer close(v.writer.steps)
	ready := []unix.PollFd{{Fd: int32(q.fd), Events: unix.POLLIN}}
	for n := range 20_000 {
		inst.queued++
		v.apply(step{inst: inst})
		q.wake() // as an event of the kernel does
		for len(v.writer.underWay) > 0 {
			if woken, err := unix.Poll(ready, 2000); woken == 0 && err == nil {
				t.Fatalf("step %d is done, and the loop sleeps", n)
			}
			if err := v.handle(q.fd, false); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestStartIsNotHeldUp: the kernel lets the static objects wait, as while somebody else changes its network. The
// process goes on to its loop, and says that it is ready when they are there; a stop has not to wait for that.
func TestStartIsNotHeldUp(t *testing.T) {
	p := testPlan(100)
	p.StaticAddresses = []plan.Address{{Prefix: netip.MustParsePrefix("10.78.0.1/32"), Interface: "eth0"}}
	super, child, err := socketPair()
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(super)
	defer unix.Close(child)
	told, there := newChildLink(super), make(map[string]bool)
	ready := func() bool {
		for {
			switch m, ok, err := told.receive(); {
			case err != nil || !ok:
				return false
			case m.Type == msgReady:
				return true
			}
		}
	}
	for _, stops := range []bool{false, true} {
		v := inMemory(t, p)
		v.link, v.ready = newChildLink(child), false
		started := make(chan struct{})
		go func() { defer close(started); v.start(nil, 0) }()
		select {
		case <-started:
		case <-time.After(20 * time.Second):
			t.Fatal("the start waits for the kernel")
		}
		v.doWork(monotonic().Add(time.Hour)) // as far as it gets
		if len(v.writer.underWay) == 0 || ready() {
			t.Fatalf("%d steps under way, or it is ready already", len(v.writer.underWay))
		}
		if stops {
			v.stop(false)
		}
		v.takeStep(there)
		v.writeAll(there, 1<<20)
		if ready() == stops || len(there) != map[bool]int{false: 1, true: 0}[stops] {
			t.Errorf("stop %v: %v is there", stops, there)
		}
	}
}
