//go:build linux

package director

import (
	"net/netip"
	"testing"
	"time"

	"ka/compiler/effect"
	"ka/runtime/vrrp"
)

// TestWriterIsNotWaitedFor: while the kernel has not answered the loop goes on, what is behind the change waits
// in order, and the process does not end.
func TestWriterIsNotWaitedFor(t *testing.T) {
	v := &vrrpProcess{node: vrrp.NewNode(testPlan(100), vrrp.Karun()), link: newChildLink(-1), mirror: newMirror(testPlan(100))}
	v.writer = writer{todo: make(chan step, 1), done: make(chan outcome, 1)}
	inst := newInstance(&testPlan(100).Instances[0], 0, v.node.Machine(0))
	var list []effect.Change
	for i := range chunk + 1 {
		a := effect.Address{Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 77, 1, byte(i)}), 32), Interface: "eth0"}
		list = append(list, effect.Change{Op: effect.Add, Want: a})
	}
	v.queueList(inst, list)
	called := false
	v.queueCall(func() { called = true })
	for n, want := range []int{chunk, 1} {
		v.doWork(monotonic().Add(time.Hour))
		if !v.idle() || v.finished() || called {
			t.Fatalf("%d: idle %v, finished %v, called %v", n, v.idle(), v.finished(), called)
		}
		s := <-v.writer.todo
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
