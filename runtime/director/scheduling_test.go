//go:build linux

package director

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ka/compiler/plan"
	"ka/runtime/control"
	"ka/runtime/lab/need"
	"ka/runtime/process"
)

// TestScheduling: every thread of the vrrp process has what the plan says, the supervisor and its scripts
// have nothing of it.
func TestScheduling(t *testing.T) {
	w := newWire(t)
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	p := testPlan(100)
	p.Instances[0].Notify.Backup = &plan.Command{Argv: []string{writeScript(t, dir, "b", "cat /proc/self/stat > "+out)}}
	p.Global.Processes = &plan.Processes{
		Name: "director",
		VRRP: plan.Process{Name: "keepalived_vrrp", NoSwap: true, RealTimePriority: 5, RealTimeLimit: 10 * time.Millisecond, CPUs: []int{0}},
	}
	k := w.start("a", p, "", "auto")
	k.logged(`"msg":"ready"`)
	until(t, "the script", func() bool { return read(out) != "" })
	pids := k.pids()
	for i, want := range []string{"director", "keepalived_vrrp"} {
		if got := strings.TrimSpace(read(fmt.Sprintf("/proc/%d/comm", pids[i]))); got != want {
			t.Errorf("called %q, want %q", got, want)
		}
	}
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pids[1]))
	for _, thread := range threads {
		status := read(filepath.Join(thread, "status"))
		if status == "" {
			continue // it has ended
		}
		if !strings.Contains(status, "Cpus_allowed_list:\t0\n") {
			t.Errorf("%s: %s", thread, status)
		}
		stat := strings.Fields(read(filepath.Join(thread, "stat")))
		if len(stat) < 41 {
			continue
		}
		if stat[39] != "5" || stat[40] != fmt.Sprint(unix.SCHED_RR) {
			t.Errorf("%s: priority %s, policy %s", thread, stat[39], stat[40])
		}
	}
	if len(threads) < 3 {
		t.Errorf("%d threads", len(threads))
	}
	if !strings.Contains(read(fmt.Sprintf("/proc/%d/status", pids[1])), "VmLck:") || strings.Contains(read(fmt.Sprintf("/proc/%d/status", pids[1])), "VmLck:\t       0 kB") {
		t.Error("its memory is not locked")
	}
	until(t, "the limit", func() bool {
		var r unix.Rlimit
		return unix.Prlimit(pids[1], unix.RLIMIT_RTTIME, nil, &r) == nil && r.Cur == 10000
	})
	changed := *p
	changed.Global.Processes = nil
	if r := k.reload(&changed); r.Outcome != control.ReloadDone {
		t.Errorf("%+v", r)
	}
	k.logged(`"process":"vrrp"`, "change when it starts again")
	if stat := strings.Fields(read(out)); stat[39] != "0" || stat[40] != "0" {
		t.Errorf("a script has priority %s, policy %s", stat[39], stat[40])
	}
	k.stop()
}

// TestOrdinaryScheduling: nothing is real-time that nobody asked for. Every thread of the vrrp process goes before
// others, in a session of its own, unless the plan says how nice it is; the supervisor is as any other program.
func TestOrdinaryScheduling(t *testing.T) {
	w := newWire(t)
	own, err := unix.SchedGetAttr(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	first := own.Nice // whoever starts karun with a nice value means it
	if first == 0 {
		first = firstNice
	}
	for asked, want := range map[int]int32{0: first, 5: 5} {
		p := testPlan(100)
		p.Global.Processes = &plan.Processes{VRRP: plan.Process{Nice: asked}}
		k := w.start("a", p, "", "auto")
		k.logged(`"msg":"ready"`)
		pids := k.pids()
		for i, pid := range pids {
			nice := own.Nice
			if i == 1 {
				nice = want
			}
			threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
			for _, thread := range threads {
				tid, _ := strconv.Atoi(filepath.Base(thread))
				if i == 0 && tid != pid {
					continue // one of them starts the vrrp process, and has what that inherits
				}
				attr, err := unix.SchedGetAttr(tid, 0)
				if errors.Is(err, unix.ESRCH) {
					continue // it has ended
				}
				if err != nil || attr.Policy != unix.SCHED_NORMAL || attr.Nice != nice {
					t.Errorf("thread %d of process %d: %+v, %v", tid, i, attr, err)
				}
			}
		}
		if session, err := unix.Getsid(pids[1]); err != nil || session != pids[1] {
			t.Errorf("process %d is in session %d, %v", pids[1], session, err)
		}
		if group := read(fmt.Sprintf("/proc/%d/autogroup", pids[1])); group != "" && !strings.Contains(group, fmt.Sprintf(" nice %d", want)) {
			t.Errorf("its group is %s", group)
		}
		k.stop()
	}
}

func TestScheduleOf(t *testing.T) {
	p := &plan.Plan{Global: plan.Global{Processes: &plan.Processes{
		VRRP:   plan.Process{Nice: -5, RealTimePriority: 7, RealTimeLimit: time.Second},
		Checks: plan.Process{Name: "lvs", NoSwap: true},
	}}}
	for _, tt := range []struct {
		p        *plan.Plan
		role     string
		realtime Realtime
		want     string
	}{
		{p, roleVRRP, RealtimeAuto, "karun-vrrp nice -5 real-time 7 lock false limit 1s"},
		{p, roleVRRP, RealtimeOff, "karun-vrrp nice -5 real-time 0 lock false limit 0s"},
		{p, roleVRRP, RealtimeOn, "karun-vrrp nice -5 real-time 7 lock true limit 1s"},
		{p, roleChecks, RealtimeOn, "lvs nice 0 real-time 0 lock true limit 0s"},
		{&plan.Plan{}, roleVRRP, RealtimeAuto, "karun-vrrp nice 0 real-time 0 lock false limit 0s"},
		{&plan.Plan{}, roleVRRP, RealtimeOn, "karun-vrrp nice 0 real-time 1 lock true limit 0s"},
	} {
		s := scheduleOf(tt.p, tt.role, tt.realtime)
		got := fmt.Sprintf("%s nice %d real-time %d lock %v limit %v", s.name, s.inherited.Nice, s.inherited.RealTimePriority, s.lock, s.limit)
		if got != tt.want || s.inherited.Umask != process.Inherited().Umask {
			t.Errorf("%s, want %s", got, tt.want)
		}
	}
}

// TestBreathe: who works for half of its limit gives the processor up; lateness is told once in a while.
func TestBreathe(t *testing.T) {
	p := &plan.Plan{Global: plan.Global{Processes: &plan.Processes{MaxAutoPriority: 3, MinAutoPriorityDelay: time.Millisecond}}}
	b := newBusy(p, 10*time.Millisecond)
	began := b.since
	b.breathe(began.Add(4 * time.Millisecond))
	if b.since != began {
		t.Error("too early")
	}
	b.breathe(began.Add(5 * time.Millisecond))
	if b.since == began {
		t.Error("it works on")
	}
	now := began.Add(time.Hour)
	for i, tt := range []struct {
		at, late time.Duration
		want     bool
	}{{0, time.Microsecond, false}, {0, time.Millisecond, true}, {time.Millisecond, time.Second, false}, {time.Second, time.Millisecond, true}} {
		at := now.Add(tt.at)
		if got := b.late(at.Add(-tt.late), at); got != tt.want {
			t.Errorf("%d: %v", i, got)
		}
	}
	if none := newBusy(&plan.Plan{}, 0); none.late(0, now) {
		t.Error("told without being asked to")
	}
}

// TestLateIsRaised: a vrrp process that was stopped for longer than min_auto_priority_delay gets a real-time
// priority, up to the highest allowed.
func TestLateIsRaised(t *testing.T) {
	w := newWire(t)
	p := testPlan(100)
	p.Global.Processes = &plan.Processes{MaxAutoPriority: 2, MinAutoPriorityDelay: 100 * time.Millisecond}
	k := w.start("a", p, "", "auto")
	k.logged(`"to":"MASTER"`)
	child := k.pids()[1]
	priority := func() uint32 {
		attr, err := unix.SchedGetAttr(child, 0)
		if err != nil {
			t.Fatal(err)
		}
		return attr.Priority
	}
	for n := range 2 {
		if err := unix.Kill(child, unix.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		// Its advert is due each second: two later it is late, whatever the machine does.
		timer := time.NewTimer(2 * time.Second)
		<-timer.C
		if err := unix.Kill(child, unix.SIGCONT); err != nil {
			t.Fatal(err)
		}
		until(t, "the priority", func() bool { return priority() == uint32(n+1) })
	}
	k.logged(`"msg":"real-time priority"`, `"priority":2`)
	k.stop()
}

// TestBefore: while a plan is read the loop's thread has a higher real-time priority than the others, and then that
// which it had; what somebody else gave it meanwhile stays.
func TestBefore(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	was, err := unix.SchedGetAttr(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	set := func(priority uint32) error {
		return unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_RR, Priority: priority}, 0)
	}
	if err := set(10); err != nil {
		need.Missing(t, "a real-time policy: "+err.Error())
	}
	defer func() { _ = unix.SchedSetAttr(0, was, 0) }()
	priority := func(want uint32) {
		t.Helper()
		attr, err := unix.SchedGetAttr(0, 0)
		if err != nil || attr.Priority != want {
			t.Errorf("priority %d, want %d (%v)", attr.Priority, want, err)
		}
	}
	var b before
	b.begin()
	b.begin() // of another reload, at once
	priority(11)
	b.end()
	priority(10)
	b.end()
	priority(10)
	b.begin()
	_ = set(20)
	b.end()
	priority(20)
}
