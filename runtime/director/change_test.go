//go:build linux

package director

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ka/compiler/plan"
	"ka/runtime/control"
	"ka/runtime/lab/need"
)

// cut takes the interface of a host away, plug gives it another one of the same name.
func (w *wire) cut(host string) { w.In(host, "ip", "link", "del", "eth0") }

func (w *wire) plug(host, address string) {
	w.In("br", "ip", "link", "add", "p"+host, "type", "veth", "peer", "name", "eth0", "netns", w.Namespace(host))
	w.In("br", "ip", "link", "set", "p"+host, "master", "br0", "up")
	w.In(host, "ip", "link", "set", "eth0", "up")
	w.In(host, "ip", "addr", "add", address, "dev", "eth0")
}

// dynamic is a plan of one VMAC instance whose interface may be missing.
func dynamic(name string, vrid uint8, vip string) *plan.Plan {
	p := routers(silentOnVMAC(name, vrid, vip))
	p.Global.VRRP = &plan.VRRPGlobal{DynamicInterfaces: true}
	return p
}

// TestBaseComesBack: an interface that is made anew gets its VMAC and its settings again, also where it was
// missing at the start, and a stop leaves nothing.
func TestBaseComesBack(t *testing.T) {
	need.Program(t, "nft")
	need.Program(t, "sysctl")
	w := newWire(t)
	w.cut("a")
	before := w.everything("a")
	a := w.start("a", dynamic("X", 7, "10.77.0.101/24"), "")
	a.logged(`"msg":"ready"`)
	for range 2 {
		w.plug("a", "10.77.0.1/24")
		until(t, "the address", func() bool { return strings.Contains(w.In("a", "ip", "-br", "addr"), "10.77.0.101/24") })
		if got := w.In("a", "sysctl", "-n", "net.ipv4.conf.eth0.arp_ignore", "net.ipv4.conf.eth0.arp_filter"); got != "1\n1\n" {
			t.Errorf("arp_ignore, arp_filter: %q", got)
		}
		w.cut("a")
		until(t, "FAULT", func() bool { return status(a).Instances[0].State == plan.StateFault.String() })
	}
	if code := a.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	if d := cmp.Diff(before, w.everything("a")); d != "" {
		t.Errorf("before (-), at the end (+):\n%s", d)
	}
}

// TestRename: an interface of another name is not the one that was configured, and is again when it is named back.
func TestRename(t *testing.T) {
	w := newWire(t)
	a := w.start("a", compiled(t, "global_defs {\n dynamic_interfaces\n}\nvrrp_instance V {\n interface eth0\n virtual_router_id 51\n priority 254\n"+
		" virtual_ipaddress {\n 10.77.0.100/24\n }\n virtual_routes {\n 10.99.0.0/24 via 10.77.0.2 dev eth0\n }\n}\n"), "")
	a.logged(`"msg":"route"`, "10.99.0.0/24")
	name := func(from, to string) {
		if _, err := exec.Command("ip", "-n", w.Namespace("a"), "link", "set", from, "name", to).CombinedOutput(); err == nil {
			return // newer kernels let it be up
		}
		w.In("a", "ip", "link", "set", from, "down")
		w.In("a", "ip", "link", "set", from, "name", to)
		w.In("a", "ip", "link", "set", to, "up")
	}
	name("eth0", "other0")
	a.logged(`"to":"FAULT"`)
	until(t, "nothing of it is left on the other one", func() bool {
		state := w.State("a")
		return !strings.Contains(state, vip) && !strings.Contains(state, "10.99.0.0/24")
	})
	// Another one of the old name: only that counts.
	w.In("br", "ip", "link", "add", "pc", "type", "veth", "peer", "name", "eth0", "netns", w.Namespace("a"))
	w.In("br", "ip", "link", "set", "pc", "master", "br0", "up")
	w.In("a", "ip", "link", "set", "eth0", "up")
	w.In("a", "ip", "addr", "add", "10.77.0.3/24", "dev", "eth0")
	until(t, "the address", func() bool { return strings.Contains(w.In("a", "ip", "-br", "addr", "show", "eth0"), vip) })
	w.In("a", "ip", "link", "del", "eth0")
	until(t, "FAULT", func() bool { return status(a).Instances[0].State == plan.StateFault.String() })
	name("other0", "eth0")
	until(t, "the address", func() bool { return strings.Contains(w.In("a", "ip", "-br", "addr", "show", "eth0"), vip) })
	a.stop()
}

// TestReloadTakenBack: where half of what a new plan wants is made and the rest cannot be, the first half goes
// again, and a stop leaves nothing.
func TestReloadTakenBack(t *testing.T) {
	need.Program(t, "nft")
	need.Program(t, "sysctl")
	w := newWire(t)
	w.In("a", "ip", "link", "add", "vrrp.TWO", "type", "veth", "peer", "name", "peer0")
	until(t, "addresses are no more tentative", func() bool { return !strings.Contains(w.In("a", "ip", "-6", "addr"), "tentative") })
	before := w.everything("a")
	zero := router("ZERO", 3, 254, "10.77.0.103/24")
	a := w.start("a", routers(zero), "")
	a.logged(`"msg":"address"`, `"op":"+"`, "10.77.0.103/24")
	r := a.reload(routers(zero, silentOnVMAC("ONE", 1, "10.77.0.101/24"), silentOnVMAC("TWO", 2, "10.77.0.102/24")))
	if r.Outcome != control.ReloadFailed || !strings.Contains(strings.Join(r.Reasons, "\n"), "vrrp.TWO") {
		t.Errorf("%+v", r)
	}
	if got := w.In("a", "ip", "-br", "link") + w.In("a", "nft", "list", "ruleset"); strings.Contains(got, "vrrp.ONE") || strings.Contains(got, "keepalived") {
		t.Errorf("behind the failed reload:\n%s", got)
	}
	if n := transitions(a, "ZERO"); n != 2 {
		t.Errorf("%d transitions", n)
	}
	if code := a.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	if d := cmp.Diff(before, w.everything("a")); d != "" {
		t.Errorf("before (-), at the end (+):\n%s", d)
	}
}

// TestReloadToNothing: the last instance says priority 0 by its VMAC before that goes, and a reload brings the
// first one back.
func TestReloadToNothing(t *testing.T) {
	w := newWire(t)
	p := routers(silentOnVMAC("X", 7, "10.77.0.101/24"))
	a := w.start("a", p, "")
	a.logged(`"to":"MASTER"`)
	b := w.start("b", routers(router("X", 7, 100, "10.77.0.101/24")), "")
	b.logged(`"to":"BACKUP"`)
	for n := 1; n <= 3; n++ {
		until(t, "an advert", func() bool { return status(b).Instances[0].Master != "" })
		none := routers()
		none.Needs = nil
		if r := a.reload(none); r.Outcome != control.ReloadDone {
			t.Errorf("%+v", r)
		}
		if got := w.In("a", "ip", "-br", "link"); strings.Contains(got, "vrrp.X") {
			t.Errorf("behind the reload:\n%s", got)
		}
		until(t, "the other one", func() bool { return strings.Count(b.text(), "has given up (priority 0)") == n })
		if r := a.reload(p); r.Outcome != control.ReloadDone {
			t.Errorf("%+v", r)
		}
		until(t, "the master", func() bool { return transitionsTo(a, "MASTER") == n+1 })
	}
	a.stop()
	b.stop()
}

func transitionsTo(k *karun, state string) int {
	return strings.Count(k.text(), `"to":"`+state+`"`)
}

// TestReloadElsewhere: a run does not move to another network namespace.
func TestReloadElsewhere(t *testing.T) {
	w := newWire(t)
	k := w.start("a", testPlan(254), "")
	k.logged(`"to":"MASTER"`)
	p := testPlan(254)
	p.Global.Run = &plan.Run{Namespace: w.Namespace("b")}
	if r := k.reload(p); r.Outcome != control.ReloadRefused || !strings.Contains(strings.Join(r.Reasons, "\n"), "net_namespace") {
		t.Errorf("%+v", r)
	}
	k.stop()
}

// TestReloadOfStartDelay: a delay of the start that still runs is that of the new plan; one that is over does
// not begin again.
func TestReloadOfStartDelay(t *testing.T) {
	w := newWire(t)
	p := testPlan(255)
	p.Instances[0].InitialState = plan.StateMaster
	p.Global.VRRP = &plan.VRRPGlobal{StartupDelay: time.Hour}
	k := w.start("a", p, "")
	k.logged(`"msg":"ready"`)
	shorter := *p
	shorter.Global.VRRP = &plan.VRRPGlobal{StartupDelay: time.Second}
	k.reload(&shorter)
	k.logged(`"to":"MASTER"`)
	again := router("NEW", 9, 255, "10.77.0.109/24")
	again.InitialState = plan.StateMaster
	p.Instances = append(p.Instances, again)
	k.reload(p)
	k.logged(`"instance":"NEW"`, `"to":"MASTER"`)
	if n := transitions(k, "VI_1"); n != 1 {
		t.Errorf("%d transitions", n)
	}
	k.stop()
}

// TestLongRunDir: where the control socket cannot be made, what was made before goes again.
func TestLongRunDir(t *testing.T) {
	w := newWire(t)
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 40))
	k := w.start("a", routers(silentOnVMAC("X", 7, "10.77.0.101/24")), dir)
	if code := k.wait(); code != 1 {
		t.Errorf("exit status %d", code)
	}
	if got := w.In("a", "ip", "-br", "link"); strings.Contains(got, "vrrp.X") {
		t.Errorf("left behind:\n%s", got)
	}
	if _, err := os.Stat(filepath.Join(dir, journalName)); err == nil {
		t.Error("the journal is still there")
	}
}
