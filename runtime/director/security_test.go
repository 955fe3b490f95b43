//go:build linux

package director

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ka/compiler/plan"
	"ka/runtime/lab/need"
	"ka/runtime/process"
)

// TestSecureFiles: what counts as safe to run with root's rights (as keepalived 2.4.3 judges it).
func TestSecureFiles(t *testing.T) {
	need.Root(t)
	root, nobody, rootGroup := process.User{}, process.User{UID: 65534, GID: 65534}, process.User{UID: 65534}
	dir := t.TempDir() // under /tmp, which has the sticky bit
	make := func(name string, mode os.FileMode, uid, gid int) string {
		path := writeScript(t, dir, name, "true")
		if err := os.Chown(path, uid, gid); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	safe := make("safe", 0o755, 0, 0)
	open := filepath.Join(dir, "open")
	if err := os.Mkdir(open, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(open, "link")
	if err := os.Symlink(safe, link); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		path  string
		user  process.User
		loose string
	}{
		{safe, root, ""},
		{make("all", 0o777, 0, 0), root, "all"},
		{make("all-nobody", 0o777, 0, 0), nobody, ""},
		{make("all-group", 0o777, 0, 0), rootGroup, "all-group"},
		{make("setuid", 0o777|os.ModeSetuid, 0, 0), nobody, "setuid"},
		{make("group-root", 0o775, 0, 0), root, ""},
		{make("group-other", 0o775, 0, 1), root, "group-other"},
		{make("owner", 0o755, 1, 0), root, "owner"},
		{link, root, "open"},
		{link, nobody, ""},
	} {
		err := checkSecure(tt.path, tt.user)
		if (err == nil) != (tt.loose == "") || err != nil && !strings.Contains(err.Error(), "/"+tt.loose+"\" can be changed") {
			t.Errorf("%s as %v: %v, want %q", tt.path, tt.user, err, tt.loose)
		}
	}
	for path, want := range map[string]bool{safe: true, make("owners", 0o744, 0, 0): false, make("groups", 0o745, 0, 65534): false, make("theirs", 0o744, 65534, 0): true} {
		if err := checkRuns(path, nobody); (err == nil) != want {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestUnsafeIsSaid: without script security an unsafe script runs, and it is said.
func TestUnsafeIsSaid(t *testing.T) {
	w := newWire(t)
	loose := writeScript(t, t.TempDir(), "loose", "true")
	if err := os.Chmod(loose, 0o777); err != nil {
		t.Fatal(err)
	}
	p := testPlan(100)
	p.Global.ScriptUser = "root"
	p.Instances[0].Notify.Backup = command(loose)
	k := w.start("a", p, "")
	k.logged(`"msg":"unsafe-script"`, "loose", "can be changed by others")
	k.logged(`"msg":"notify"`, "loose")
	k.stop()
}

// TestExecutedPath: a script is executed by its path behind links, and has the words of the file, unless
// use_symlink_paths is there.
func TestExecutedPath(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	script := writeScript(t, dir, "release-2", "echo $0 $1 >> "+filepath.Join(dir, "out"))
	link := filepath.Join(dir, "current")
	if err := os.Symlink(script, link); err != nil {
		t.Fatal(err)
	}
	l := process.NewLauncher()
	defer l.Close()
	for _, files := range []*plan.Files{nil, {Umask: -1}, {Umask: -1, KeepSymlinks: true}} {
		spec, err := commandSpec(&plan.Plan{Global: plan.Global{Files: files, ScriptUser: ""}}, command(link, "x"), []string{link, "x"})
		if err != nil {
			t.Fatal(err)
		}
		if res := process.Run(t.Context(), l, spec, time.Minute); !res.OK() {
			t.Error(res)
		}
	}
	if got, want := read(filepath.Join(dir, "out")), script+" x\n"+script+" x\n"+link+" x\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestMissingIsNotUnsafe: a program that is not there is a need that is not met, and not unsafe, too.
func TestMissingIsNotUnsafe(t *testing.T) {
	p := testPlan(100)
	p.Instances[0].Notify.Master = &plan.Command{Argv: []string{"/no/such/program"}, User: "root"}
	var log bytes.Buffer
	warnUnsafe(p, thisMachine(nil), slog.New(slog.NewTextHandler(&log, nil)))
	if log.Len() > 0 {
		t.Error(log.String())
	}
	p.Global.ScriptSecurity = true
	if list := forbidden(p, thisMachine(nil)); len(list) > 0 {
		t.Errorf("a second reason for the same: %q", list[0].text)
	}
}
