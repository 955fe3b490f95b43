//go:build linux

package director

import (
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ka/compiler/plan"
	"ka/runtime/lab/need"
	"ka/runtime/notify"
	"ka/runtime/process"
)

// TestStuckNotification: the program of a notification cannot be started, as on a file system that hangs. Neither
// what happens then, nor a reload, nor the end waits for it; the FIFO goes, the newest plan is the one that counts.
func TestStuckNotification(t *testing.T) {
	dir := t.TempDir()
	p := testPlan(100)
	p.Instances[0].Notify.Master = &plan.Command{Argv: []string{writeScript(t, dir, "stuck", "exit 0")}}
	p.Global.FIFOs = &plan.FIFOs{VRRP: &plan.FIFO{Path: filepath.Join(dir, "fifo")}}
	awaited, release := need.Lease(t, p.Instances[0].Notify.Master.Argv[0])
	s := &supervisor{
		plan: p, log: slog.New(slog.NewTextHandler(io.Discard, nil)), launcher: process.NewLauncher(), drops: make(map[string]uint64),
		journal: journal{FIFOs: []string{p.Global.FIFOs.VRRP.Path}},
	}
	defer s.launcher.Close()
	n := newNotifier(s)
	n.begin(p, s.journal.FIFOs)
	n.tell(notify.Event{Name: "VI_1", Kind: notify.Master})
	until(t, "the program", awaited)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for range 2 * notifyBacklog {
			n.tell(notify.Event{Name: "VI_1", Kind: notify.Backup})
		}
		for i := range 2 * notifyRoom {
			n.reload(testPlan(uint8(1+i)), nil)
		}
		n.finish(false)
	}()
	select {
	case <-ended:
	case <-time.After(30 * time.Second): // the lease holds for 45
		t.Error("the supervisor waits for the program")
	}
	if err := unix.Access(p.Global.FIFOs.VRRP.Path, unix.F_OK); err == nil {
		t.Error("the FIFO is left")
	}
	if n.newest == nil || n.newest.plan.Instances[0].Priority != 2*notifyRoom {
		t.Errorf("the newest plan is %v", n.newest)
	}
	release()
	<-n.done
	s.helpers.Wait()
	<-ended
}
