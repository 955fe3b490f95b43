//go:build linux

package director

import (
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ka/compiler/effect"
	"ka/compiler/plan"
	"ka/runtime/kernel"
	"ka/runtime/vrrp"
)

// TestStopWithinReload: whatever a reload has still to do when the stop comes is left undone. Nothing is added behind
// it, also where no supervisor is there any more to look after what is left.
func TestStopWithinReload(t *testing.T) {
	withStatic := func(address string, list ...plan.Instance) *plan.Plan {
		p := routers(list...)
		p.StaticAddresses = []plan.Address{{Prefix: netip.MustParsePrefix(address), Interface: "eth0"}}
		return p
	}
	before := withStatic("10.78.0.1/32", router("SAME", 1, 200), router("CHANGED", 2, 200), router("GONE", 3, 200))
	after := withStatic("10.78.0.2/32", router("SAME", 1, 200), router("CHANGED", 2, 100), router("NEW", 4, 255))
	const steps = 6 // one goes, all are rearranged, one changes, one comes, the static objects, the end
	for done := range steps {
		v := inMemory(t, before)
		v.queueChanges(v.static, true)
		file, err := writeSetup(after, setup{})
		if err != nil {
			t.Fatal(err)
		}
		fd, err := unix.Dup(int(file.Fd())) // it belongs to who reads it
		if err != nil {
			t.Fatal(err)
		}
		_ = file.Close()
		there := make(map[string]bool)
		v.writeAll(there, 1<<20)
		v.applyReload(v.comparison().read(fd))
		v.writeAll(there, done)
		v.stop(false)
		v.writeAll(there, 1<<20)
		if len(there) > 0 || !v.finished() {
			t.Errorf("behind %d steps of the reload: %v is left", done, there)
		}
		for _, inst := range v.instances {
			if s := inst.m.State(); s != plan.StateStopped {
				t.Errorf("behind %d steps of the reload: %s is %v", done, inst.plan.Name, s)
			}
		}
	}
}

// inMemory is a vrrp process whose instances have started and whose changes nobody makes.
func inMemory(t *testing.T, p *plan.Plan) *vrrpProcess {
	t.Helper()
	v := &vrrpProcess{
		plan: p, ctx: t.Context(), link: newChildLink(-1), mirror: newMirror(p), announcer: newAnnouncer(p), ready: true,
		repairs: make(map[*instance]vrrp.Instant), holders: make(map[string]int), sourced: make(map[netip.Addr][]string),
		parts: make(map[string]string), known: make(map[trackedKey]trackedState),
		writer: writer{steps: make(chan step, ahead)},
	}
	var err error
	if v.kernel, err = kernel.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.kernel.Close() })
	if v.events, err = newEventQueue(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(v.events.fd) })
	v.load()
	v.loadTrackers(nil)
	for _, inst := range v.instances {
		v.startMachine(inst)
	}
	return v
}

// writeAll works, so many steps at most, and takes each change for made.
func (v *vrrpProcess) writeAll(there map[string]bool, steps int) {
	for ; steps > 0 && !v.finished(); steps-- {
		v.doWork(monotonic()) // one step
		if len(v.writer.underWay) > 0 {
			v.takeStep(there)
		}
	}
}

// takeStep takes the changes of the oldest step under way for made.
func (v *vrrpProcess) takeStep(there map[string]bool) []effect.Change {
	s := <-v.writer.steps
	for _, c := range s.changes {
		if key := c.Object().Key(); c.Want != nil {
			there[key] = true
		} else {
			delete(there, key)
		}
	}
	v.noteWritten(outcome{step: step{inst: s.inst, done: s.changes, at: time.Now()}})
	return s.changes
}
