//go:build linux

package director

import (
	"fmt"
	"os/exec"
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

// batch runs many commands of ip(8) at once.
func (w *wire) batch(host, commands string) {
	w.T.Helper()
	cmd := exec.Command("ip", "-n", w.Namespace(host), "-batch", "-")
	cmd.Stdin = strings.NewReader(commands)
	if out, err := cmd.CombinedOutput(); err != nil {
		w.T.Fatalf("ip -batch: %v\n%.2000s", err, out)
	}
}
