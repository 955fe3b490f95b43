//go:build linux

package director

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ka/compiler/plan"
	"ka/runtime/control"

	"ka/runtime/vrrp"
)

// TestRepairPause: what is removed again and again stays away for longer and longer, up to a bound, and a
// calm minute forgives.
func TestRepairPause(t *testing.T) {
	var r repairs
	now := vrrp.Instant(time.Hour)
	pause := r.next(now)
	if pause != repairPause {
		t.Errorf("the first is %s", pause)
	}
	for range 20 {
		now = now.Add(pause)
		next := r.next(now)
		if next != min(2*pause, longestRepairPause) {
			t.Fatalf("%s behind %s", next, pause)
		}
		pause = next
	}
	if pause != longestRepairPause {
		t.Errorf("the longest is %s", pause)
	}
	if pause = r.next(now.Add(2 * repairCalm)); pause != repairPause {
		t.Errorf("after a calm minute it is %s", pause)
	}
}

func status(k *karun) (st control.Status) {
	k.t.Helper()
	until(k.t, "a status", func() (ok bool) {
		var err error
		st, err = control.Get(k.t.Context(), k.runDir)
		return err == nil
	})
	return st
}

// TestRepairLoop: a loop that removes the address all the time is outlived, not joined: mastership stays,
// and the pauses grow.
func TestRepairLoop(t *testing.T) {
	w := newWire(t)
	k := w.start("a", testPlan(254), "")
	k.logged(`"msg":"address"`, `"op":"+"`, vip)
	for range 8 {
		until(t, "the address", func() bool { return strings.Contains(w.State("a"), vip) })
		w.In("a", "ip", "addr", "del", vip, "dev", "eth0")
	}
	until(t, "the address", func() bool { return strings.Contains(w.State("a"), vip) })
	k.logged("put back", vip, `"after":"640ms"`)
	st := status(k)
	if got := st.Instances[0]; got.PutBack != 8 || got.State != plan.StateMaster.String() {
		t.Errorf("%+v", got)
	}
	if n := transitions(k, "VI_1"); n != 2 {
		t.Errorf("%d transitions", n)
	}
	k.stop()
}

// TestRepairLostEvents: the kernel drops events when nobody takes them; what they hid is found, and put
// back.
func TestRepairLostEvents(t *testing.T) {
	w := newWire(t)
	k := w.start("a", richPlan(254), "")
	k.logged(`"msg":"route"`, `"op":"+"`, "10.99.2.0/24")
	lists := status(k).Kernel.Lists
	child := k.pids()[1]
	if err := syscall.Kill(child, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	var batch strings.Builder
	for i := range 4000 { // more than the socket's buffer holds
		fmt.Fprintf(&batch, "address add 10.200.%d.%d/32 dev lo\n", i/250, i%250+1)
	}
	w.batch("a", batch.String())
	w.In("a", "ip", "addr", "del", vip, "dev", "eth0")
	w.In("a", "ip", "route", "del", "10.99.1.0/24")
	w.batch("a", strings.ReplaceAll(batch.String(), "address add", "address del"))
	if err := syscall.Kill(child, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	k.logged("put back", vip)
	k.logged("put back", "10.99.1.0/24")
	until(t, "all objects", func() bool { return count(w.State("a"), ours) == len(ours) })
	st := status(k)
	if st.Kernel.Lists == lists {
		t.Error("no event was lost: the test shows nothing")
	}
	if st.Kernel.PutBack != 1 || st.Instances[0].PutBack < 1 {
		t.Errorf("put back: %d static, %d of the instance", st.Kernel.PutBack, st.Instances[0].PutBack)
	}
	k.stop()
}

// TestRoutesThatTheKernelPutsTogether: the next hops of all IPv6 routes to one destination are one route for the kernel.
// None of ours is taken for missing, and all are removed, also by a cleanup.
func TestRoutesThatTheKernelPutsTogether(t *testing.T) {
	w := newWire(t)
	w.In("a", "ip", "addr", "add", "2001:db8:77::1/64", "dev", "eth0", "nodad")
	w.In("a", "ip", "link", "add", "x0", "type", "veth", "peer", "name", "x1")
	runDir := filepath.Join(t.TempDir(), "run")
	k := w.start("a", compiled(t, `static_routes {
    2001:db8:55::/64 nexthop via 2001:db8:77::2 nexthop via 2001:db8:77::3
    2001:db8:55::/64 via 2001:db8:77::4
}
`), runDir)
	k.logged(`"msg":"ready"`)
	before := status(k).Kernel
	w.In("a", "ip", "link", "set", "x0", "name", "x2") // all is listed anew
	until(t, "another list", func() bool { return status(k).Kernel.Lists > before.Lists })
	w.In("a", "ip", "route", "del", "2001:db8:55::/64", "via", "2001:db8:77::3")
	k.logged("put back", "2001:db8:55::/64", "nexthop")
	routes := func() string { return w.In("a", "ip", "-6", "route", "show", "2001:db8:55::/64") }
	until(t, "all next hops", func() bool { return strings.Count(routes(), "via 2001:db8:77::") == 3 })
	if got := status(k).Kernel.PutBack; got != 1 {
		t.Errorf("%d routes were put back, want 1", got)
	}
	k.kill()
	w.cleanup("a", runDir)
	if got := routes(); got != "" {
		t.Errorf("left:\n%s", got)
	}
}

// batch runs many commands of ip(8) at once.
func (w *wire) batch(host, commands string) {
	w.T.Helper()
	cmd := exec.Command("ip", "-n", w.Namespace(host), "-batch", "-")
	cmd.Stdin = strings.NewReader(commands)
	if out, err := cmd.CombinedOutput(); err != nil {
		w.T.Fatalf("ip -batch: %v\n%.2000s", err, out)
	}
}

// silentlyDropped has routes that the kernel drops, or changes, without telling anybody.
const silentlyDropped = `
static_ipaddress {
    10.77.1.50/24 dev eth1
}
static_routes {
    10.99.1.0/24 nexthop via 10.77.1.8 nexthop via 10.77.1.9
    10.99.2.0/24 via 10.77.1.9
    10.99.3.0/24 nexthop via 10.77.1.8 nexthop via 10.77.0.2
}
vrrp_instance V {
    interface eth0
    virtual_router_id 51
    priority 255
    virtual_ipaddress {
        10.77.0.100/24
    }
    virtual_ipaddress_excluded {
        2001:db8:77::100/64
    }
    virtual_routes {
        10.99.4.0/24 via 10.77.0.2 src 10.77.0.100
        2001:db8:99::/64 via 2001:db8:77::2 src 2001:db8:77::100
        2001:db8:98::/64 nexthop via 2001:db8:77::2 dev eth0 nexthop via 2001:db8:77::3 dev eth0 weight 3
    }
}
`

// TestRepairSilent: routes go without a word with the last of their interfaces that is switched off, and with
// their source address; a route over IPv6 loses the latter only.
func TestRepairSilent(t *testing.T) {
	w := newWire(t)
	w.In("a", "ip", "link", "add", "eth1", "type", "veth", "peer", "name", "other")
	w.In("a", "ip", "link", "set", "eth1", "up")
	w.In("a", "ip", "link", "set", "other", "up")
	k := w.start("a", compiled(t, silentlyDropped), "")
	k.logged(`"msg":"route"`, "2001:db8:98::/64")
	routes := func() string {
		return w.In("a", "ip", "-4", "route", "show", "proto", "18") + w.In("a", "ip", "-6", "route", "show", "proto", "18")
	}
	before := routes()
	for _, c := range []struct {
		name     string
		putBack  string
		commands []string
	}{
		{"an interface is switched off and on", "10.99.1.0/24", []string{"link set eth1 down", "link set eth1 up"}},
		{"the last address of an interface goes", "10.99.1.0/24", []string{"addr flush dev eth1"}},
		{"the address of a route goes", "10.99.4.0/24", []string{"addr del 10.77.0.100/24 dev eth0"}},
		{"a next hop goes", "2001:db8:98::/64", []string{"route del 2001:db8:98::/64 via 2001:db8:77::2 dev eth0"}},
		{"an IPv6 route is flushed", "2001:db8:98::/64", []string{"-6 route flush 2001:db8:98::/64"}},
		{"the IPv6 address of a route goes", "2001:db8:99::/64", []string{"addr del 2001:db8:77::100/64 dev eth0"}},
	} {
		for _, command := range c.commands {
			w.In("a", append([]string{"ip"}, strings.Fields(command)...)...)
		}
		k.logged("put back", c.putBack)
		until(t, c.name+": the routes are as before", func() bool { return routes() == before })
	}
	if k.has("put back", "10.99.3.0/24") {
		t.Error("a route that had a next hop left was put back")
	}
	k.stop()
}

// TestRepairLater: a route that could not be added is there as soon as its gateway is reached.
func TestRepairLater(t *testing.T) {
	w := newWire(t)
	k := w.start("a", compiled(t, "static_routes {\n 10.99.1.0/24 via 10.88.0.9\n 2001:db8:99::/64 via 2001:db8:88::9\n}\n"+
		"vrrp_instance V {\n interface eth0\n virtual_router_id 51\n virtual_ipaddress {\n 10.77.0.100\n }\n}\n"), "")
	k.logged(`"msg":"kernel"`, "10.99.1.0/24")
	k.logged(`"msg":"kernel"`, "2001:db8:99::/64")
	for _, a := range []string{"10.88.0.1/24", "2001:db8:88::1/64"} {
		w.In("a", "ip", "addr", "add", a, "dev", "eth0")
	}
	k.logged("put back", "10.99.1.0/24")
	k.logged("put back", "2001:db8:99::/64")
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}

// TestSharedObjectsStay: what two instances have on one host stays while one of them is master.
func TestSharedObjectsStay(t *testing.T) {
	const two = `
vrrp_instance A {
    interface eth0
    virtual_router_id 51
    priority PRIORITY
    virtual_ipaddress {
        10.77.0.100/24
    }
    OWN
}
`
	const shared = `
    virtual_ipaddress_excluded {
        10.77.0.101/32
    }
    virtual_routes {
        10.99.4.0/24 via 10.77.0.2
    }
`
	w := newWire(t)
	one := strings.NewReplacer("PRIORITY", "150", "OWN", shared).Replace(two)
	other := strings.NewReplacer("instance A", "instance B", "id 51", "id 52", "0.100", "0.102").Replace(one)
	a := w.start("a", compiled(t, one+other), "")
	a.logged(`"msg":"address"`, `"op":"+"`, "10.77.0.102/24")
	a.logged(`"msg":"address"`, `"op":"+"`, vip)
	b := w.start("b", compiled(t, strings.NewReplacer("PRIORITY", "200", "OWN", "").Replace(two)), "")
	a.logged(`"msg":"address"`, `"op":"-"`, vip)
	b.stop()
	a.logged(`"msg":"transition"`, `"instance":"A"`, `"from":"MASTER"`)
	until(t, "A is master again", func() bool { return strings.Count(a.text(), `"to":"MASTER"`) == 3 })
	for _, line := range []string{"10.77.0.101/32", "10.99.4.0/24"} {
		if a.has(`"op":"-"`, line) || a.has("put back", line) {
			t.Errorf("%s went while another instance had it", line)
		}
	}
	if code := a.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	if state := w.State("a"); strings.Contains(state, "10.77.0.101") || strings.Contains(state, "10.99.4.0") {
		t.Errorf("left:\n%s", state)
	}
}
