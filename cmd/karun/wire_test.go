//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ka/runtime/lab/labtest"
)

// wire is a wire with what these tests run on it.
type wire struct{ *labtest.Wire }

func newWire(t *testing.T) *wire {
	t.Helper()
	return &wire{labtest.NewWire(t)}
}

// program is something that runs on a host.
type program struct {
	t     *testing.T
	cmd   *exec.Cmd
	out   labtest.Buffer
	ended chan struct{}
}

// start starts a program on a host; ip executes it in its own place, so the pid is the program's.
func (w *wire) start(host string, argv ...string) *program {
	w.T.Helper()
	p := &program{t: w.T, ended: make(chan struct{})}
	p.cmd = exec.Command("ip", append([]string{"netns", "exec", w.Namespace(host)}, argv...)...)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	if err := p.cmd.Start(); err != nil {
		w.T.Fatal(err)
	}
	go func() { _ = p.cmd.Wait(); close(p.ended) }()
	w.T.Cleanup(func() {
		p.kill()
		if w.T.Failed() {
			w.T.Logf("%s on %s:\n%s", filepath.Base(argv[0]), host, p.out.String())
		}
	})
	return p
}

// pids are the program's and its children's.
func (p *program) pids() []int {
	pids := []int{p.cmd.Process.Pid}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pids[0]))
	for _, t := range tasks {
		data, _ := os.ReadFile(t)
		for _, f := range strings.Fields(string(data)) {
			var pid int
			if _, err := fmt.Sscan(f, &pid); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// kill ends all its processes at once with SIGKILL.
func (p *program) kill() {
	select {
	case <-p.ended:
		return
	default:
	}
	// All at once: a process that sees another one die begins to tidy up.
	for _, sig := range []syscall.Signal{syscall.SIGSTOP, syscall.SIGKILL} {
		for _, pid := range p.pids() {
			_ = syscall.Kill(pid, sig)
		}
	}
	<-p.ended
}

// stop asks it to stop and returns the exit status.
func (p *program) stop() int {
	p.t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(time.Minute):
		p.t.Fatal("the program does not end")
	}
	return p.cmd.ProcessState.ExitCode()
}

// says waits for a line with all the parts.
func (p *program) says(parts ...string) {
	p.t.Helper()
	until(p.t, strings.Join(parts, " "), func() bool {
		for line := range strings.Lines(p.out.String()) {
			all := true
			for _, part := range parts {
				all = all && strings.Contains(line, part)
			}
			if all {
				return true
			}
		}
		return false
	})
}

func until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if cond() {
			return
		}
	}
	t.Fatalf("waited for: %s", what)
}

// built builds a command of this project, once.
var built = struct {
	mu   sync.Mutex
	dir  string
	done map[string]bool
}{done: map[string]bool{}}

func build(t *testing.T, command string) string {
	t.Helper()
	built.mu.Lock()
	defer built.mu.Unlock()
	if built.dir == "" {
		dir, err := os.MkdirTemp("", "karun-test")
		if err != nil {
			t.Fatal(err)
		}
		built.dir = dir
	}
	path := filepath.Join(built.dir, command)
	if !built.done[command] {
		cmd := exec.Command("go", "build", "-o", path, "ka/cmd/"+command)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go build %s: %v\n%s", command, err, out)
		}
		built.done[command] = true
	}
	return path
}
