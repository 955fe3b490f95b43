//go:build linux

package process

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"ka/runtime/lab/need"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func launcher(t *testing.T) *Launcher {
	l := NewLauncher()
	t.Cleanup(l.Close)
	return l
}

func shell(text string) Spec { return Spec{Argv: []string{"/bin/sh", "-c", text}, Env: os.Environ()} }

func TestRun(t *testing.T) {
	l := launcher(t)
	for _, tt := range []struct {
		spec Spec
		want string
		ok   bool
	}{
		{shell("exit 0"), "exit status 0", true},
		{shell("exit 3"), "exit status 3", false},
		{shell("kill -9 $$"), "signal: killed", false},
		{shell("sleep 30"), "timed out", false},
		{Spec{Argv: []string{"/nowhere/x"}}, "cannot start: no such file or directory", false},
		{Spec{Argv: []string{"nosuchprogram"}}, "cannot start: executable file not found in $PATH", false},
	} {
		got := Run(t.Context(), l, tt.spec, 300*time.Millisecond)
		if got.String() != tt.want || got.OK() != tt.ok {
			t.Errorf("%q: %s, ok %v", tt.spec.Argv, got, got.OK())
		}
	}
}

// TestWithoutInterpreter: a script whose first line names no interpreter is the shell's.
func TestWithoutInterpreter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(path, []byte("test $# = 2 && test \"$1$2\" = 'a bc' && exit 7\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	spec := Spec{Argv: []string{"other name", "a b", "c"}, Path: path}
	if res := Run(t.Context(), launcher(t), spec, time.Minute); res.String() != "exit status 7" {
		t.Error(res)
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	p, err := NewProgram(spec, null)
	if err != nil {
		t.Fatal(err)
	}
	runtime.LockOSThread() // the child ends with the thread
	defer runtime.UnlockOSThread()
	c, err := p.Start()
	if err != nil {
		t.Fatal(err)
	}
	c.Await()
	if res, ended := c.Reap(); !ended || res.String() != "exit status 7" {
		t.Error(res, ended)
	}
}

// TestWholeGroupEnds: a script's children go with it, whether it ignores SIGTERM and is killed, or they alone do.
func TestWholeGroupEnds(t *testing.T) {
	l := launcher(t)
	for _, tt := range []struct {
		script string
		signal syscall.Signal
	}{
		{"trap '' TERM; sleep 60 & echo $! > FILE; while :; do wait; done", syscall.SIGKILL},
		{"(trap '' TERM; exec sleep 60) & echo $! > FILE; wait", syscall.SIGTERM},
	} {
		file := filepath.Join(t.TempDir(), "pid")
		res := Run(t.Context(), l, shell(strings.ReplaceAll(tt.script, "FILE", file)), 200*time.Millisecond)
		if !res.TimedOut || res.Signal != tt.signal {
			t.Errorf("%s: ended by %v", tt.script, res)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
		if err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(20 * time.Second); syscall.Kill(pid, 0) == nil && !zombie(pid); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				_ = syscall.Kill(pid, syscall.SIGKILL)
				t.Fatalf("%s: its child lives on", tt.script)
			}
		}
	}
}

// zombie reports whether a process has ended and nobody has asked for its status.
func zombie(pid int) bool {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && strings.Contains(string(data), ") Z ")
}

// TestContextEnds: whoever stops need not wait for a script.
func TestContextEnds(t *testing.T) {
	l := launcher(t)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if res := Run(ctx, l, shell("sleep 60"), 0); !res.TimedOut {
		t.Errorf("ended by %v", res)
	}
}

func TestUser(t *testing.T) {
	need.Root(t)
	l := launcher(t)
	cmd := shell("echo $(id -u) $(id -g) $(id -G)")
	cmd.User = &User{UID: 1, GID: 2}
	c := cmd.Command()
	var out strings.Builder
	c.Stdout = &out
	if err := l.Start(c); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(out.String()); got != "1 2 2" {
		t.Errorf("runs as %s, want 1 2 2", got)
	}
}

func TestEnvironment(t *testing.T) {
	got := Environment([]string{"PATH=/bin", "IFS=x", "LD_PRELOAD=y", "LD_LIBRARY_PATH=z", "NOTIFY_SOCKET=/n", "WATCHDOG_USEC=1", "IFSX=1"})
	if want := []string{"PATH=/bin", "IFSX=1"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestSettings: every thread of a program has its launcher's settings, and no other program.
func TestSettings(t *testing.T) {
	need.Root(t)
	mine, err := NewLauncherWith(Settings{RealTimePriority: 7, Nice: 3, CPUs: []int{0}, Umask: 0o137})
	if err != nil {
		t.Fatal(err)
	}
	defer mine.Close()
	look := func(l *Launcher) string {
		c := exec.Command("/bin/sh", "-c", "umask; cut -d' ' -f40,41 /proc/self/stat; nice; sed -n 's/^Cpus_allowed_list:.//p' /proc/self/status")
		var out strings.Builder
		c.Stdout = &out
		if err := l.Start(c); err != nil {
			t.Fatal(err)
		}
		if err := c.Wait(); err != nil {
			t.Fatal(err)
		}
		return strings.Join(strings.Fields(out.String()), " ")
	}
	other := launcher(t)
	before := look(other)
	if got, want := look(mine), "0137 7 2 3 0"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := look(other); got != before || strings.Contains(got, " 7 2 ") {
		t.Errorf("another launcher's program: %q, before %q", got, before)
	}
}

// TestRealTimeOfOthers: the priority and the limit of a process that runs.
func TestRealTimeOfOthers(t *testing.T) {
	need.Root(t)
	cmd := exec.Command("/bin/sleep", "60")
	if err := launcher(t).Start(cmd); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	if err := RaiseRealTime(cmd.Process.Pid, 9); err != nil {
		t.Fatal(err)
	}
	if attr, err := unix.SchedGetAttr(cmd.Process.Pid, 0); err != nil || attr.Policy != unix.SCHED_RR || attr.Priority != 9 {
		t.Errorf("%+v, %v", attr, err)
	}
	if err := LimitRealTime(cmd.Process.Pid, 10*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	var r unix.Rlimit
	if err := unix.Prlimit(cmd.Process.Pid, unix.RLIMIT_RTTIME, nil, &r); err != nil || r.Cur != 10000 || r.Max != 1000000 {
		t.Errorf("%+v, %v", r, err)
	}
	if err := RaiseRealTime(1<<30, 1); err == nil {
		t.Error("no error without a process")
	}
}

func TestClosed(t *testing.T) {
	l := NewLauncher()
	l.Close()
	if err := l.Start(exec.Command("/bin/true")); err != ErrClosed {
		t.Errorf("error %v", err)
	}
}

// TestStuckFile: while the file of one program cannot be opened other programs start, and nothing else of this
// process waits.
func TestStuckFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stuck")
	if err := os.WriteFile(path, []byte("#!/bin/sh\nexit 0\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	program, err := NewProgram(Spec{Argv: []string{path}}, null)
	if err != nil {
		t.Fatal(err)
	}
	for name, start := range map[string]func(){
		"program": func() {
			runtime.LockOSThread() // the child ends with the thread
			program.AwaitFile()
			c, err := program.Start()
			if err != nil {
				t.Error(err)
				return
			}
			c.Await()
			_, _ = c.Reap()
		},
		"launcher": func() {
			l := NewLauncher()
			defer l.Close()
			if res := Run(context.Background(), l, Spec{Argv: []string{path}}, 0); !res.OK() {
				t.Error(res)
			}
		},
	} {
		awaited, release := need.Lease(t, path)
		started := make(chan struct{})
		go func() { defer close(started); start() }()
		for end := time.Now().Add(time.Minute); !awaited(); time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s: the file is not opened", name)
			}
		}
		runtime.GC()
		if res := Run(t.Context(), launcher(t), shell("exit 0"), 0); !res.OK() {
			t.Errorf("%s: the other one: %v", name, res)
		}
		select {
		case <-started:
			t.Errorf("%s: everything has waited for the file", name)
		default:
		}
		release()
		<-started
	}
}

// TestWaitUntilLate: whoever comes too late for a wait, as on a machine that is busy, still hears what is ready.
func TestWaitUntilLate(t *testing.T) {
	p, err := NewPoller()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	fd, err := unix.Eventfd(1, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := p.Add(fd, unix.EPOLLIN); err != nil {
		t.Fatal(err)
	}
	ready, err := p.WaitUntil(time.Now().Add(-time.Second))
	if err != nil || len(ready) != 1 || int(ready[0].Fd) != fd {
		t.Errorf("%v, %v", ready, err)
	}
	p.Remove(fd)
	if ready, err = p.WaitUntil(time.Now().Add(time.Millisecond)); err != nil || len(ready) != 0 {
		t.Errorf("nothing is ready: %v, %v", ready, err)
	}
}
