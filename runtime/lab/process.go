//go:build linux

package lab

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Command is a program to run on a host.
type Command struct {
	// Dir is a directory of the caller's that the program sees as [MountPoint]; its /run is otherwise
	// empty and its own, so that pid files and sockets of several hosts do not meet.
	Dir            string
	Argv           []string
	Env            []string
	Stdout, Stderr io.Writer
}

// MountPoint is where a program on a host finds the directory of its Command.
const MountPoint = "/run/lab"

// Process is a program on a host and all that it starts: they live in a process namespace of their
// own, so that none of them can outlive it.
type Process struct {
	cmd  *exec.Cmd
	host *Host
	done chan struct{}

	mu  sync.Mutex
	err error
}

// Start runs a program on the host. It dies with the lab, however the lab ends.
func (h *Host) Start(c Command) (*Process, error) {
	if len(h.lab.init) == 0 || len(c.Argv) == 0 {
		return nil, errors.New("no command")
	}
	args := append([]string{}, h.lab.init...)
	args = append(args, c.Dir)
	args = append(args, c.Argv...)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), c.Env...)
	cmd.Stdout, cmd.Stderr = c.Stdout, c.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS,
		Pdeathsig:  syscall.SIGKILL,
		Setsid:     true, // an interrupt at the terminal is for the lab
	}
	if err := h.Do(cmd.Start); err != nil {
		return nil, fmt.Errorf("start on %s: %w", h.Name, err)
	}
	p := &Process{cmd: cmd, host: h, done: make(chan struct{})}
	h.lab.mu.Lock()
	h.lab.procs = append(h.lab.procs, p)
	h.lab.mu.Unlock()
	go func() {
		err := cmd.Wait()
		p.mu.Lock()
		p.err = err
		p.mu.Unlock()
		close(p.done)
	}()
	return p, nil
}

// Done is closed when the program has ended and its output is read.
func (p *Process) Done() <-chan struct{} { return p.done }

// Status is the exit status of the program after Done, 128 plus the signal where one ended it.
func (p *Process) Status() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	var exit *exec.ExitError
	switch {
	case p.err == nil:
		return 0
	case errors.As(p.err, &exit) && exit.Exited():
		return exit.ExitCode()
	default:
		return 128 + int(syscall.SIGKILL)
	}
}

// Signal sends a signal to the program's first process.
func (p *Process) Signal(s syscall.Signal) error { return p.cmd.Process.Signal(s) }

// Stop asks the program to end (SIGTERM) and waits; after the timeout it is killed.
func (p *Process) Stop(timeout time.Duration) error {
	if err := p.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.done:
		return nil
	case <-time.After(timeout):
		return errors.Join(fmt.Errorf("%s did not end in %v", p.host.Name, timeout), p.Kill())
	}
}

// Kill ends all processes of the program at once, as a power cut would, and waits until they are
// gone. They are stopped before the first is killed: else one could see another's death and act.
func (p *Process) Kill() error {
	select {
	case <-p.done:
		return nil
	default:
	}
	for _, pid := range p.Pids() {
		_ = unix.Kill(pid, unix.SIGSTOP)
	}
	// The end of the first process of a namespace is the end of all.
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill on %s: %w", p.host.Name, err)
	}
	<-p.done
	return nil
}

// Pids are the process ids of the program, its first process left out, by the lab's own numbers.
func (p *Process) Pids() []int {
	first := p.cmd.Process.Pid
	space, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", first))
	if err != nil {
		return nil
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var pids []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == first {
			continue
		}
		if s, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", pid)); err == nil && s == space {
			pids = append(pids, pid)
		}
	}
	return pids
}
