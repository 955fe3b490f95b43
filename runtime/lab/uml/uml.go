//go:build linux

package uml

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ka/runtime/lab/need"
)

//go:embed init.sh
var initScript []byte

// insideVariable is set in the environment of a job.
const insideVariable = "KA_INSIDE_UML"

// DefaultTimeout bounds a guest from boot to power off.
const DefaultTimeout = 3 * time.Minute

// outputLimit bounds what is kept of a guest's console, in bytes.
const outputLimit = 4 << 20

// The lines of init.sh around the job's output.
const (
	beginLine  = "uml: job begins"
	exitPrefix = "uml: exit "
)

// Inside says whether this process runs in a guest.
func Inside() bool { return os.Getenv(insideVariable) != "" }

// Job is one program for a guest.
type Job struct {
	// Argv is the program, by its absolute path, and its words.
	Argv []string
	// Dir is the absolute directory it runs in; Env are further variables as "NAME=value".
	Dir string
	Env []string
	// Timeout is DefaultTimeout where it is 0; MemoryMiB is 512.
	Timeout   time.Duration
	MemoryMiB int
}

// Result is what became of a job.
type Result struct {
	// Output is what the job wrote, both streams as they came.
	Output string
	// Exit is its exit status.
	Exit int
}

// Run boots a guest with a job and waits for its end. The error is about the guest: a job that fails
// is no error here.
func Run(ctx context.Context, job Job) (Result, error) {
	dir, err := os.MkdirTemp("", "ka-uml-")
	if err != nil {
		return Result{}, err
	}
	defer os.RemoveAll(dir)
	initFile, jobFile := filepath.Join(dir, "init"), filepath.Join(dir, "job")
	if err := os.WriteFile(initFile, initScript, 0o755); err != nil {
		return Result{}, err
	}
	if err := os.WriteFile(jobFile, []byte(script(job)), 0o600); err != nil {
		return Result{}, err
	}
	if job.Timeout == 0 {
		job.Timeout = DefaultTimeout
	}
	if job.MemoryMiB == 0 {
		job.MemoryMiB = 512
	}
	ctx, cancel := context.WithTimeout(ctx, job.Timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "linux.uml", "mem="+strconv.Itoa(job.MemoryMiB)+"M", "rootfstype=hostfs", "rootflags=/", "ro",
		"init="+initFile, "con=null", "con0=fd:0,fd:1", "quiet", "KA_JOB="+jobFile)
	var console limited
	cmd.Stdout, cmd.Stderr = &console, &console
	// A guest is several processes: a group of their own lets all of them end with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	if err = start(cmd); err == nil {
		err = cmd.Wait()
	}
	return result(ctx, console.String(), err)
}

// result finds the job's output and status on the console.
func result(ctx context.Context, console string, runErr error) (Result, error) {
	text := strings.ReplaceAll(console, "\r", "")
	_, text, begun := strings.Cut(text, beginLine+"\n")
	at := strings.LastIndex(text, exitPrefix)
	if begun && at >= 0 {
		word, _, _ := strings.Cut(text[at+len(exitPrefix):], "\n")
		if code, err := strconv.Atoi(strings.TrimSpace(word)); err == nil {
			return Result{Output: text[:at], Exit: code}, nil
		}
	}
	switch {
	case ctx.Err() != nil:
		runErr = fmt.Errorf("the guest did not end in time: %w", ctx.Err())
	case runErr == nil:
		runErr = errors.New("the guest ended without telling the job's exit status")
	}
	return Result{Output: text, Exit: -1}, fmt.Errorf("user-mode linux: %w; its console:\n%s", runErr, console)
}

// script writes the job as a shell script.
func script(job Job) string {
	var b strings.Builder
	for _, v := range append([]string{insideVariable + "=1"}, job.Env...) {
		name, value, _ := strings.Cut(v, "=")
		fmt.Fprintf(&b, "export %s=%s\n", name, quote(value))
	}
	if job.Dir != "" {
		fmt.Fprintf(&b, "cd %s || exit 1\n", quote(job.Dir))
	}
	b.WriteString("exec")
	for _, w := range job.Argv {
		b.WriteString(" " + quote(w))
	}
	return b.String() + "\n"
}

// quote makes one shell word of s.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// limited keeps the beginning and lets the rest go, except that the last bytes are kept too, since
// they tell the status.
type limited struct{ bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > outputLimit {
		keep := l.Bytes()[outputLimit/2:]
		head := append([]byte(nil), l.Bytes()[:outputLimit/4]...)
		tail := append([]byte(nil), keep...)
		l.Reset()
		l.Buffer.Write(head)
		l.Buffer.WriteString("\n[output cut here]\n")
		l.Buffer.Write(tail)
	}
	return l.Buffer.Write(p)
}

// Need skips the test where no guest can be booted.
func Need(t testing.TB) {
	t.Helper()
	for _, p := range []string{"linux.uml", "insmod", "busybox", "ip"} {
		need.Program(t, p)
	}
	if found, err := filepath.Glob("/usr/lib/uml/modules/*/modules.dep"); err != nil || len(found) == 0 {
		need.Missing(t, "needs the modules of user-mode-linux below /usr/lib/uml/modules")
	}
}

// Load loads modules into the kernel of the guest that the test runs in, with what they need. A test that asks for
// one that this kernel does not have is skipped.
func Load(t testing.TB, modules ...string) {
	t.Helper()
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		t.Fatal(err)
	}
	// modprobe looks for lib/modules below a folder of its own choice only.
	root, name := t.TempDir(), strings.TrimSpace(string(release))
	if err := os.MkdirAll(filepath.Join(root, "lib/modules"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join("/usr/lib/uml/modules", name), filepath.Join(root, "lib/modules", name)); err != nil {
		t.Fatal(err)
	}
	for _, m := range modules {
		if out, err := exec.CommandContext(t.Context(), "modprobe", "-d", root, m).CombinedOutput(); err != nil {
			need.Missing(t, fmt.Sprintf("needs the module %s of user-mode-linux: %v %s", m, err, bytes.TrimSpace(out)))
		}
	}
}

// Rerun runs the calling test again in a guest, by a build of its package's tests without cgo, and takes
// over its outcome: failed, skipped with its reason, or passed. Words of env are added to the
// environment of the guest's test.
func Rerun(t *testing.T, env ...string) {
	t.Helper()
	Need(t)
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "guest.test")
	Build(t, []string{"test", "-c", "-o", binary, "."})
	deadline := DefaultTimeout
	if d, ok := t.Deadline(); ok {
		deadline = min(deadline, time.Until(d)-5*time.Second)
	}
	got, err := Run(t.Context(), Job{
		Argv: []string{binary, "-test.run=^" + t.Name() + "$", "-test.v", "-test.count=1", "-test.timeout=" + (deadline - 10*time.Second).String()},
		Dir:  dir, Env: append(env, "CI="+os.Getenv("CI")), Timeout: deadline,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("in the guest:\n%s", got.Output)
	switch {
	case got.Exit != 0:
		t.Errorf("failed in the guest: exit status %d", got.Exit)
	case strings.Contains(got.Output, "--- SKIP: "+t.Name()+" "):
		need.Missing(t, "skipped in the guest: "+skipReason(got.Output))
	case !strings.Contains(got.Output, "--- PASS: "+t.Name()+" "):
		t.Error("the guest did not run the test")
	}
}

// skipReason finds the line of t.Skip: the last indented one.
func skipReason(output string) string {
	reason := "no reason given"
	for line := range strings.Lines(output) {
		if strings.HasPrefix(line, "    ") {
			reason = strings.TrimSpace(line)
		}
	}
	return reason
}

// Build runs the go command without cgo, so that what it builds runs in a guest as it is.
func Build(t testing.TB, args []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), need.Program(t, "go"), args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}
