//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ka/runtime/lab/need"
)

// buffer collects the output of a program that is still running.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write appends.
func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// wire is a bridge with two hosts on it, a (10.77.0.1) and b (10.77.0.2), each in a network namespace.
type wire struct {
	t    *testing.T
	name map[string]string
}

// wires numbers the namespaces of this process.
var wires atomic.Int64

func newWire(t *testing.T) *wire {
	t.Helper()
	t.Parallel()
	need.Root(t)
	need.Program(t, "ip")
	w := &wire{t, map[string]string{}}
	for _, h := range []string{"br", "a", "b"} {
		w.name[h] = fmt.Sprintf("kac%d-%d%s", os.Getpid(), wires.Add(1), h)
		w.ip("netns", "add", w.name[h])
		t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", w.name[h]).Run() })
	}
	w.in("br", "ip", "link", "add", "br0", "type", "bridge", "mcast_snooping", "0")
	w.in("br", "ip", "link", "set", "br0", "up")
	for i, h := range []string{"a", "b"} {
		w.in("br", "ip", "link", "add", "p"+h, "type", "veth", "peer", "name", "eth0", "netns", w.name[h])
		w.in("br", "ip", "link", "set", "p"+h, "master", "br0", "up")
		w.in(h, "ip", "link", "set", "lo", "up")
		w.in(h, "ip", "link", "set", "eth0", "up")
		w.in(h, "ip", "addr", "add", fmt.Sprintf("10.77.0.%d/24", i+1), "dev", "eth0")
	}
	return w
}

func (w *wire) ip(args ...string) string {
	w.t.Helper()
	out, err := exec.Command("ip", args...).CombinedOutput()
	if err != nil {
		w.t.Fatalf("ip %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// in runs a command on a host.
func (w *wire) in(host string, argv ...string) string {
	w.t.Helper()
	return w.ip(append([]string{"netns", "exec", w.name[host]}, argv...)...)
}

// state is what ip tells of a host's IPv4 addresses and routes.
func (w *wire) state(host string) string {
	w.t.Helper()
	return w.in(host, "ip", "-4", "-br", "addr") + w.in(host, "ip", "-4", "route", "show", "table", "all")
}

// program is something that runs on a host.
type program struct {
	t     *testing.T
	cmd   *exec.Cmd
	out   buffer
	ended chan struct{}
}

// start starts a program on a host; ip executes it in its own place, so the pid is the program's.
func (w *wire) start(host string, argv ...string) *program {
	w.t.Helper()
	p := &program{t: w.t, ended: make(chan struct{})}
	p.cmd = exec.Command("ip", append([]string{"netns", "exec", w.name[host]}, argv...)...)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	if err := p.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() { _ = p.cmd.Wait(); close(p.ended) }()
	w.t.Cleanup(func() {
		p.kill()
		if w.t.Failed() {
			w.t.Logf("%s on %s:\n%s", filepath.Base(argv[0]), host, p.out.String())
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
	for _, pid := range p.pids() {
		_ = syscall.Kill(pid, syscall.SIGKILL)
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
