//go:build linux

package director

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

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
