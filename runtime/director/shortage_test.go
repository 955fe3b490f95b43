//go:build linux

package director

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"ka/runtime/control"
)

// limitDescriptors lets a process have descriptors below most, or as many as before (0).
func limitDescriptors(t *testing.T, pid, most int) {
	t.Helper()
	var r unix.Rlimit
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &r); err != nil {
		t.Fatal(err)
	}
	r.Cur = r.Max
	if most > 0 {
		r.Cur = uint64(most)
	}
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, &r, nil); err != nil {
		t.Fatal(err)
	}
}

// TestScriptsWithoutDescriptors: a script that cannot be started for want of descriptors says nothing about what
// it looks at: both nodes of a cluster would be without a master.
func TestScriptsWithoutDescriptors(t *testing.T) {
	const text = `
vrrp_script chk {
    script /bin/true
    interval 1
}
vrrp_instance V {
    interface eth0
    virtual_router_id 51
    priority 254
    track_script {
        chk
    }
    virtual_ipaddress {
        10.77.0.100
    }
}
`
	w := newWire(t)
	k := w.start("a", compiled(t, text), "")
	k.logged(`"to":"MASTER"`)
	limitDescriptors(t, k.cmd.Process.Pid, 3)
	k.logged("script-not-started", unix.EMFILE.Error())
	limitDescriptors(t, k.cmd.Process.Pid, 0)
	until(t, "the script runs again", func() bool { return status(k).Scripts[0].LastExit == "exit status 0" })
	if k.has(`"msg":"script"`, `"up":false`) || k.has(`"to":"FAULT"`) {
		t.Errorf("the script counts as failed:\n%s", k.text())
	}
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}

// TestSocketsWithoutDescriptors: an instance without sockets neither hears nor speaks. It is in fault, until it has
// some; the others do not notice.
func TestSocketsWithoutDescriptors(t *testing.T) {
	const text = `
vrrp_instance V {
    interface eth0
    virtual_router_id 51
    priority 255
    virtual_ipaddress {
        10.77.0.100
    }
}
`
	const more = `
vrrp_instance U {
    interface eth0
    virtual_router_id 52
    priority 254
    unicast_peer {
        10.77.0.2
    }
    virtual_ipaddress {
        10.77.0.101
    }
}
`
	w := newWire(t)
	k := w.start("a", compiled(t, text), "")
	k.logged(`"to":"MASTER"`, `"instance":"V"`)
	st := status(k)
	pid := st.Processes[slices.IndexFunc(st.Processes, func(p control.Process) bool { return p.Name == "vrrp" })].PID
	held, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	limitDescriptors(t, pid, len(held)+1) // the plan comes with one
	if r := k.reload(compiled(t, text+more)); r.Outcome == control.ReloadDone {
		t.Errorf("%+v", r)
	}
	k.logged(`"msg":"sockets"`, unix.EMFILE.Error())
	k.logged(`"to":"FAULT"`, `"instance":"U"`)
	limitDescriptors(t, pid, 0)
	k.logged(`"to":"MASTER"`, `"instance":"U"`)
	if k.has(`"from":"MASTER"`, `"instance":"V"`) {
		t.Error("V has noticed")
	}
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}

// TestNoRoomForJournal: what a killed karun has left goes, also where there is no room to start again.
func TestNoRoomForJournal(t *testing.T) {
	w := newWire(t)
	dir := t.TempDir()
	if err := unix.Mount("none", dir, "tmpfs", 0, "size=16k"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	k := w.start("a", testPlan(255), dir)
	k.logged(`"msg":"address"`, `"op":"+"`, vip)
	if err := os.WriteFile(dir+"/full", make([]byte, 1<<20), 0o600); err == nil {
		t.Fatal("there is room")
	}
	k.kill()
	if k = w.start("a", testPlan(255), dir); k.wait() != 1 || !k.has("journal", unix.ENOSPC.Error()) {
		t.Error("it starts without a journal")
	}
	if state := w.State("a"); strings.Contains(state, vip) {
		t.Errorf("left:\n%s", state)
	}
}
