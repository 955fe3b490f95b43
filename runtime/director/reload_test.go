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

	"github.com/google/go-cmp/cmp"

	"ka/compiler/plan"
	"ka/runtime/control"
	"ka/runtime/lab/labtest"
)

// router is an instance of testPlan's kind with other numbers.
func router(name string, vrid, priority uint8, vips ...string) plan.Instance {
	in := testPlan(priority).Instances[0]
	in.Name, in.VRID, in.VIPs = name, vrid, nil
	for _, v := range vips {
		in.VIPs = append(in.VIPs, plan.Address{Prefix: netip.MustParsePrefix(v), Interface: "eth0"})
	}
	return in
}

// routers is a plan of instances.
func routers(list ...plan.Instance) *plan.Plan {
	p := testPlan(100)
	p.Instances = list
	return p
}

// monitor collects what the kernel says of addresses, routes and rules on a host.
func (w *wire) monitor(host string) *labtest.Buffer {
	w.T.Helper()
	var b labtest.Buffer
	cmd := exec.Command("ip", "netns", "exec", w.Namespace(host), "ip", "-o", "monitor", "address", "route", "rule")
	cmd.Stdout = &b
	if err := cmd.Start(); err != nil {
		w.T.Fatal(err)
	}
	w.T.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	// It listens when it tells of something.
	until(w.T, "the monitor", func() bool {
		w.In(host, "ip", "addr", "add", "127.0.0.9/32", "dev", "lo")
		w.In(host, "ip", "addr", "del", "127.0.0.9/32", "dev", "lo")
		return strings.Contains(b.String(), "Deleted")
	})
	return &b
}

// behind returns what came behind a mark that is set now.
func (w *wire) behind(host string, b *labtest.Buffer) string {
	w.T.Helper()
	w.In(host, "ip", "addr", "add", "127.0.0.8/32", "dev", "lo")
	defer w.In(host, "ip", "addr", "del", "127.0.0.8/32", "dev", "lo")
	text := ""
	until(w.T, "the mark", func() bool {
		all := b.String()
		at := strings.LastIndex(all, "127.0.0.9")
		mark := strings.Index(all, "127.0.0.8")
		if at < 0 || mark < at {
			return false
		}
		text = all[at:mark]
		return true
	})
	var lines []string
	for line := range strings.Lines(text) {
		// What the kernel does by itself: table local, and its own IPv6 address once nobody else has it.
		if strings.Contains(line, "eth0") && !strings.Contains(line, "local ") && !strings.Contains(line, "fe80::") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

// TestReload goes through the ways of an instance: one that is unchanged is not touched, one that is
// changed stays master, one that is gone leaves in order, one that is new starts; the peer notices nothing
// of those that stay.
func TestReload(t *testing.T) {
	w := newWire(t)
	before := w.State("a")
	same, other := router("SAME", 1, 200, "10.77.0.101/24"), router("OTHER", 2, 200, "10.77.0.102/24", "10.77.0.103/24")
	gone := router("GONE", 3, 200, "10.77.0.104/24")
	a := w.start("a", routers(same, other, gone), "")
	for _, vip := range []string{"10.77.0.101/24", "10.77.0.103/24", "10.77.0.104/24"} {
		a.logged(`"msg":"address"`, `"op":"+"`, vip)
	}
	b := w.start("b", routers(router("SAME", 1, 100, "10.77.0.101/24"), router("OTHER", 2, 100, "10.77.0.102/24", "10.77.0.103/24")), "")
	b.logged(`"msg":"ready"`)

	// Lower than the other node, one address less and one more, another name, another line of the file.
	other = router("RENAMED", 2, 90, "10.77.0.102/24", "10.77.0.105/24")
	other.NoPreempt = true
	same.Origin.Line = 99
	// An owner is master at once: the other node takes over from RENAMED after its time, 3.6 s.
	owner := router("NEW", 4, 255, "10.77.0.106/24")
	owner.InitialState = plan.StateMaster
	monitor := w.monitor("a")
	r := a.reload(routers(owner, other, same))
	want := control.Reload{Outcome: control.ReloadDone, Instances: control.Changed{Unchanged: 1, Changed: 1, Added: 1, Removed: 1}}
	if d := cmp.Diff(want, r); d != "" {
		t.Error(d)
	}
	a.logged(`"msg":"address"`, `"op":"+"`, "10.77.0.106/24")
	state := w.State("a")
	for vip, there := range map[string]bool{
		"10.77.0.101/24": true, "10.77.0.102/24": true, "10.77.0.103/24": false, "10.77.0.104/24": false,
		"10.77.0.105/24": true, "10.77.0.106/24": true,
	} {
		if strings.Contains(state, vip) != there {
			t.Errorf("%s there: %v\n%s", vip, !there, state)
		}
	}
	changes := w.behind("a", monitor)
	for _, vip := range []string{"10.77.0.101/24", "10.77.0.102/24"} {
		if strings.Contains(changes, vip) {
			t.Errorf("the kernel was asked to change %s:\n%s", vip, changes)
		}
	}
	for name, n := range map[string]int{"SAME": 2, "OTHER": 2, "RENAMED": 0, "GONE": 3, "NEW": 1} {
		if got := transitions(a, name); got != n {
			t.Errorf("%s: %d transitions, want %d", name, got, n)
		}
	}
	if n := transitions(b, "SAME") + transitions(b, "OTHER"); n != 2 { // INIT → BACKUP of each
		t.Errorf("%d transitions of the peer", n)
	}
	if code := a.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	if got := w.State("a"); got != before {
		t.Errorf("after the stop\n%s\nbefore\n%s", got, before)
	}
}

// transitions counts those of an instance.
func transitions(k *karun, name string) int {
	return strings.Count(k.text(), fmt.Sprintf(`"msg":"transition","instance":%q`, name))
}

// TestReloadRefused: whatever is wrong with the new plan, the old one goes on, and it is said why.
func TestReloadRefused(t *testing.T) {
	w := newWire(t)
	k := w.start("a", testPlan(200), "")
	k.logged(`"msg":"address"`, `"op":"+"`, vip)
	missing := testPlan(200)
	missing.Instances[0].Interface = "eth9"
	missing.Needs[0].Name = "eth9"
	r := k.reload(missing)
	if r.Outcome != control.ReloadRefused || len(r.Reasons) != 1 || !strings.Contains(r.Reasons[0], `interface "eth9" does not exist`) {
		t.Errorf("%+v", r)
	}
	if err := os.WriteFile(k.file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(k.pids()[0], syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	k.logged(`"level":"ERROR"`, `"msg":"reload"`, `"outcome":"failed"`)
	if !strings.Contains(w.State("a"), vip) || transitions(k, "VI_1") != 2 {
		t.Errorf("the old plan does not go on:\n%s", w.State("a"))
	}
	if r := k.reload(testPlan(200)); r.Outcome != control.ReloadDone || r.Instances != (control.Changed{Unchanged: 1}) {
		t.Errorf("%+v", r)
	}
	k.stop()
}

// TestReloadKeepsWhatWasThere: an address of the new plan that somebody else added before stays his.
func TestReloadKeepsWhatWasThere(t *testing.T) {
	w := newWire(t)
	k := w.start("a", routers(router("A", 1, 200, "10.77.0.101/24")), "")
	k.logged(`"msg":"address"`, `"op":"+"`, "10.77.0.101/24")
	w.In("a", "ip", "addr", "add", "10.77.0.102/24", "dev", "eth0")
	if r := k.reload(routers(router("A", 1, 200, "10.77.0.101/24", "10.77.0.102/24", "10.77.0.103/24"))); r.Outcome != control.ReloadDone {
		t.Errorf("%+v", r)
	}
	k.logged(`"msg":"address"`, `"op":"+"`, "10.77.0.103/24")
	k.stop()
	if got := w.State("a"); !strings.Contains(got, "10.77.0.102/24") || strings.Contains(got, "10.77.0.101") || strings.Contains(got, "10.77.0.103") {
		t.Errorf("after the stop\n%s", got)
	}
}

// TestReloadMovesAddress: an address that moves from one master to another one never goes.
func TestReloadMovesAddress(t *testing.T) {
	w := newWire(t)
	k := w.start("a", routers(router("A", 1, 200, "10.77.0.101/24", "10.77.0.103/24"), router("B", 2, 200, "10.77.0.102/24")), "")
	k.logged(`"msg":"address"`, `"op":"+"`, "10.77.0.103/24")
	k.logged(`"msg":"address"`, `"op":"+"`, "10.77.0.102/24")
	monitor := w.monitor("a")
	k.reload(routers(router("A", 1, 200, "10.77.0.101/24"), router("B", 2, 200, "10.77.0.102/24", "10.77.0.103/24")))
	if got := w.behind("a", monitor); got != "" {
		t.Errorf("the kernel was asked to change\n%s", got)
	}
	k.stop()
	if got := w.State("a"); strings.Contains(got, "10.77.0.10") {
		t.Errorf("after the stop\n%s", got)
	}
}

// TestReloadScripts: a script that is the same runs on with what is known of it, another one of its name
// begins anew.
func TestReloadScripts(t *testing.T) {
	w := newWire(t)
	dir := t.TempDir()
	fails := writeScript(t, dir, "fails", "exit 1")
	works := writeScript(t, dir, "works", "exit 0")
	make1 := func(program string, interval time.Duration, weight int) *plan.Plan {
		p := testPlan(100)
		p.Scripts = []plan.Script{{Name: "chk", Command: plan.Command{Argv: []string{program}}, Interval: interval, Timeout: time.Second, Rise: 1, Fall: 1}}
		p.Instances[0].TrackScripts = []plan.TrackScript{{Script: "chk", Weight: weight}}
		return p
	}
	k := w.start("a", make1(fails, time.Hour, -10), filepath.Join(dir, "run"))
	k.logged(`"msg":"priority"`, `"from":100,"to":90`)
	// Another weight and interval: what is known counts at once, the script runs again by itself.
	k.reload(make1(fails, time.Hour-time.Second, -20))
	k.logged(`"msg":"priority"`, `"from":90,"to":80`, `"cause":"reload"`)
	until(t, "a second run", func() bool {
		st, err := control.Get(t.Context(), k.runDir)
		return err == nil && len(st.Scripts) == 1 && st.Scripts[0].Runs == 2
	})
	k.reload(make1(works, time.Hour, -20))
	k.logged(`"msg":"priority"`, `"from":80,"to":100`)
	k.reload(testPlan(100))
	st, err := control.Get(t.Context(), k.runDir)
	if err != nil || len(st.Scripts) != 0 {
		t.Errorf("%+v, %v", st.Scripts, err)
	}
	k.stop()
}

// TestReloadManyMasters: of 250 masters one gets another address. The kernel is asked for one change, and
// the peer sees no change of state.
func TestReloadManyMasters(t *testing.T) {
	const n = 250
	w := newWire(t)
	make250 := func(priority uint8, last string) *plan.Plan {
		var list []plan.Instance
		for i := range n {
			in := router(fmt.Sprintf("VI_%d", i+1), uint8(i+1), priority, fmt.Sprintf("10.77.1.%d/16", i+1))
			if i == 99 && last != "" {
				in.VIPs = append(in.VIPs, plan.Address{Prefix: netip.MustParsePrefix(last), Interface: "eth0"})
			}
			list = append(list, in)
		}
		return routers(list...)
	}
	a := w.start("a", make250(200, ""), "")
	until(t, "250 masters", func() bool { return strings.Count(w.State("a"), "10.77.1.") >= 2*n }) // and their routes
	b := w.start("b", make250(100, ""), "")
	b.logged(`"msg":"ready"`)
	monitor := w.monitor("a")
	r := a.reload(make250(200, "10.77.2.1/32"))
	if want := (control.Changed{Unchanged: n - 1, Changed: 1}); r.Instances != want || r.Outcome != control.ReloadDone {
		t.Errorf("%+v", r)
	}
	a.logged(`"msg":"address"`, `"op":"+"`, "10.77.2.1/32")
	changes := w.behind("a", monitor)
	if strings.Count(changes, "\n") != 1 || !strings.Contains(changes, "10.77.2.1/32") {
		t.Errorf("the kernel was asked for\n%s", changes)
	}
	// From here to the deaths of all masters by silence is more than three seconds.
	if down := strings.Count(b.text(), `"msg":"transition"`); down != n {
		t.Errorf("the peer has %d transitions, want INIT → BACKUP of each instance", down)
	}
	a.stop()
	b.stop()
}

// TestReloadManyAddresses: one of 2000 further addresses of a master is another one.
func TestReloadManyAddresses(t *testing.T) {
	const n = 2000
	w := newWire(t)
	make2000 := func(priority uint8, last string) *plan.Plan {
		in := router("VI_1", 1, priority, vip)
		in.Version, in.AdvertInterval, in.DownTimerAdverts = 3, 10*time.Millisecond, 100 // a loaded machine may be late
		for i := range n - 1 {
			in.Excluded = append(in.Excluded, plan.Address{Prefix: netip.MustParsePrefix(fmt.Sprintf("10.88.%d.%d/32", i/250, i%250+1)), Interface: "eth0"})
		}
		in.Excluded = append(in.Excluded, plan.Address{Prefix: netip.MustParsePrefix(last), Interface: "eth0"})
		return routers(in)
	}
	a := w.start("a", make2000(200, "10.89.0.1/32"), "")
	a.logged(`"msg":"address"`, `"op":"+"`, "10.89.0.1/32")
	b := w.start("b", make2000(100, "10.89.0.1/32"), "")
	b.logged(`"to":"BACKUP"`)
	monitor := w.monitor("a")
	a.reload(make2000(200, "10.89.0.2/32"))
	a.logged(`"msg":"address"`, `"op":"+"`, "10.89.0.2/32")
	changes := w.behind("a", monitor)
	if strings.Count(changes, "\n") != 2 || !strings.Contains(changes, "10.89.0.1/32") || !strings.Contains(changes, "10.89.0.2/32") {
		t.Errorf("the kernel was asked for\n%.2000s", changes)
	}
	if transitions(a, "VI_1") != 2 || transitions(b, "VI_1") != 1 {
		t.Errorf("%d transitions of the master, %d of the backup", transitions(a, "VI_1"), transitions(b, "VI_1"))
	}
	a.stop()
	b.stop()
}
