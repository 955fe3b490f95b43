//go:build linux

package main

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestHangupWhileReading: who asks for a reload before the file is read to its end does not end karun.
func TestHangupWhileReading(t *testing.T) {
	r, stdin, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command(build(t, "karun"), "--run-dir", t.TempDir(), "-")
	cmd.Stdin = r
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := stdin.WriteString("vrrp_instance VI_1 {\n"); err != nil {
		t.Fatal(err)
	}
	// What was written has been read: karun waits for the rest.
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		left, err := unix.IoctlGetInt(int(r.Fd()), unix.TIOCINQ)
		if err != nil {
			t.Fatal(err)
		}
		if left == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("it does not read")
		}
	}
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	_ = stdin.Close()
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 1 {
		t.Errorf("%s, want exit status 1 for half a file", cmd.ProcessState)
	}
}
