//go:build linux

package director

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ka/compiler/plan"
	"ka/runtime/control"
	"ka/runtime/lab/need"
)

// richPlan adds to testPlan what may be left behind: a static address and route, an excluded address
// and a virtual route.
func richPlan(priority uint8) *plan.Plan {
	p := testPlan(priority)
	route := func(dst, via string) plan.Route {
		return plan.Route{Destination: netip.MustParsePrefix(dst), Gateway: netip.MustParseAddr(via), Interface: "eth0", Table: 254}
	}
	p.StaticAddresses = []plan.Address{{Prefix: netip.MustParsePrefix("10.77.0.50/24"), Interface: "eth0"}}
	// This one names no interface, as most people write it.
	noDevice := route("10.99.1.0/24", "10.77.0.2")
	noDevice.Interface = ""
	p.StaticRoutes = []plan.Route{noDevice}
	p.Instances[0].Excluded = []plan.Address{{Prefix: netip.MustParsePrefix("10.77.0.101/32"), Interface: "eth0"}}
	p.Instances[0].Routes = []plan.Route{route("10.99.2.0/24", "10.77.0.2")}
	return p
}

// ours are the words of richPlan's objects as ip prints them.
var ours = []string{"10.77.0.50/24", vip, "10.77.0.101/32", "10.99.1.0/24", "10.99.2.0/24"}

func count(state string, words []string) int {
	n := 0
	for _, w := range words {
		if strings.Contains(state, w) {
			n++
		}
	}
	return n
}

func TestKilled(t *testing.T) {
	for _, tt := range []struct {
		name string
		// until is the record that the kill follows at once.
		until []string
		left  int
	}{
		{"as BACKUP", []string{`"to":"BACKUP"`}, -1},
		{"while becoming MASTER", []string{`"to":"MASTER"`}, -1},
		{"as MASTER", []string{`"msg":"route"`, "10.99.2.0/24"}, len(ours)},
	} {
		for _, after := range []string{"cleanup", "start"} {
			t.Run(tt.name+" then "+after, func(t *testing.T) {
				w := newWire(t)
				// These were there before, and one address and one route are the plan's too.
				w.In("a", "ip", "addr", "add", "10.77.0.60/24", "dev", "eth0")
				w.In("a", "ip", "route", "add", "10.98.0.0/24", "via", "10.77.0.2")
				before := w.State("a")
				runDir := filepath.Join(t.TempDir(), "run")
				k := w.start("a", richPlan(254), runDir)
				k.logged(tt.until...)
				k.kill()
				if got := count(w.State("a"), ours); tt.left >= 0 && got != tt.left {
					t.Errorf("%d objects are left, want %d:\n%s", got, tt.left, w.State("a"))
				}
				if strings.Contains(k.text(), `"to":"STOP"`) {
					t.Error("it left in order instead of dying")
				}
				if after == "cleanup" {
					w.cleanup("a", runDir)
				} else {
					k = w.start("a", richPlan(254), runDir)
					k.logged(`"msg":"route"`, `"op":"+"`, "10.99.2.0/24")
					if got := count(w.State("a"), ours); got != len(ours) {
						t.Errorf("as MASTER again %d objects of %d:\n%s", got, len(ours), w.State("a"))
					}
					if code := k.stop(); code != 0 {
						t.Errorf("exit status %d", code)
					}
				}
				if got := w.State("a"); got != before {
					t.Errorf("at the end\n%s\nbefore\n%s", got, before)
				}
				for _, name := range []string{journalName, control.SocketName} {
					if _, err := os.Stat(filepath.Join(runDir, name)); err == nil {
						t.Errorf("%s is still there", name)
					}
				}
			})
		}
	}
}

// TestKeptOverTwoCrashes: an address and a route of the plan that were there before stay, whatever
// happens in between, and what karun added itself is never taken for such.
func TestKeptOverTwoCrashes(t *testing.T) {
	w := newWire(t)
	w.In("a", "ip", "addr", "add", "10.77.0.50/24", "dev", "eth0")
	w.In("a", "ip", "route", "add", "10.99.1.0/24", "via", "10.77.0.2")
	before := w.State("a")
	runDir := filepath.Join(t.TempDir(), "run")
	for range 2 {
		k := w.start("a", richPlan(254), runDir)
		k.logged(`"msg":"kept"`, "10.77.0.50/24")
		k.logged(`"msg":"kept"`, "10.99.1.0/24")
		k.logged(`"msg":"route"`, `"op":"+"`, "10.99.2.0/24")
		k.kill()
		if got := count(w.State("a"), ours); got != len(ours) {
			t.Errorf("%d objects are left, want %d", got, len(ours))
		}
	}
	w.cleanup("a", runDir)
	if got := w.State("a"); got != before {
		t.Errorf("after the cleanup\n%s\nbefore\n%s", got, before)
	}
}

// TestForeignRouteStays: what an administrator adds while the journal names it and karun does not have it
// is the administrator's, at the stop and at a cleanup. It was removed once.
func TestForeignRouteStays(t *testing.T) {
	for _, end := range []string{"stop", "cleanup"} {
		t.Run(end, func(t *testing.T) {
			w := newWire(t)
			runDir := filepath.Join(t.TempDir(), "run")
			k := w.start("a", richPlan(254), runDir)
			k.logged(`"to":"BACKUP"`)
			w.In("a", "ip", "route", "add", "10.99.2.0/24", "via", "10.77.0.2", "dev", "eth0", "proto", "static")
			if end == "stop" {
				k.stop()
			} else {
				k.kill()
				w.cleanup("a", runDir)
			}
			if got := w.State("a"); !strings.Contains(got, "10.99.2.0/24 via 10.77.0.2 dev eth0 proto static") {
				t.Errorf("the administrator's route is gone:\n%s", got)
			}
		})
	}
}

// TestChildDies: the vrrp process is started again, and its addresses do not stay while it is away.
func TestChildDies(t *testing.T) {
	w := newWire(t)
	before := w.State("a")
	k := w.start("a", richPlan(254), "")
	k.logged(`"msg":"route"`, `"op":"+"`, "10.99.2.0/24")
	pids := k.pids()
	if len(pids) != 2 {
		t.Fatalf("processes %v", pids)
	}
	killPID(t, pids[1])
	k.logged(`"msg":"process died"`, "vrrp")
	k.logged(`"msg":"removed"`, vip, "the vrrp process died")
	until(t, "a second time master", func() bool { return strings.Count(k.text(), `"to":"MASTER"`) == 2 })
	until(t, "all objects", func() bool { return count(w.State("a"), ours) == len(ours) })
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	if got := w.State("a"); got != before {
		t.Errorf("after the stop\n%s\nbefore\n%s", got, before)
	}
}

// TestSupervisorDies: the vrrp process leaves in order, so that no two nodes have the addresses; the next
// start finds nothing to tidy up.
func TestSupervisorDies(t *testing.T) {
	w := newWire(t)
	before := w.State("a")
	k := w.start("a", richPlan(254), "")
	k.logged(`"msg":"route"`, `"op":"+"`, "10.99.2.0/24")
	other := w.start("b", testPlan(100), "")
	other.logged(`"to":"BACKUP"`)
	pids := k.pids()
	killPID(t, pids[0])
	other.logged(`"to":"MASTER"`, "10.77.0.1 has given up (priority 0)")
	until(t, "the end of the vrrp process", func() bool { return syscall.Kill(pids[1], 0) != nil })
	if got := w.State("a"); got != before {
		t.Errorf("without its supervisor\n%s\nbefore\n%s", got, before)
	}
	again := w.start("a", richPlan(254), k.runDir)
	again.logged(`"msg":"ready"`)
	if again.has(`"msg":"removed"`) {
		t.Error("something was left")
	}
	if code := again.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	if got := w.State("a"); got != before {
		t.Errorf("after the stop\n%s\nbefore\n%s", got, before)
	}
}

// TestSupervisorDiesKeeping: with --keep everything stays.
func TestSupervisorDiesKeeping(t *testing.T) {
	w := newWire(t)
	k := w.start("a", richPlan(254), "", "keep")
	k.logged(`"msg":"route"`, `"op":"+"`, "10.99.2.0/24")
	pids := k.pids()
	killPID(t, pids[0])
	until(t, "the end of the vrrp process", func() bool { return syscall.Kill(pids[1], 0) != nil })
	if got := count(w.State("a"), ours); got != len(ours) {
		t.Errorf("%d objects are left, want %d", got, len(ours))
	}
}

// TestSupervisorIsStopped: a supervisor that does nothing holds no advert up, and finds out later what was
// lost meanwhile.
func TestSupervisorIsStopped(t *testing.T) {
	need.Program(t, "tcpdump")
	w := newWire(t)
	k := w.start("a", testPlan(255), "")
	k.logged(`"to":"MASTER"`)
	other := w.start("b", testPlan(100), "")
	other.logged(`"to":"BACKUP"`)
	if err := syscall.Kill(k.pids()[0], syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	w.In("b", "tcpdump", "-n", "-i", "eth0", "-c", "5", "-Q", "in", "ip proto 112 and src 10.77.0.1")
	if other.has(`"to":"MASTER"`) {
		t.Error("the backup took over")
	}
	// What happens meanwhile is told afterwards.
	w.In("a", "ip", "link", "set", "eth0", "down")
	other.logged(`"to":"MASTER"`)
	if err := syscall.Kill(k.pids()[0], syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	k.logged(`"to":"FAULT"`)
	k.stop()
}

// TestPutBack: what somebody else removes comes back, and the master stays master.
func TestPutBack(t *testing.T) {
	w := newWire(t)
	k := w.start("a", richPlan(254), "")
	k.logged(`"msg":"route"`, `"op":"+"`, "10.99.2.0/24")
	w.In("a", "ip", "addr", "del", vip, "dev", "eth0")
	w.In("a", "ip", "route", "del", "10.99.1.0/24")
	k.logged("put back", vip)
	k.logged("put back", "10.99.1.0/24")
	until(t, "all objects", func() bool { return count(w.State("a"), ours) == len(ours) })
	if n := strings.Count(k.text(), `"msg":"transition"`); n != 2 {
		t.Errorf("%d transitions, want INIT → BACKUP → MASTER only", n)
	}
	k.stop()
}

// TestInterfaceComesBack: a fault while the interface is away, made anew or not, and everything as
// before when it is there again, the static route included.
func TestInterfaceComesBack(t *testing.T) {
	w := newWire(t)
	k := w.start("a", richPlan(254), "")
	k.logged(`"msg":"route"`, `"op":"+"`, "10.99.2.0/24")
	masters := func() int { return strings.Count(k.text(), `"to":"MASTER"`) }
	w.In("a", "ip", "link", "set", "eth0", "down")
	k.logged(`"to":"FAULT"`, "interface eth0 is down")
	w.In("a", "ip", "link", "set", "eth0", "up")
	until(t, "master again", func() bool { return masters() == 2 })
	until(t, "all objects", func() bool { return count(w.State("a"), ours) == len(ours) })

	w.In("a", "ip", "link", "del", "eth0")
	until(t, "a second fault", func() bool { return strings.Count(k.text(), `"to":"FAULT"`) == 2 })
	w.In("br", "ip", "link", "add", "pa", "type", "veth", "peer", "name", "eth0", "netns", w.Namespace("a"))
	w.In("br", "ip", "link", "set", "pa", "master", "br0", "up")
	w.In("a", "ip", "link", "set", "eth0", "up")
	w.In("a", "ip", "addr", "add", "10.77.0.1/24", "dev", "eth0")
	until(t, "master once more", func() bool { return masters() == 3 })
	until(t, "all objects", func() bool { return count(w.State("a"), ours) == len(ours) })
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	if got := count(w.State("a"), ours); got != 0 {
		t.Errorf("%d objects are left", got)
	}
}

// TestKeep: --keep leaves everything, for the next start to find.
func TestKeep(t *testing.T) {
	w := newWire(t)
	before := w.State("a")
	runDir := filepath.Join(t.TempDir(), "run")
	k := w.start("a", richPlan(254), runDir, "keep")
	k.logged(`"msg":"route"`, `"op":"+"`, "10.99.2.0/24")
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	if got := count(w.State("a"), ours); got != len(ours) {
		t.Errorf("%d objects are left, want %d", got, len(ours))
	}
	w.cleanup("a", runDir)
	if got := w.State("a"); got != before {
		t.Errorf("after the cleanup\n%s\nbefore\n%s", got, before)
	}
}
