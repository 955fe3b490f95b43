//go:build linux

package director

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ka/compiler/plan"
)

// TestHooks: startup_script ends before anything begins, shutdown_script begins when everything has gone;
// a script of the file has its umask, and one that fails or hangs changes nothing.
func TestHooks(t *testing.T) {
	w := newWire(t)
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	// The folder of the FIFO is the startup script's to make.
	p := testPlan(255)
	p.Global.FIFOs = &plan.FIFOs{VRRP: &plan.FIFO{Path: filepath.Join(dir, "new", "fifo")}}
	look := `; ip -br addr show dev eth0 | grep -c 10.77.0.100 >> ` + out
	p.Instances[0].InitialState = plan.StateMaster
	p.Instances[0].Notify.Stop = &plan.Command{Argv: []string{writeScript(t, dir, "stop", "umask >> "+out)}}
	p.Global.Startup = &plan.HookScript{Command: plan.Command{Argv: []string{writeScript(t, dir, "startup", "mkdir -m 755 "+filepath.Join(dir, "new")+"; sleep 0.3; echo startup $* >> "+out+look), "a b"}}, Timeout: time.Minute}
	p.Global.Shutdown = &plan.HookScript{Command: plan.Command{Argv: []string{writeScript(t, dir, "shutdown", "echo shutdown >> "+out+look+"; exit 3")}}, Timeout: time.Minute}
	k := w.start("a", p, "")
	k.logged(`"msg":"startup-script"`)
	readFIFO(t, filepath.Join(dir, "new", "fifo"))
	k.logged(`"msg":"address"`, `"op":"+"`, vip)
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	if got, want := read(out), "startup a b\n0\n0177\nshutdown\n0\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	k.logged(`"msg":"shutdown-script"`, "exit status 3")
	if text := k.text(); strings.Index(text, "startup-script") > strings.Index(text, `"msg":"process"`) {
		t.Error("the startup script did not end first")
	}
}

// TestHooksAreBounded: a startup script that hangs is ended at its time, or with karun.
func TestHooksAreBounded(t *testing.T) {
	w := newWire(t)
	slow := plan.Command{Argv: []string{writeScript(t, t.TempDir(), "slow", "sleep 60")}}
	p := testPlan(100)
	p.Global.Startup = &plan.HookScript{Command: slow, Timeout: 200 * time.Millisecond}
	k := w.start("a", p, "")
	k.logged(`"msg":"startup-script"`, "timed out")
	k.logged(`"msg":"ready"`)
	k.stop()

	p.Global.Startup = &plan.HookScript{Command: slow, Timeout: 50 * time.Second}
	before := w.State("a")
	k = w.start("a", p, "")
	until(t, "the script", func() bool { return len(k.pids()) > 1 })
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	if k.has(`"msg":"process"`) || w.State("a") != before {
		t.Error("it went on to start")
	}
}
