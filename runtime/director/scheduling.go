//go:build linux

package director

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"ka/compiler/plan"
	"ka/runtime/process"
)

// Realtime says whether the vrrp process gets a real-time scheduling policy.
type Realtime string

// The values: as the plan says; also where it says nothing, with locked memory; never.
const (
	RealtimeAuto Realtime = "auto"
	RealtimeOn   Realtime = "on"
	RealtimeOff  Realtime = "off"
)

// ordinaryPriority is the real-time priority where none is configured.
const ordinaryPriority = 1

// schedule is how a process is run.
type schedule struct {
	// inherited is set before it starts, so that all of its threads have it.
	inherited process.Settings
	// name is what ps shows.
	name string
	// lock locks its memory.
	lock bool
	// limit bounds how long it may run without giving the processor up; 0: no bound.
	limit time.Duration
}

// scheduleOf says how a process of a plan is run (vrrp_priority, vrrp_rt_priority and their like).
func scheduleOf(p *plan.Plan, role string, rt Realtime) schedule {
	var all plan.Processes
	if p.Global.Processes != nil {
		all = *p.Global.Processes
	}
	one := all.BFD
	switch role {
	case roleVRRP:
		one = all.VRRP
	case roleChecks:
		one = all.Checks
	}
	s := schedule{name: cmp.Or(one.Name, strings.TrimPrefix(role, "@")), lock: one.NoSwap, inherited: process.Inherited()}
	s.inherited.Nice, s.inherited.CPUs, s.inherited.RealTimePriority = one.Nice, one.CPUs, one.RealTimePriority
	switch {
	case rt == RealtimeOff:
		s.inherited.RealTimePriority = 0
	case rt == RealtimeOn && role != roleChecks:
		s.lock = true
		s.inherited.RealTimePriority = cmp.Or(one.RealTimePriority, ordinaryPriority)
	}
	if s.inherited.RealTimePriority > 0 {
		s.limit = one.RealTimeLimit
	}
	return s
}

// launcherOf gives the launcher of a process: its thread has the settings once and for all. What the
// system does not permit is logged, and the process runs without.
func (s *supervisor) launcherOf(role string) (*process.Launcher, schedule) {
	sched := scheduleOf(s.plan, role, s.opt.Realtime)
	key := fmt.Sprint(role, sched.inherited) // a reload may bring others, for the next start
	if l := s.launchers[key]; l != nil {
		return l, sched
	}
	l, err := process.NewLauncherWith(sched.inherited)
	if err != nil {
		s.log.Warn("not permitted", "process", sched.name, "error", err.Error())
	}
	if s.launchers == nil {
		s.launchers = make(map[string]*process.Launcher)
	}
	s.launchers[key] = l
	return l, sched
}

// noteScheduling says what of a new plan holds only from the next start on: what a process inherits is set
// before it starts.
func (s *supervisor) noteScheduling(old *plan.Plan) {
	for _, c := range s.children {
		was, is := scheduleOf(old, c.role, s.opt.Realtime), scheduleOf(s.plan, c.role, s.opt.Realtime)
		if !reflect.DeepEqual(was, is) {
			s.log.Warn("reload", "process", c.name, "reason", "its name and scheduling change when it starts again")
		}
	}
	if umaskOf(old) != umaskOf(s.plan) {
		s.log.Warn("reload", "reason", "the umask of scripts changes when karun starts again")
	}
}

func (s *supervisor) closeLaunchers() {
	s.launcher.Close()
	for _, l := range s.launchers {
		l.Close()
	}
}

// limitRealTime bounds a child that has loaded everything: at its start it has more to do than ever again.
func (s *supervisor) limitRealTime(c *child) {
	limit := scheduleOf(s.plan, c.role, s.opt.Realtime).limit
	if limit == 0 || c.cmd == nil {
		return
	}
	if err := process.LimitRealTime(c.cmd.Process.Pid, limit); err != nil {
		s.log.Warn("not permitted", "process", c.name, "error", "real-time limit: "+err.Error())
	}
}

// reloadLimit is how long a thread may run at a reload: the one that reads the plan, beside the loop.
const reloadLimit = time.Minute

// unlimitRealTime lets a child read a new plan, which takes longer than anything in its loop may.
func (s *supervisor) unlimitRealTime(c *child) {
	if scheduleOf(s.plan, c.role, s.opt.Realtime).limit == 0 || c.cmd == nil {
		return
	}
	if err := process.LimitRealTime(c.cmd.Process.Pid, reloadLimit); err != nil {
		s.log.Warn("not permitted", "process", c.name, "error", "real-time limit: "+err.Error())
	}
}

// late raises the real-time priority of a child that woke up too late, by one, up to max_auto_priority.
func (s *supervisor) late(c *child) {
	all := s.plan.Global.Processes
	if all == nil || c.cmd == nil || s.opt.Realtime == RealtimeOff {
		return
	}
	if c.raised == 0 {
		c.raised = scheduleOf(s.plan, c.role, s.opt.Realtime).inherited.RealTimePriority
	}
	if c.raised >= all.MaxAutoPriority {
		return
	}
	c.raised++
	if err := process.RaiseRealTime(c.cmd.Process.Pid, c.raised); err != nil {
		s.log.Warn("not permitted", "process", c.name, "error", "real-time priority: "+err.Error())
		return
	}
	s.log.Warn("real-time priority", "process", c.name, "priority", c.raised, "cause", "it woke up late")
}

// childSettings is what a child does for itself, before anything else.
func childSettings(s setup) {
	_ = process.SetName(s.Name) // only a name
	if s.Lock {
		// Best effort, on fault: the runtime reserves far more than it ever touches.
		_ = unix.Mlockall(unix.MCL_CURRENT | unix.MCL_FUTURE | unix.MCL_ONFAULT)
	}
	// The limit of a real-time process: the runtime must not take it for an end.
	signal.Ignore(syscall.SIGXCPU)
}

// nameSelf gives the first process its name, where the plan has one.
func nameSelf(p *plan.Plan, log *slog.Logger) {
	if all := p.Global.Processes; all != nil && all.Name != "" {
		if err := process.SetName(all.Name); err != nil {
			log.Warn("not permitted", "error", "process name: "+err.Error())
		}
	}
}

// before keeps the loop before the other threads of the process, where they have a real-time policy: it does not
// wait for one that reads a new plan, or collects garbage. It does so only while there is such a one, for a
// goroutine that is locked to its thread costs two changes of threads every 10 ms (Go's scheduler wants to
// have it aside for a moment), and on a virtual machine each may take as long as the machine below sleeps.
type before struct {
	locked bool
	// raised is the thread's priority meanwhile; 0: it is as it was.
	raised uint32
}

// begin is called by the loop's goroutine, and so is end. Without the right to a higher priority the threads take turns.
func (b *before) begin() {
	attr, err := unix.SchedGetAttr(0, 0)
	if b.locked || err != nil || attr.Policy != unix.SCHED_RR && attr.Policy != unix.SCHED_FIFO {
		return
	}
	runtime.LockOSThread()
	b.locked = true
	attr.Priority++
	if unix.SchedSetAttr(0, attr, 0) == nil {
		b.raised = attr.Priority
	}
}

func (b *before) end() {
	if !b.locked {
		return
	}
	// Somebody may have given all threads another priority meanwhile.
	if attr, err := unix.SchedGetAttr(0, 0); err == nil && attr.Priority == b.raised && b.raised > 0 {
		attr.Priority--
		_ = unix.SchedSetAttr(0, attr, 0)
	}
	*b = before{}
	runtime.UnlockOSThread()
}

// Without a real-time policy the processes that send adverts are before all others that have none: they need
// little, and late.
const (
	// wakeSlice is the least that the kernel takes as the slice of a thread.
	wakeSlice = 100 * time.Microsecond
	// firstNice is the nice value unless the plan has one.
	firstNice = -20
	// groupTries and groupPause are the patience with a kernel that sets a group's nice value now and then only.
	groupTries = 3
	groupPause = 101 * time.Millisecond
)

// soonAwake asks for short slices of the processor for all threads: from Linux 6.12 on a thread that has been
// asleep then goes before others that compute, and does not wait for the end of their slices (3 ms). Older kernels
// take no notice. It also asks for a large share, as with many others a small one is soon used up, and whoever has
// used its share waits. Threads that are made later have it from those that make them. All is best effort, and
// nothing where the policy is a real-time one.
func soonAwake() {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return
	}
	nice := firstNice
	for _, t := range tasks {
		tid, err := strconv.Atoi(t.Name())
		if err != nil {
			continue
		}
		attr, err := unix.SchedGetAttr(tid, 0)
		if err != nil {
			continue
		}
		if attr.Policy != unix.SCHED_NORMAL && attr.Policy != unix.SCHED_BATCH {
			return
		}
		if attr.Nice != 0 {
			nice = int(attr.Nice)
		}
		attr.Runtime = uint64(wakeSlice)
		_ = unix.SchedSetAttr(tid, attr, 0)
		attr.Nice = int32(nice)
		_ = unix.SchedSetAttr(tid, attr, 0)
	}
	// Where the kernel groups processes by their session, each group has a nice value. Without CAP_SYS_ADMIN one
	// is set every 100 ms at most, on the whole machine.
	for range groupTries {
		if err := os.WriteFile("/proc/self/autogroup", []byte(strconv.Itoa(nice)), 0); !errors.Is(err, unix.EAGAIN) {
			return
		}
		time.Sleep(groupPause)
	}
}
