//go:build linux

package process

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Program is a program that is started again and again: what does not change from one start to the next is
// made once. Unlike a [Launcher] it starts on the thread of its caller, and nothing waits for its end.
type Program struct {
	path  string
	argv  []string
	attr  syscall.ProcAttr
	pidfd int
}

// NewProgram prepares a program. Its input and output are null, which is /dev/null and must stay open.
func NewProgram(s Spec, null *os.File) (*Program, error) {
	if len(s.Argv) == 0 {
		return nil, errors.New("no program is named")
	}
	p := &Program{path: s.Path, argv: s.Argv}
	if p.path == "" {
		p.path = s.Argv[0]
	}
	sys := s.attributes()
	sys.PidFD = &p.pidfd
	fd := null.Fd()
	p.attr = syscall.ProcAttr{Env: s.Env, Files: []uintptr{fd, fd, fd}, Sys: sys}
	return p, nil
}

// Start starts the program as a child that gets SIGTERM when the calling thread ends: the goroutine must have
// locked it. It returns when the program is executed; see [Program.AwaitFile].
func (p *Program) Start() (Child, error) {
	path, err := p.find()
	if err != nil {
		return Child{}, plain(err)
	}
	p.pidfd = -1
	pid, _, err := syscall.StartProcess(path, p.argv, &p.attr)
	if errors.Is(err, syscall.ENOEXEC) {
		pid, _, err = syscall.StartProcess(interpreter, byShell(path, p.argv), &p.attr)
	}
	return Child{PID: pid, FD: p.pidfd}, err
}

// find gives the path of what is executed.
func (p *Program) find() (string, error) {
	if strings.Contains(p.path, "/") {
		return p.path, nil
	}
	return exec.LookPath(p.path)
}

// AwaitFile waits for the program's file as a call to the kernel that others need not wait for, which Start is not.
func (p *Program) AwaitFile() {
	if path, err := p.find(); err == nil {
		awaitFile(path)
	}
}

// awaitFile waits for a program's file that cannot be opened now: its file system hangs, or somebody has a lease on it.
// Where a new process waited for that, on its way to the program, Go's whole runtime would wait with it: it shares the
// memory until then, no other process could be started, and no garbage be collected.
func awaitFile(path string) {
	if st, err := os.Stat(path); err != nil || !st.Mode().IsRegular() {
		return // it is not executed, and that says why
	}
	if fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0); err == nil {
		_ = unix.Close(fd)
	}
}

// WithoutDescriptor lets the program start as on a kernel that gives no descriptor of its children.
func (p *Program) WithoutDescriptor() { p.attr.Sys.PidFD = nil }

// Child is a program that was started, the leader of a process group.
type Child struct {
	PID int
	// FD is a descriptor that can be read when the child has ended (pidfd_open(2)); -1 where the kernel has
	// none. It belongs to the holder of the Child until [Child.Reap] takes its end.
	FD int
}

// Signal sends a signal to the process group.
func (c Child) Signal(sig syscall.Signal) { _ = syscall.Kill(-c.PID, sig) }

// Await waits until the child has ended, and leaves its end for [Child.Reap].
func (c Child) Await() {
	for errors.Is(unix.Waitid(unix.P_PID, c.PID, nil, unix.WEXITED|unix.WNOWAIT, nil), unix.EINTR) {
	}
}

// Reap takes the end of a child; false: it still runs.
func (c Child) Reap() (Result, bool) {
	var ws syscall.WaitStatus
	pid, err := 0, error(syscall.EINTR)
	for errors.Is(err, syscall.EINTR) {
		pid, err = syscall.Wait4(c.PID, &ws, syscall.WNOHANG, nil)
	}
	if err == nil && pid == 0 {
		return Result{}, false
	}
	if c.FD >= 0 {
		_ = unix.Close(c.FD)
	}
	r := Result{Exit: -1}
	switch {
	case err != nil:
		r.Err = fmt.Errorf("its end is lost: %w", err)
	case ws.Signaled():
		r.Signal = ws.Signal()
	default:
		r.Exit = ws.ExitStatus()
	}
	return r, true
}
