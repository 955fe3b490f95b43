//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"ka/runtime/lab/need"
)

const stuckConf = `
vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  priority PRIORITY
  advert_int 1
  virtual_ipaddress { 10.77.0.100/24 }
}
`

// TestStuckReader: nobody reads karun's log, as with "karun FILE | sleep 3600" when the pipe is full. Adverts
// go on, it answers, it does what signals of keepalived's tools ask, and it stops in order.
func TestStuckReader(t *testing.T) {
	need.Program(t, "tcpdump")
	w := newWire(t)
	bin := build(t, "karun")
	dir := t.TempDir()
	conf := func(name, priority string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(stuckConf, "PRIORITY", priority)), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	r, stuck, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	fill(t, stuck)

	runDir := filepath.Join(dir, "run")
	cmd := exec.Command("ip", "netns", "exec", w.Namespace("a"), bin, "--run-dir", runDir, conf("a.conf", "200"))
	cmd.Stdout, cmd.Stderr = stuck, stuck
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = stuck.Close()
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })

	status := func() string {
		out, err := exec.Command(bin, "status", "--run-dir", runDir).CombinedOutput()
		if err != nil {
			return ""
		}
		return string(out)
	}
	until(t, "the master", func() bool { return strings.Contains(status(), "MASTER") })
	// The backup hears it all the time; 3.6 s without an advert would make it master.
	b := w.start("b", bin, "--run-dir", filepath.Join(dir, "run-b"), conf("b.conf", "100"))
	b.says("transition", "BACKUP")
	for _, s := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGUSR2, 36, 63} {
		if err := cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	w.In("b", "tcpdump", "-n", "-i", "eth0", "-c", "9", "-Q", "in", "ip proto 112 and src 10.77.0.1")
	if strings.Contains(b.out.String(), "to=MASTER") {
		t.Errorf("the backup took over:\n%s", b.out.String())
	}
	if s := status(); !strings.Contains(s, "MASTER") {
		t.Errorf("status %s", s)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-ended
	if code := cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	b.says("transition", "MASTER", "given up (priority 0)")
	if strings.Contains(w.State("a"), "10.77.0.100") {
		t.Error("the address is left")
	}
}

// fill fills a pipe to the last byte.
func fill(t *testing.T, f *os.File) {
	t.Helper()
	fd := int(f.Fd()) // also makes writes wait again, as for any program
	if err := unix.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	for size := 4096; size > 0; {
		if _, err := unix.Write(fd, make([]byte, size)); err != nil {
			size /= 2
		}
	}
	if err := unix.SetNonblock(fd, false); err != nil {
		t.Fatal(err)
	}
}
