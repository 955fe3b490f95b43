//go:build linux

package labcmd_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ka/runtime/lab/need"
)

// TestMistakes: one clear message, and the right status.
func TestMistakes(t *testing.T) {
	t.Parallel()
	good := seed("httpd-script/master.conf")
	bad := filepath.Join(t.TempDir(), "bad.conf")
	if err := os.WriteFile(bad, []byte("vrrp_instance VI_1 {\n\tinterfaze eth0\n}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{nil, 2, "give the keepalived.conf of each node"},
		{[]string{"--kill", "lb9@5s", good}, 2, `there is no node "lb9"; the nodes are master`},
		{[]string{"--kill", "master@soon", good}, 2, `wrong time "soon"`},
		{[]string{"--kill", "master", good}, 2, "it names no time; write NODE@5s"},
		{[]string{"--fail-script", "master@5s", good}, 2, "it names no script; write NODE:SCRIPT@5s"},
		{[]string{"--fail-script", "master:chk@5s", good}, 2, `has no script "chk"; its scripts are httpd_check`},
		{[]string{"--daemon", "master=frr", good}, 2, "write NODE=keepalived or NODE=karun"},
		{[]string{"--for", "5s", "--kill", "master@6s", good}, 2, "is behind the end"},
		{[]string{"--for", "x", good}, 2, `wrong time "x" in --for`},
		{[]string{"--format", "xml", good}, 2, "allowed: text, json"},
		{[]string{"--explode", good}, 2, "unknown flag: --explode"},
		{[]string{"-"}, 2, "reads no standard input"},
		{[]string{"nowhere.conf"}, 1, `cannot read "nowhere.conf"`},
		{[]string{bad}, 1, "[unknown-keyword]"},
	} {
		r := play(t, c.args...)
		if r.status != c.status || !strings.Contains(r.stderr, c.want) || r.stdout != "" {
			t.Errorf("%q: status %d, want %d; stderr %q, want %q; stdout %q", c.args, r.status, c.status, r.stderr, c.want, r.stdout)
		}
	}
}

// started runs a lab and returns when its first line is there.
func started(t *testing.T, cmd *exec.Cmd) *bytes.Buffer {
	t.Helper()
	need.Root(t)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var all bytes.Buffer
	buf := make([]byte, 4096)
	for !strings.Contains(all.String(), "INIT → BACKUP") {
		n, err := out.Read(buf)
		all.Write(buf[:n])
		if err != nil {
			t.Fatalf("%v\n%s", err, all.String())
		}
	}
	go func() { _, _ = all.ReadFrom(out) }()
	return &all
}

// marked lists the processes with a word in their environment.
func marked(t *testing.T, word string) []string {
	t.Helper()
	names, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, name := range names {
		if data, err := os.ReadFile(name); err == nil && bytes.Contains(data, []byte(word)) {
			found = append(found, name)
		}
	}
	return found
}

// TestNothingIsLeft: interrupted, or killed without a chance to clean up, a lab leaves no process and
// so no namespace behind.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		signal syscall.Signal
		status int
	}{"interrupted": {syscall.SIGINT, 0}, "killed": {syscall.SIGKILL, -1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			word := "KA_TEST_MARK=" + name + fmt.Sprint(os.Getpid())
			cmd := command("--for", "5m", seed("httpd-script/master.conf"), seed("httpd-script/backup.conf"))
			cmd.Env = append(cmd.Env, word, "TMPDIR="+t.TempDir())
			started(t, cmd)
			if n := len(marked(t, word)); n < 3 {
				t.Fatalf("%d processes run, want at least 3", n)
			}
			if err := cmd.Process.Signal(c.signal); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			if got := cmd.ProcessState.ExitCode(); got != c.status {
				t.Errorf("status %d, want %d", got, c.status)
			}
			var left []string
			for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
				if left = marked(t, word); len(left) == 0 {
					return
				}
			}
			t.Errorf("processes left: %v", left)
		})
	}
}

// TestWithoutRoot runs a pair as somebody who has no right at all.
func TestWithoutRoot(t *testing.T) {
	t.Parallel()
	nobody := need.UserNamespaces(t)
	dir, err := os.MkdirTemp("", "lab")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// Copied by a program of its own: a file that this process had open for writing could not be run
	// while another test starts a process.
	for name, from := range map[string]string{"karun": exe, "master.conf": seed("httpd-script/master.conf"), "backup.conf": seed("httpd-script/backup.conf")} {
		if out, err := exec.Command("install", "-m", "0755", from, filepath.Join(dir, name)).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	onTime(t, func() (p problems) {
		out := asNobody(t, nobody, dir)
		if n := strings.Count(out, "BACKUP → MASTER"); n != 2 {
			p.add("%d masters in\n%s", n, out)
		}
		return p
	})
}

func asNobody(t *testing.T, nobody []string, dir string) string {
	words := append(nobody[1:len(nobody):len(nobody)], "./karun", "lab", "--for", "10s", "--kill", "master@5s", "master.conf", "backup.conf")
	cmd := exec.Command(nobody[0], words...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), asKarun+"=1", "TMPDIR="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}
