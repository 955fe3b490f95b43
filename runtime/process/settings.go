//go:build linux

package process

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// Settings are what the programs of a launcher inherit.
type Settings struct {
	// RealTimePriority is that of the policy SCHED_RR, 1..99; 0: the ordinary policy.
	RealTimePriority int
	// Nice is -20..19; 0 leaves it as it is.
	Nice int
	// CPUs are those that the programs may run on; none: all.
	CPUs []int
	// Umask is that of the files that they make; -1 leaves it as it is.
	Umask int
}

// Inherited are the settings that change nothing.
func Inherited() Settings { return Settings{Umask: -1} }

// Apply gives the calling thread the settings, which its goroutine must have locked. All are tried.
func (s Settings) Apply() error {
	var failed []error
	try := func(what string, err error) {
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", what, err))
		}
	}
	if s.Umask >= 0 {
		// A thread has its umask in common with its process until it takes leave.
		err := unix.Unshare(unix.CLONE_FS)
		if err == nil {
			unix.Umask(s.Umask)
		}
		try("umask", err)
	}
	if len(s.CPUs) > 0 {
		var set unix.CPUSet
		for _, cpu := range s.CPUs {
			set.Set(cpu)
		}
		try("processors", unix.SchedSetaffinity(0, &set))
	}
	if s.Nice != 0 {
		try("nice", unix.Setpriority(unix.PRIO_PROCESS, 0, s.Nice))
	}
	if s.RealTimePriority > 0 {
		try("real-time priority", setRealTime(0, s.RealTimePriority))
	}
	return errors.Join(failed...)
}

func setRealTime(thread, priority int) error {
	return unix.SchedSetAttr(thread, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_RR, Priority: uint32(priority)}, 0)
}

// RaiseRealTime gives every thread of a process a real-time priority. Threads that they make later have it
// from them.
func RaiseRealTime(pid, priority int) error {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	if err != nil || len(threads) == 0 {
		return fmt.Errorf("threads of process %d: %w", pid, os.ErrNotExist)
	}
	var failed error
	for _, t := range threads {
		tid, err := strconv.Atoi(filepath.Base(t))
		if err != nil {
			continue
		}
		if err := setRealTime(tid, priority); err != nil && !errors.Is(err, unix.ESRCH) {
			failed = err
		}
	}
	return failed
}

// leastKill is the least time after which a process is ended that does not give the processor up: the
// runtime of Go may need some milliseconds for itself at any time.
const leastKill = time.Second

// LimitRealTime bounds how long a thread of a process may run under a real-time policy without giving the
// processor up (RLIMIT_RTTIME): at the limit it gets SIGXCPU each second, after a second at least SIGKILL.
func LimitRealTime(pid int, limit time.Duration) error {
	r := unix.Rlimit{Cur: uint64(limit.Microseconds()), Max: uint64(max(limit, leastKill).Microseconds())}
	return unix.Prlimit(pid, unix.RLIMIT_RTTIME, &r, nil)
}

// maxName is the length of a process's name, in bytes.
const maxName = 15

// SetName gives the calling process the name that ps(1) and pgrep(1) show.
func SetName(name string) error {
	return os.WriteFile("/proc/self/comm", []byte(name[:min(len(name), maxName)]), 0)
}
