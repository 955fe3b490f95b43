//go:build linux

package director

import (
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// TestTimerIsPutOff: the timer follows an earlier deadline always, a later one when a part of its time is over.
func TestTimerIsPutOff(t *testing.T) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	v := &vrrpProcess{timer: fd, node: vrrp.NewNode(testPlan(100), vrrp.Karun())}
	start := monotonic().Add(time.Hour)
	arm := func(what string, deadline, want time.Duration) {
		t.Helper()
		v.trackers.next = start.Add(deadline)
		v.arm()
		var left unix.ItimerSpec
		if err := unix.TimerfdGettime(fd, &left); err != nil {
			t.Fatal(err)
		}
		got := monotonic().Add(time.Duration(left.Value.Nano())).Sub(start)
		if got.Round(time.Second) != want {
			t.Fatalf("%s: the timer is set to %v, want %v", what, got, want)
		}
	}
	passed := func(d time.Duration) { v.armedAt = v.armedAt.Add(-d) }
	for round := range 2 {
		arm("the first", 10*time.Second, 10*time.Second)
		arm("put off too soon", 20*time.Second, 10*time.Second)
		passed(10 * time.Minute) // of an hour
		arm("put off", 30*time.Second, 30*time.Second)
		arm("put off too soon again", time.Minute, 30*time.Second)
		arm("earlier", 5*time.Second, 5*time.Second)
		if err := v.handle(fd, true); err != nil || v.armed != 0 {
			t.Fatalf("round %d: %v, armed for %v", round, err, v.armed)
		}
	}
}

// TestDueListens: a backup whose deadline passes hears the advert that waits in its socket before it looks at the
// clock, also where the deadline passes while something else is handled.
func TestDueListens(t *testing.T) {
	for name, woken := range map[string]time.Duration{"while it slept": 0, "while it worked": -1} {
		t.Run(name, func(t *testing.T) {
			p := testPlan(100)
			inst := &p.Instances[0]
			inst.Version, inst.AdvertInterval = 3, 10*time.Millisecond
			ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer unix.Close(ends[0])
			defer unix.Close(ends[1])
			v := &vrrpProcess{plan: p, link: newChildLink(-1), node: vrrp.NewNode(p, vrrp.Karun()), mirror: newMirror(p)}
			backup := newInstance(inst, 0, v.node.Machine(0))
			backup.pool = &pool{receive: ends[0], buf: make([]byte, 1500)}
			backup.pool.byVRID[inst.VRID] = []*instance{backup}
			v.instances, v.pools = []*instance{backup}, []*pool{backup.pool}
			v.step(backup, vrrp.Start{Source: netip.MustParseAddr("10.77.0.2"), LinkUp: true})
			due, ok := v.node.NextDeadline()
			if !ok {
				t.Fatal("a backup without a deadline")
			}
			adverts, err := vrrp.NewSender(*inst).Adverts(netip.MustParseAddr("10.77.0.1"), 150, 0)
			if err == nil {
				_, err = unix.Write(ends[1], adverts[0].Packet)
			}
			if err != nil {
				t.Fatal(err)
			}
			for monotonic() <= due {
				time.Sleep(time.Millisecond)
			}
			for at := due.Add(woken); at <= due; at++ { // and in the next turn
				if err := v.turn(due, at, nil, true); err != nil {
					t.Fatal(err)
				}
			}
			if state := backup.m.State(); state != plan.StateBackup {
				t.Errorf("%v although its master lives", state)
			}
		})
	}
}
