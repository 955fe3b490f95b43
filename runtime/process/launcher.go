//go:build linux

package process

import (
	"errors"
	"os/exec"
	"runtime"

	"golang.org/x/sys/unix"
)

// ErrClosed says that the launcher starts nothing any more.
var ErrClosed = errors.New("the launcher is closed")

// Launcher starts programs from one thread of its own. Its methods may be called from any goroutine.
type Launcher struct {
	requests chan request
	done     chan struct{}
}

type request struct {
	cmd      *exec.Cmd
	realtime bool
	reply    chan error
}

// NewLauncher starts the thread. Close ends it, and with it every program that has PDEATHSIG set.
func NewLauncher() *Launcher {
	l := &Launcher{requests: make(chan request), done: make(chan struct{})}
	go l.run()
	return l
}

// run never unlocks its thread: the runtime then ends the thread with the goroutine, not before.
func (l *Launcher) run() {
	runtime.LockOSThread()
	for {
		select {
		case r := <-l.requests:
			r.reply <- start(r.cmd, r.realtime)
		case <-l.done:
			return
		}
	}
}

// Start starts cmd. Where realtime is set, and permitted, the program begins with a real-time policy
// of low priority that all its threads inherit; the launcher's own thread gives it up again.
func (l *Launcher) Start(cmd *exec.Cmd, realtime bool) error {
	r := request{cmd: cmd, realtime: realtime, reply: make(chan error, 1)}
	select {
	case l.requests <- r:
		return <-r.reply
	case <-l.done:
		return ErrClosed
	}
}

// Close ends the launcher's thread. It may be called once.
func (l *Launcher) Close() { close(l.done) }

// start forks on the calling thread. A refused policy is no error: the program then runs without.
func start(cmd *exec.Cmd, realtime bool) error {
	if realtime {
		rr := &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_RR, Priority: 1}
		if unix.SchedSetAttr(0, rr, 0) == nil {
			defer func() {
				other := &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_NORMAL}
				_ = unix.SchedSetAttr(0, other, 0)
			}()
		}
	}
	return cmd.Start()
}
