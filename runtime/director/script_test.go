//go:build linux

package director

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ka/compiler/plan"
)

// writeScript makes an executable shell script.
func writeScript(t *testing.T, dir, name, body string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(name string) string {
	b, _ := os.ReadFile(name)
	return string(b)
}

// TestNotify: the words, and the order specific before generic, through all states.
func TestNotify(t *testing.T) {
	w := newWire(t)
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	// The descriptor is opened for appending: lines of two scripts never mix. A moment of sleep in the
	// generic one shows that the order is that of the starts.
	specific := writeScript(t, dir, "specific", `echo "specific $*" >> `+out)
	generic := writeScript(t, dir, "generic", `sleep 0.1; echo "generic $*" >> `+out)
	fail := filepath.Join(dir, "fail")
	check := writeScript(t, dir, "check", `test ! -e `+fail)
	p := testPlan(200)
	p.Scripts = []plan.Script{{Name: "chk", Command: plan.Command{Argv: []string{check}}, Interval: 100 * time.Millisecond, Timeout: time.Second, Rise: 1, Fall: 2}}
	inst := &p.Instances[0]
	inst.TrackScripts = []plan.TrackScript{{Script: "chk"}}
	inst.Notify = plan.Notify{
		Master: &plan.Command{Argv: []string{specific, "m", "two words"}},
		Backup: &plan.Command{Argv: []string{specific, "b"}},
		Fault:  &plan.Command{Argv: []string{specific, "f"}},
		Stop:   &plan.Command{Argv: []string{specific, "s"}},
		Any:    &plan.Command{Argv: []string{generic, "own"}},
	}
	k := w.start("a", p, "")
	k.logged(`"msg":"transition"`, `"to":"MASTER"`)
	k.logged(`"msg":"notify"`, "MASTER")
	until(t, "the master's commands", func() bool { return strings.Count(read(out), "\n") == 4 })
	if err := os.WriteFile(fail, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	k.logged(`"msg":"script"`, `"script":"chk"`, `"up":false`, `"exit":1`)
	k.logged(`"msg":"transition"`, `"to":"FAULT"`)
	until(t, "the fault's commands", func() bool { return strings.Count(read(out), "\n") == 6 })
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	const want = `specific b
generic own INSTANCE VI_1 BACKUP 200
specific m two words
generic own INSTANCE VI_1 MASTER 200
specific f
generic own INSTANCE VI_1 FAULT 200
specific s
generic own INSTANCE VI_1 STOP 200
`
	if got := read(out); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestStopScriptsAreBounded: a command of the stop that does not end holds nobody up for long.
func TestStopScriptsAreBounded(t *testing.T) {
	w := newWire(t)
	slow := writeScript(t, t.TempDir(), "slow", "sleep 60")
	p := testPlan(100)
	p.Instances[0].Notify.Stop = &plan.Command{Argv: []string{slow}}
	k := w.start("a", p, "")
	k.logged(`"msg":"ready"`)
	begin := time.Now()
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	if took := time.Since(begin); took < stopScripts {
		t.Errorf("stopped after %s, the command has %s", took, stopScripts)
	}
	k.logged(`"msg":"notify-failed"`, "timed out")
}

// TestScripts: timeouts, runs that are skipped, and programs that cannot be started are failures.
func TestScripts(t *testing.T) {
	w := newWire(t)
	dir := t.TempDir()
	vars := filepath.Join(dir, "env")
	p := testPlan(100)
	add := func(name, path string, weight int) {
		p.Scripts = append(p.Scripts, plan.Script{Name: name, Command: plan.Command{Argv: []string{path}},
			Interval: 100 * time.Millisecond, Timeout: 250 * time.Millisecond, Rise: 1, Fall: 1, Weight: weight})
		p.Instances[0].TrackScripts = append(p.Instances[0].TrackScripts, plan.TrackScript{Script: name, Weight: weight})
	}
	add("slow", writeScript(t, dir, "slow", "sleep 30"), -10)
	add("gone", writeScript(t, dir, "gone", "true"), -5)
	add("good", writeScript(t, dir, "good", "env > "+vars+".new; ls -l /proc/$$/fd >> "+vars+".new; mv "+vars+".new "+vars), 20)
	begin := time.Now()
	k := w.start("a", p, "")
	k.logged(`"msg":"script-skipped"`, `"slow"`)
	k.logged(`"msg":"script"`, `"slow"`, `"up":false`, "timed out")
	k.logged(`"msg":"script"`, `"gone"`, `"up":true`)
	if err := os.Remove(filepath.Join(dir, "gone")); err != nil {
		t.Fatal(err)
	}
	k.logged(`"msg":"script-not-started"`, `"gone"`, "no such file")
	// The shell of a run under way may be the first to miss the file: then that run's status is the cause.
	k.logged(`"msg":"script"`, `"gone"`, `"up":false`)
	k.logged(`"msg":"priority"`, `"to":105`)
	until(t, "the environment", func() bool { return strings.Contains(read(vars), "PATH=") })
	for _, word := range []string{"IFS=x", "LD_LIBRARY_PATH", "/dev/zero"} {
		if strings.Contains(read(vars), word) {
			t.Errorf("the environment, or a descriptor, has %s", word)
		}
	}
	k.stop()
	// A run of the slow script lasts for its timeout, on a busy machine longer; the stop may cut the last one.
	most := int(time.Since(begin)/(250*time.Millisecond)) + 1
	if n := strings.Count(k.text(), `"msg":"script-skipped","script":"slow"`); n > most {
		t.Errorf("%d records of skipped runs of \"slow\", at most %d runs: one a run is enough", n, most)
	}
}

// TestScriptDrivenFailover is the pair of the third seed: the script takes 90 from 150, the other takes
// over, and gives back when the script recovers.
func TestScriptDrivenFailover(t *testing.T) {
	w := newWire(t)
	dir := t.TempDir()
	fail := filepath.Join(dir, "fail")
	check := writeScript(t, dir, "check", "test ! -e "+fail)
	p := testPlan(150)
	p.Scripts = []plan.Script{{Name: "chk_nfsd", Command: plan.Command{Argv: []string{check}}, Interval: 100 * time.Millisecond, Timeout: time.Second, Rise: 1, Fall: 3, Weight: -90}}
	p.Instances[0].TrackScripts = []plan.TrackScript{{Script: "chk_nfsd", Weight: -90}}
	a, b := w.start("a", p, ""), w.start("b", testPlan(100), "")
	a.logged(`"to":"MASTER"`)
	if err := os.WriteFile(fail, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	a.logged(`"msg":"priority"`, `"from":150`, `"to":60`, `script \"chk_nfsd\" failed`)
	b.logged(`"msg":"transition"`, `"to":"MASTER"`)
	a.logged(`"msg":"transition"`, `"from":"MASTER"`, `"to":"BACKUP"`)
	if err := os.Remove(fail); err != nil {
		t.Fatal(err)
	}
	b.logged(`"msg":"transition"`, `"from":"MASTER"`, `"to":"BACKUP"`)
	if code := a.stop() + b.stop(); code != 0 {
		t.Errorf("exit statuses %d", code)
	}
}

// TestRunsAsUser: the user of a script is its own, else the global one.
func TestRunsAsUser(t *testing.T) {
	m := machine{user: lookupUser, group: lookupGroup}
	p := &plan.Plan{Global: plan.Global{ScriptUser: "daemon"}}
	for _, tt := range []struct {
		user, group, want string
	}{{"", "", "1:1"}, {"nobody", "daemon", "65534:1"}} {
		u, err := commandUser(p, m, &plan.Command{User: tt.user, Group: tt.group})
		if err != nil || u == nil || fmt.Sprintf("%d:%d", u.UID, u.GID) != tt.want {
			t.Errorf("%q %q: %v, %v, want %s", tt.user, tt.group, u, err, tt.want)
		}
	}
}

func command(argv ...string) *plan.Command { return &plan.Command{Argv: argv} }
