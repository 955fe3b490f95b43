//go:build linux

package director

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ka/compiler/plan"
	"ka/runtime/lab/need"
)

// wire is a bridge with two hosts on it, a (10.77.0.1) and b (10.77.0.2), each in a network namespace.
type wire struct {
	t    *testing.T
	name map[string]string // host → namespace; "br" is the bridge's
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
		w.name[h] = fmt.Sprintf("kaf%d-%d%s", os.Getpid(), wires.Add(1), h)
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

// karun is a director that runs as its own process.
type karun struct {
	t      *testing.T
	cmd    *exec.Cmd
	runDir string
	ended  chan struct{}

	mu  sync.Mutex
	log bytes.Buffer
}

// Write collects the log.
func (k *karun) Write(p []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.log.Write(p)
}

func (k *karun) text() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.log.String()
}

// start runs a plan on a host. Without a run directory it gets one.
func (w *wire) start(host string, p *plan.Plan, runDir string, words ...string) *karun {
	w.t.Helper()
	if runDir == "" {
		runDir = filepath.Join(w.t.TempDir(), "run")
	}
	data, err := plan.Encode(p)
	if err != nil {
		w.t.Fatal(err)
	}
	file := filepath.Join(w.t.TempDir(), "plan.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		w.t.Fatal(err)
	}
	k := &karun{t: w.t, runDir: runDir, ended: make(chan struct{})}
	args := append([]string{"netns", "exec", w.name[host], os.Args[0], roleRun, file, runDir}, words...)
	k.cmd = exec.Command("ip", args...) // ip executes the program in its own place: the pid is karun's
	k.cmd.Stderr = k
	// Scripts must not see these.
	k.cmd.Env = append(os.Environ(), "IFS=x", "LD_LIBRARY_PATH=/nowhere")
	if err := k.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() { _ = k.cmd.Wait(); close(k.ended) }()
	w.t.Cleanup(func() {
		k.kill()
		if w.t.Failed() {
			w.t.Logf("karun on %s:\n%s", host, k.text())
		}
	})
	return k
}

// cleanup runs karun cleanup on a host.
func (w *wire) cleanup(host, runDir string) {
	w.t.Helper()
	w.in(host, os.Args[0], roleCleanup, runDir)
}

func killPID(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// pids are the supervisor's and its children's.
func (k *karun) pids() []int {
	pids := []int{k.cmd.Process.Pid}
	data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pids[0], pids[0]))
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pids[0]))
	for _, t := range tasks {
		more, _ := os.ReadFile(t)
		data = append(append(data, ' '), more...)
	}
	for _, f := range strings.Fields(string(data)) {
		var pid int
		if _, err := fmt.Sscan(f, &pid); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// kill ends all processes at once with SIGKILL.
func (k *karun) kill() {
	select {
	case <-k.ended:
		return
	default:
	}
	for _, pid := range k.pids() {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	<-k.ended
}

// stop asks it to stop and returns the exit status.
func (k *karun) stop() int {
	k.t.Helper()
	_ = k.cmd.Process.Signal(syscall.SIGTERM)
	return k.wait()
}

func (k *karun) wait() int {
	k.t.Helper()
	select {
	case <-k.ended:
	case <-time.After(time.Minute):
		k.t.Fatalf("karun does not end:\n%s", k.text())
	}
	return k.cmd.ProcessState.ExitCode()
}

// until waits until cond holds.
func until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if cond() {
			return
		}
	}
	t.Fatalf("waited for: %s", what)
}

// logged waits for a record with all the given parts.
func (k *karun) logged(parts ...string) {
	k.t.Helper()
	until(k.t, strings.Join(parts, " "), func() bool { return k.has(parts...) })
}

func (k *karun) has(parts ...string) bool {
	for line := range strings.Lines(k.text()) {
		all := true
		for _, p := range parts {
			all = all && strings.Contains(line, p)
		}
		if all {
			return true
		}
	}
	return false
}

// testPlan is an instance VI_1 on eth0 with the address 10.77.0.100/24 and adverts each second.
func testPlan(priority uint8) *plan.Plan {
	return &plan.Plan{
		Node: "test.conf", Environment: plan.Environment{Hash: strings.Repeat("0", 64)},
		Instances: []plan.Instance{{
			Name: "VI_1", Interface: "eth0", Version: 2, VRID: 51, Priority: priority, InitialState: plan.StateBackup,
			AdvertInterval: time.Second, DownTimerAdverts: 3, Group: netip.MustParseAddr("224.0.0.18"),
			GARP: plan.GARP{Repeat: 2},
			VIPs: []plan.Address{{Prefix: netip.MustParsePrefix("10.77.0.100/24"), Interface: "eth0"}},
		}},
		Needs: []plan.Need{{Kind: plan.NeedInterface, Name: "eth0", Origin: plan.Origin{File: "test.conf", Line: 3}}},
	}
}

const vip = "10.77.0.100/24"

func TestElection(t *testing.T) {
	w := newWire(t)
	before := w.state("a")
	a := w.start("a", testPlan(150), "")
	b := w.start("b", testPlan(100), "")
	a.logged(`"msg":"ready"`)
	a.logged(`"msg":"transition"`, `"to":"MASTER"`)
	a.logged(`"msg":"address"`, `"op":"+"`, vip)
	if !strings.Contains(w.state("a"), vip) {
		t.Errorf("a is master without the address:\n%s", w.state("a"))
	}
	if strings.Contains(w.state("b"), vip) {
		t.Errorf("b has the address:\n%s", w.state("b"))
	}
	if code := a.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	if got := w.state("a"); got != before {
		t.Errorf("after the stop\n%s\nbefore the start\n%s", got, before)
	}
	b.logged(`"msg":"transition"`, `"to":"MASTER"`)
	b.logged(`"msg":"address"`, `"op":"+"`, vip)
	if code := b.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}
