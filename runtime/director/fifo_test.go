//go:build linux

package director

import (
	"fmt"
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
	"ka/runtime/lab/need"
)

// readFIFO collects what is written to a FIFO from when it exists.
func readFIFO(t *testing.T, path string) *labtest.Buffer {
	t.Helper()
	until(t, "the FIFO", func() bool { _, err := os.Lstat(path); return err == nil })
	// For writing too: what was written last stays readable when the writer has gone.
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	var b labtest.Buffer
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := f.Read(buf)
			_, _ = b.Write(buf[:n])
			if err != nil {
				return
			}
		}
	}()
	return &b
}

// keepalived starts Debian's keepalived on a host; the function that it returns stops it in order.
func (w *wire) keepalived(host, conf string) (stop func()) {
	w.T.Helper()
	need.Program(w.T, "keepalived")
	dir := w.T.TempDir()
	file := filepath.Join(dir, "keepalived.conf")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		w.T.Fatal(err)
	}
	var log labtest.Buffer
	pid := func(name string) string { return filepath.Join(dir, name) }
	cmd := exec.Command("ip", "netns", "exec", w.Namespace(host), "keepalived", "-n", "-l", "-D", "-f", file,
		"-p", pid("p"), "-r", pid("r"), "-c", pid("c"), "-b", pid("b"))
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		w.T.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	stop = func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(time.Minute):
			w.T.Errorf("keepalived does not end:\n%s", log.String())
		}
	}
	w.T.Cleanup(func() {
		stop()
		if w.T.Failed() {
			w.T.Logf("keepalived on %s:\n%s", host, log.String())
		}
	})
	return stop
}

const fifoConf = `
global_defs {
  script_user root
  enable_script_security
  vrrp_notify_fifo %s
  vrrp_notify_priority_changes
}
vrrp_script chk {
  script %s
  interval 1
  weight 10
}
vrrp_instance "VI 1" {
  interface eth0
  virtual_router_id 52
  priority 200
  advert_int 1
  virtual_ipaddress { 10.77.0.200/24 }
  track_script { chk }
}
`

// fifoPlan is fifoConf's on another virtual router.
func fifoPlan(path, check string) *plan.Plan {
	p := testPlan(200)
	p.Scripts = []plan.Script{{Name: "chk", Command: plan.Command{Argv: []string{check}, User: "root"}, Interval: time.Second, Timeout: time.Second, Rise: 1, Fall: 1, Weight: 10}}
	p.Instances[0].Name = "VI 1"
	p.Instances[0].TrackScripts = []plan.TrackScript{{Script: "chk", Weight: 10}}
	p.Instances[0].Notify.PriorityChanges = true
	p.Global.FIFOs = &plan.FIFOs{VRRP: &plan.FIFO{Path: path, User: "root"}, PriorityChanges: true}
	return p
}

// throughAllStates leads karun on host a and keepalived on host b through all states, told by the lines that they
// write, and returns what each has written.
func (w *wire) throughAllStates(k *karun, stop func(), lines map[string]*labtest.Buffer, line string) (a, b string) {
	w.T.Helper()
	both := func(state string, n int) {
		what := fmt.Sprintf(line, state)
		until(w.T, what, func() bool {
			return strings.Count(lines["a"].String(), what) >= n && strings.Count(lines["b"].String(), what) >= n
		})
	}
	link := func(state string) {
		for host := range lines {
			w.In(host, "ip", "link", "set", "eth0", state)
		}
	}
	both("MASTER", 1)
	link("down")
	both("FAULT", 1)
	link("up")
	both("MASTER", 2)
	if code := k.stop(); code != 0 {
		w.T.Errorf("exit status %d", code)
	}
	stop()
	both("STOP", 1)
	return lines["a"].String(), lines["b"].String()
}

// TestFIFOLines holds karun's lines to a real keepalived's, byte by byte, through all states, and the FIFO
// itself: its mode, and that it goes with its writer.
func TestFIFOLines(t *testing.T) {
	w := newWire(t)
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Dir(dir)} { // for script security
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	check := writeScript(t, dir, "check", "exit 0")
	fifo := map[string]string{"a": filepath.Join(dir, "karun"), "b": filepath.Join(dir, "keepalived")}
	k := w.start("a", fifoPlan(fifo["a"], check), "")
	stop := w.keepalived("b", fmt.Sprintf(fifoConf, fifo["b"], check))
	lines := map[string]*labtest.Buffer{}
	mode := map[string]string{}
	for host, path := range fifo {
		lines[host] = readFIFO(t, path)
		st, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		mode[host] = st.Mode().String()
	}
	if a, b := w.throughAllStates(k, stop, lines, " %s 210\n"); a != b {
		t.Errorf("karun\n%s\nkeepalived\n%s", a, b)
	}
	if mode["a"] != mode["b"] {
		t.Errorf("mode %s, keepalived's %s", mode["a"], mode["b"])
	}
	for _, path := range fifo {
		if _, err := os.Lstat(path); err == nil {
			t.Errorf("%s is left", path)
		}
	}
}

// TestFIFOScript: it gets its words and the path, reads every line, and a FIFO that was there before stays.
func TestFIFOScript(t *testing.T) {
	w := newWire(t)
	dir := t.TempDir()
	out, path := filepath.Join(dir, "out"), filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	script := writeScript(t, dir, "read", `echo "words $*" >> `+out+`; while read line; do echo "$line" >> `+out+`; done < $2; echo end >> `+out)
	p := testPlan(100)
	p.Global.FIFOs = &plan.FIFOs{All: &plan.FIFO{Path: path, Script: &plan.Command{Argv: []string{script, "own"}}}}
	k := w.start("a", p, "")
	k.logged(`"to":"MASTER"`)
	k.logged(`"msg":"ready"`)
	k.stop()
	want := "words own " + path + "\nINSTANCE \"VI_1\" BACKUP 100\nINSTANCE \"VI_1\" MASTER 100\nINSTANCE \"VI_1\" STOP 100\nend\n"
	if got := read(out); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if _, err := os.Lstat(path); err != nil {
		t.Error("the FIFO is gone, karun did not make it")
	}
}

// TestFIFOLeftover: one that a killed karun made is the next one's to use, and goes with it or a cleanup.
func TestFIFOLeftover(t *testing.T) {
	w := newWire(t)
	dir := t.TempDir()
	path, runDir := filepath.Join(dir, "fifo"), filepath.Join(dir, "run")
	p := testPlan(100)
	p.Global.FIFOs = &plan.FIFOs{All: &plan.FIFO{Path: path}}
	there := func() bool { _, err := os.Lstat(path); return err == nil }
	for _, end := range []func(*karun){
		func(k *karun) { k.stop() },
		func(k *karun) { k.kill(); w.cleanup("a", runDir) },
	} {
		k := w.start("a", p, runDir)
		k.logged(`"msg":"ready"`)
		k.kill()
		if !there() {
			t.Fatal("it went with a killed karun")
		}
		k = w.start("a", p, runDir)
		k.logged(`"msg":"ready"`)
		end(k)
		if there() {
			t.Error("it is left")
		}
	}
}

// TestNotifyHangs: a command that hangs does not silence the ones behind it, and the adverts do not notice.
func TestNotifyHangs(t *testing.T) {
	w := newWire(t)
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	p := testPlan(100)
	p.Instances[0].Notify = plan.Notify{
		Backup: &plan.Command{Argv: []string{writeScript(t, dir, "hangs", "sleep 60")}},
		Master: &plan.Command{Argv: []string{writeScript(t, dir, "master", "echo master >> "+out)}},
	}
	k := w.start("a", p, "", "impatient")
	k.logged(`"msg":"notify-overtakes"`, `"state":"MASTER"`)
	until(t, "the command behind", func() bool { return read(out) == "master\n" })
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	k.logged(`"msg":"notify-failed"`, `"state":"BACKUP"`, "timed out")
}

// TestFIFOBehindReload: fifo_write_vrrp_states_on_reload tells of instances that are no master and have not
// changed; one that a reload takes away is told DELETED, with notify_deleted. The FIFO stays open.
func TestFIFOBehindReload(t *testing.T) {
	w := newWire(t)
	w.In("a", "ip", "link", "add", "eth1", "type", "veth", "peer", "name", "eth2")
	fifo := filepath.Join(t.TempDir(), "fifo")
	instance := func(name string, vrid, priority uint8, link string) plan.Instance {
		in := router(name, vrid, priority, fmt.Sprintf("10.77.0.%d/24", 100+vrid))
		in.Interface, in.Notify.DeletedState = link, true
		return in
	}
	master, fault, gone := instance("MASTER", 1, 255, "eth0"), instance("FAULT", 2, 100, "eth1"), instance("GONE", 3, 255, "eth0")
	master.InitialState, gone.InitialState = plan.StateMaster, plan.StateMaster
	node := func(list ...plan.Instance) *plan.Plan {
		p := routers(list...)
		p.Global.FIFOs = &plan.FIFOs{VRRP: &plan.FIFO{Path: fifo}, StatesOnReload: true}
		return p
	}
	k := w.start("a", node(master, fault, gone), "")
	lines := readFIFO(t, fifo)
	until(t, "the start", func() bool { return strings.Count(lines.String(), "\n") == 3 })
	begin := len(lines.String())
	if r := k.reload(node(master, fault)); r.Outcome != control.ReloadDone {
		t.Errorf("%+v", r)
	}
	until(t, "the reload", func() bool { return strings.Count(lines.String(), "\n") == 5 })
	if got, want := lines.String()[begin:], "INSTANCE \"GONE\" DELETED 255\nINSTANCE \"FAULT\" FAULT 100\n"; got != want {
		t.Errorf("behind the reload\n%swant\n%s", got, want)
	}
	k.stop()
}
