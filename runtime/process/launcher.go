//go:build linux

package process

import (
	"errors"
	"os/exec"
	"runtime"
)

// ErrClosed says that the launcher starts nothing any more.
var ErrClosed = errors.New("the launcher is closed")

// Launcher starts programs from one thread of its own. Its methods may be called from any goroutine.
type Launcher struct {
	requests chan request
	done     chan struct{}
}

type request struct {
	cmd   *exec.Cmd
	reply chan error
}

// NewLauncher starts the thread. Close ends it, and with it every program that has PDEATHSIG set.
func NewLauncher() *Launcher {
	l, _ := NewLauncherWith(Inherited()) // nothing is set, so nothing is refused
	return l
}

// NewLauncherWith starts a thread with settings that all programs that it starts inherit, with every thread
// of theirs. The error says what the system does not permit: the launcher then works without that.
func NewLauncherWith(s Settings) (*Launcher, error) {
	l := &Launcher{requests: make(chan request), done: make(chan struct{})}
	ready := make(chan error, 1)
	go l.run(s, ready)
	return l, <-ready
}

// run never unlocks its thread: the runtime then ends the thread with the goroutine, not before.
func (l *Launcher) run(s Settings, ready chan<- error) {
	runtime.LockOSThread()
	ready <- s.Apply()
	for {
		select {
		case r := <-l.requests:
			awaitFile(r.cmd.Path)
			r.reply <- r.cmd.Start()
		case <-l.done:
			return
		}
	}
}

// Start starts cmd.
func (l *Launcher) Start(cmd *exec.Cmd) error {
	r := request{cmd: cmd, reply: make(chan error, 1)}
	select {
	case l.requests <- r:
		return <-r.reply
	case <-l.done:
		return ErrClosed
	}
}

// Close ends the launcher's thread. It may be called once.
func (l *Launcher) Close() { close(l.done) }
