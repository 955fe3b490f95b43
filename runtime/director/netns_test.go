//go:build linux

package director

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ka/compiler/plan"
	"ka/runtime/control"
	"ka/runtime/lab/labtest"
)

// wire is a wire with what these tests run on it.
type wire struct{ *labtest.Wire }

func newWire(t *testing.T) *wire {
	t.Helper()
	return &wire{labtest.NewWire(t)}
}

// karun is a director that runs as its own process.
type karun struct {
	t      *testing.T
	cmd    *exec.Cmd
	runDir string
	file   string // the plan
	ended  chan struct{}

	log labtest.Buffer
}

func (k *karun) text() string { return k.log.String() }

// start runs a plan on a host. Without a run directory it gets one.
func (w *wire) start(host string, p *plan.Plan, runDir string, words ...string) *karun {
	w.T.Helper()
	if runDir == "" {
		runDir = filepath.Join(w.T.TempDir(), "run")
	}
	file := filepath.Join(w.T.TempDir(), "plan.json")
	k := &karun{t: w.T, runDir: runDir, file: file, ended: make(chan struct{})}
	k.write(p)
	args := append([]string{"netns", "exec", w.Namespace(host), os.Args[0], roleRun, file, runDir}, words...)
	k.cmd = exec.Command("ip", args...) // ip executes the program in its own place: the pid is karun's
	k.cmd.Stderr = &k.log
	// Scripts must not see these.
	zero, err := os.Open("/dev/zero")
	if err != nil {
		w.T.Fatal(err)
	}
	defer zero.Close()
	k.cmd.ExtraFiles = []*os.File{zero}
	k.cmd.Env = append(os.Environ(), "IFS=x", "LD_LIBRARY_PATH=/nowhere")
	if err := k.cmd.Start(); err != nil {
		w.T.Fatal(err)
	}
	go func() { _ = k.cmd.Wait(); close(k.ended) }()
	w.T.Cleanup(func() {
		k.kill()
		if w.T.Failed() {
			w.T.Logf("karun on %s:\n%s", host, k.text())
		}
	})
	return k
}

// write puts a plan where karun reads it, at its start and at a reload.
func (k *karun) write(p *plan.Plan) {
	k.t.Helper()
	data, err := plan.Encode(p)
	if err != nil {
		k.t.Fatal(err)
	}
	if err := os.WriteFile(k.file, data, 0o600); err != nil {
		k.t.Fatal(err)
	}
}

// reload lets karun take another plan, and returns the outcome.
func (k *karun) reload(p *plan.Plan) control.Reload {
	k.t.Helper()
	k.write(p)
	r, err := control.AskReload(k.t.Context(), k.runDir)
	if err != nil {
		k.t.Fatalf("reload: %v\n%s", err, k.text())
	}
	return r
}

// cleanup runs karun cleanup on a host.
func (w *wire) cleanup(host, runDir string) {
	w.T.Helper()
	w.In(host, os.Args[0], roleCleanup, runDir)
}

func killPID(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// pids are the supervisor's and its children's: first those that are karun too, then what runs of its scripts.
func (k *karun) pids() []int {
	pids := []int{k.cmd.Process.Pid}
	// A child is listed with the thread that started it, the first one among them.
	var data []byte
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pids[0]))
	for _, t := range tasks {
		more, _ := os.ReadFile(t)
		data = append(append(data, ' '), more...)
	}
	var scripts []int
	for _, f := range strings.Fields(string(data)) {
		var pid int
		if _, err := fmt.Sscan(f, &pid); err != nil {
			continue
		}
		if strings.Contains(read(fmt.Sprintf("/proc/%d/cmdline", pid)), "@karun-") {
			pids = append(pids, pid)
		} else {
			scripts = append(scripts, pid)
		}
	}
	return append(pids, scripts...)
}

// kill ends all processes at once with SIGKILL.
func (k *karun) kill() {
	select {
	case <-k.ended:
		return
	default:
	}
	// All at once: a process that sees another one die begins to tidy up.
	for _, sig := range []syscall.Signal{syscall.SIGSTOP, syscall.SIGKILL} {
		for _, pid := range k.pids() {
			_ = syscall.Kill(pid, sig)
		}
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
	before := w.State("a")
	a := w.start("a", testPlan(150), "")
	b := w.start("b", testPlan(100), "")
	a.logged(`"msg":"ready"`)
	a.logged(`"msg":"transition"`, `"to":"MASTER"`)
	a.logged(`"msg":"address"`, `"op":"+"`, vip)
	if !strings.Contains(w.State("a"), vip) {
		t.Errorf("a is master without the address:\n%s", w.State("a"))
	}
	if strings.Contains(w.State("b"), vip) {
		t.Errorf("b has the address:\n%s", w.State("b"))
	}
	if code := a.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	if got := w.State("a"); got != before {
		t.Errorf("after the stop\n%s\nbefore the start\n%s", got, before)
	}
	b.logged(`"msg":"transition"`, `"to":"MASTER"`)
	b.logged(`"msg":"address"`, `"op":"+"`, vip)
	if code := b.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}
