//go:build linux

package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// The patience with a program that does not end: after SIGTERM, and between later SIGKILLs
// (keepalived's values).
const (
	KillAfter = 2 * time.Second
	KillAgain = 10 * time.Second
)

// User is whom a program runs as.
type User struct{ UID, GID uint32 }

// Spec says what to start.
type Spec struct {
	// Argv is the program and its words; a program without a slash is looked for in PATH.
	Argv []string
	// Path is what is executed in place of the program's name; "" is that.
	Path string
	// User is nil for the director's own.
	User *User
	// Env is the whole environment.
	Env []string
}

// Command makes the command: input and output are /dev/null, the process group is its own, and it gets
// SIGTERM when the director dies.
func (s Spec) Command() *exec.Cmd {
	cmd := exec.Command(s.Argv[0], s.Argv[1:]...)
	if s.Path != "" {
		cmd.Path, cmd.Err = s.Path, nil
	}
	cmd.Env = s.Env
	cmd.SysProcAttr = s.attributes()
	return cmd
}

// attributes are those of the process: its group, its end with the thread that starts it, and its user.
func (s Spec) attributes() *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if s.User != nil && (int(s.User.UID) != os.Geteuid() || int(s.User.GID) != os.Getegid()) {
		a.Credential = &syscall.Credential{Uid: s.User.UID, Gid: s.User.GID, Groups: []uint32{s.User.GID}}
	}
	return a
}

// Environment returns env without what changes how programs are found or loaded, and without what
// belongs to the director's own supervisor.
func Environment(env []string) []string {
	var out []string
	for _, kv := range env {
		name, _, _ := strings.Cut(kv, "=")
		switch {
		case name == "IFS", strings.HasPrefix(name, "LD_"):
		case name == "NOTIFY_SOCKET", strings.HasPrefix(name, "WATCHDOG_"):
		default:
			out = append(out, kv)
		}
	}
	return out
}

// Result is how a run ended.
type Result struct {
	// Exit is the exit status, -1 where there is none.
	Exit int
	// Signal ended the program, 0 if none did.
	Signal syscall.Signal
	// TimedOut says that the program was ended because it took too long, or was asked to stop.
	TimedOut bool
	// Err is why the program did not start.
	Err error
	// Took is the time from start to end.
	Took time.Duration
}

// OK reports success: exit status 0 in time.
func (r Result) OK() bool { return r.Err == nil && !r.TimedOut && r.Signal == 0 && r.Exit == 0 }

// String says how the run ended, for logs.
func (r Result) String() string {
	switch {
	case r.Err != nil:
		return "cannot start: " + r.Err.Error()
	case r.TimedOut:
		return "timed out"
	case r.Signal != 0:
		return "signal: " + r.Signal.String()
	}
	return fmt.Sprintf("exit status %d", r.Exit)
}

// interpreter runs what the kernel does not know how to: a script without an interpreter in its first line, as in
// keepalived and execvp(3).
const interpreter = "/bin/sh"

func byShell(path string, argv []string) []string {
	return append([]string{interpreter, path}, argv[1:]...)
}

// Running is a program that has been started.
type Running struct {
	cmd   *exec.Cmd
	begin time.Time
	ended chan struct{}

	// mu keeps signals and the moment apart in which the number of the group may become another's.
	mu sync.Mutex
	// asked says that the group was asked to end, reaped that its leader has gone.
	asked, reaped bool
}

// Start starts the program.
func Start(l *Launcher, s Spec) (*Running, error) {
	cmd := s.Command()
	r := &Running{cmd: cmd, begin: time.Now(), ended: make(chan struct{})}
	err := l.Start(cmd)
	if errors.Is(err, syscall.ENOEXEC) {
		s.Argv, s.Path = byShell(cmd.Path, s.Argv), interpreter
		r.cmd = s.Command()
		err = l.Start(r.cmd)
	}
	if err != nil {
		return nil, plain(err)
	}
	go r.reap()
	return r, nil
}

// reap waits for the end of the leader. What of its group goes on behind SIGTERM ends with it, while it still holds
// the group's number.
func (r *Running) reap() {
	defer close(r.ended)
	Child{PID: r.cmd.Process.Pid}.Await()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asked {
		_ = syscall.Kill(-r.cmd.Process.Pid, syscall.SIGKILL)
	}
	_ = r.cmd.Wait()
	r.reaped = true
}

// signal sends a signal to the group that ends it.
func (r *Running) signal(sig syscall.Signal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asked = true; !r.reaped {
		_ = syscall.Kill(-r.cmd.Process.Pid, sig)
	}
}

// Wait waits for the end. After timeout (0: none), or when ctx ends, the process group gets SIGTERM,
// two seconds later SIGKILL, then SIGKILL every ten seconds.
func (r *Running) Wait(ctx context.Context, timeout time.Duration) Result {
	var late <-chan time.Time
	if timeout > 0 {
		t := time.NewTimer(timeout)
		defer t.Stop()
		late = t.C
	}
	timedOut := false
	select {
	case <-r.ended:
	case <-late:
		timedOut = true
	case <-ctx.Done():
		timedOut = true
	}
	if timedOut {
		r.endGroup()
	}
	return result(r.cmd.ProcessState, timedOut, time.Since(r.begin))
}

// Run starts the program and waits for its end as [Running.Wait] does.
func Run(ctx context.Context, l *Launcher, s Spec, timeout time.Duration) Result {
	r, err := Start(l, s)
	if err != nil {
		return Result{Exit: -1, Err: err}
	}
	return r.Wait(ctx, timeout)
}

// endGroup ends the process group and waits until its leader has gone.
func (r *Running) endGroup() {
	sig, wait := syscall.SIGTERM, KillAfter
	for {
		r.signal(sig)
		t := time.NewTimer(wait)
		select {
		case <-r.ended:
			t.Stop()
			return
		case <-t.C:
		}
		if sig == syscall.SIGKILL {
			wait = KillAgain
		}
		sig = syscall.SIGKILL
	}
}

func result(st *os.ProcessState, timedOut bool, took time.Duration) Result {
	r := Result{Exit: -1, TimedOut: timedOut, Took: took}
	if st == nil {
		return r
	}
	r.Exit = st.ExitCode()
	if ws, ok := st.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		r.Signal = ws.Signal()
	}
	return r
}

// plain takes the path and the call out of an error of os/exec: the caller names the program.
func plain(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	var ee *exec.Error
	if errors.As(err, &ee) {
		return ee.Err
	}
	return err
}
