//go:build linux

package director

import (
	"io"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ka/compiler/effect"
	"ka/runtime/kernel"
	"ka/runtime/lab/need"
)

// TestEndBesideTables: a table of nftables is put back while the supervisor comes to its end, and takes no word of it
// any more. The end does not wait for that.
func TestEndBesideTables(t *testing.T) {
	need.Root(t)
	opened := make(chan *kernel.Handle)
	go func() {
		defer close(opened)
		runtime.LockOSThread() // the thread ends with the goroutine
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			t.Error(err)
			return
		}
		h, err := kernel.Open()
		if err != nil {
			t.Error(err)
			return
		}
		opened <- h
	}()
	h := <-opened
	if h == nil {
		return
	}
	defer h.Close()
	if err := h.HasNFT(); err != nil {
		need.Missing(t, err.Error())
	}
	table := effect.Table{Name: "keepalived", Drops: true}
	s := &supervisor{
		kernel: h, log: slog.New(slog.NewTextHandler(io.Discard, nil)), events: make(chan func()), done: make(chan struct{}),
		journalFile: journalFile{last: journal{Tables: []effect.Table{table}}},
	}
	told := make(chan struct{})
	go func() { defer close(told); s.putTablesBack() }()
	until(t, "the table", func() bool {
		there, err := h.Tables([]effect.Table{table})
		return err == nil && len(there) == 1
	})
	ended := make(chan struct{})
	go func() { defer close(ended); s.journalFile.close() }()
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Error("the end waits for who has put the table back")
	}
	close(s.done)
	<-told
	<-ended
}
