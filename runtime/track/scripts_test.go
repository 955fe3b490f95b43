//go:build linux

package track

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ka/compiler/plan"
	"ka/runtime/lab/need"
	"ka/runtime/process"
)

// runner runs scripts until the test ends.
func runner(t *testing.T) *Scripts {
	t.Helper()
	s, err := NewScripts(process.Inherited())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { s.Loop(ctx) })
	t.Cleanup(func() { cancel(); wg.Wait() })
	return s
}

// shell is a script of a shell that runs every 20 ms.
func shell(text string, timeout time.Duration, reports chan<- Report) Script {
	return Script{
		Plan: plan.Script{Name: "chk", Interval: 20 * time.Millisecond, Timeout: timeout, Rise: 1, Fall: 1},
		Spec: process.Spec{Argv: []string{"/bin/sh", "-c", text}, Env: os.Environ()},
		Report: func(r Report) {
			if !r.Skipped {
				reports <- r
			}
		},
	}
}

// until waits until cond holds.
func until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if cond() {
			return
		}
	}
	t.Fatalf("waited for: %s", what)
}

// TestScriptsRun: what is new is reported, the rest is counted; what cannot be started is a failure.
func TestScriptsRun(t *testing.T) {
	s := runner(t)
	fail := filepath.Join(t.TempDir(), "fail")
	reports := make(chan Report, 10)
	j := s.Start(shell("test ! -e "+fail, time.Minute, reports))
	if r := <-reports; !r.Changed || !r.Up || r.Result.String() != "exit status 0" {
		t.Errorf("%+v", r)
	}
	until(t, "more runs", func() bool { return j.State().Runs > 5 })
	if err := os.WriteFile(fail, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if r := <-reports; !r.Changed || r.Up || r.Result.String() != "exit status 1" {
		t.Errorf("%+v", r)
	}
	gone := shell("", time.Minute, reports)
	gone.Spec.Argv[0] = "/nowhere/x"
	g := s.Start(gone)
	if r := <-reports; !r.Changed || r.Up || r.Result.String() != "cannot start: no such file or directory" {
		t.Errorf("%+v", r)
	}
	until(t, "more tries", func() bool { return g.State().Runs > 5 })
	j.Stop()
	g.Stop()
	if n := len(reports); n > 0 {
		t.Errorf("%d reports more", n)
	}
}

// TestScriptsWithoutDescriptors: a kernel that gives no descriptor of a process.
func TestScriptsWithoutDescriptors(t *testing.T) {
	s := runner(t)
	reports := make(chan Report, 10)
	j := s.Start(shell("true", time.Minute, reports))
	s.do(func() { j.program.WithoutDescriptor() })
	until(t, "runs", func() bool { return j.State().Runs > 5 })
	done := make(chan bool)
	s.do(func() { done <- len(s.children) == 0 })
	if !<-done {
		t.Error("a child has a descriptor")
	}
}

// TestScriptsEndWhole: of a run that takes too long nothing goes on, neither what is behind in its group nor what
// does not hear SIGTERM; nor of one that is stopped.
func TestScriptsEndWhole(t *testing.T) {
	const deaf = "trap '' TERM; echo $$ >> %; while :; do sleep 60; done"
	for _, tt := range []struct{ name, text, why string }{
		{"leader", deaf, "timed out"},
		{"child", "(" + deaf + ") & wait", "timed out"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := runner(t)
			pids := filepath.Join(t.TempDir(), "pids")
			reports := make(chan Report, 10)
			j := s.Start(shell(strings.ReplaceAll(strings.ReplaceAll(tt.text, "%", pids), "$$", "$(sh -c 'echo $PPID')"), 300*time.Millisecond, reports))
			if r := <-reports; r.Up || r.Result.String() != tt.why {
				t.Errorf("%+v", r)
			}
			until(t, "another run", func() bool { b, _ := os.ReadFile(pids); return strings.Count(string(b), "\n") >= 2 })
			j.Stop()
			until(t, "the end", func() bool {
				empty := make(chan bool)
				s.do(func() { empty <- len(s.jobs) == 0 })
				return <-empty
			})
			b, _ := os.ReadFile(pids)
			for _, f := range strings.Fields(string(b)) {
				pid, _ := strconv.Atoi(f)
				until(t, "the end of process "+f, func() bool { return syscall.Kill(pid, 0) != nil || zombie(f) })
			}
		})
	}
}

func zombie(pid string) bool {
	b, err := os.ReadFile("/proc/" + pid + "/stat")
	_, dead, ok := parseStat(b)
	return err != nil || ok && dead
}

// TestStuckScript: while the file of a script cannot be opened, as on a file system that hangs, it counts as failed,
// and the others go on, with those of their runs that were under way. It goes on with its file.
func TestStuckScript(t *testing.T) {
	s := runner(t)
	file := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(file, []byte("#!/bin/sh\nexit 0\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	reports, others := make(chan Report, 100), make(chan Report, 100)
	long := s.Start(shell("sleep 2", time.Minute, others))
	until(t, "a run", func() bool { return len(pidsOf(s)) > 0 })
	_, release := need.Lease(t, file)
	script := shell("", 100*time.Millisecond, reports)
	script.Spec.Argv = []string{file}
	j := s.Start(script)
	other := s.Start(shell("exit 0", time.Minute, others))
	if r := <-reports; !r.Changed || r.Up || !errors.Is(r.Result.Err, errStuck) || !r.Result.TimedOut {
		t.Errorf("%+v", r)
	}
	before := other.State().Runs
	until(t, "runs of the other one", func() bool { return other.State().Runs > before+5 })
	until(t, "the run under way", func() bool { return long.State().Runs > 0 })
	if res := long.State().Last; !res.OK() {
		t.Errorf("the run under way: %v", res)
	}
	failed := j.State().Runs
	until(t, "more failures", func() bool { return j.State().Runs > failed+2 })
	release()
	if r := <-reports; !r.Changed || !r.Up {
		t.Errorf("%+v", r)
	}

	awaited, release := need.Lease(t, file)
	until(t, "the next run", awaited)
	until(t, "its failure", func() bool { return !j.State().Up })
	j.Stop()
	other.Stop()
	long.Stop()
	until(t, "the end", func() bool { return jobsOf(s) == 0 }) // before the file is there
	release()
}

// pidsOf and jobsOf ask the goroutine of the scripts.
func pidsOf(s *Scripts) (pids []int) {
	asked := make(chan struct{})
	s.do(func() {
		for _, j := range s.children {
			pids = append(pids, j.child.PID)
		}
		close(asked)
	})
	<-asked
	return pids
}

func jobsOf(s *Scripts) (jobs int) {
	asked := make(chan struct{})
	s.do(func() { jobs = len(s.jobs); close(asked) })
	<-asked
	return jobs
}
