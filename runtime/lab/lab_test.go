//go:build linux

package lab_test

import (
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ka/runtime/lab"
	"ka/runtime/lab/need"
)

// initWord makes the test binary the first process of a program on a host.
const initWord = "lab-init"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == initWord {
		os.Exit(lab.Init(os.Args[2:], os.Stderr))
	}
	os.Exit(m.Run())
}

func open(t *testing.T) *lab.Lab {
	t.Helper()
	need.Root(t)
	l, err := lab.Open(lab.Options{Init: []string{"/proc/self/exe", initWord}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// pair is two hosts on one wire.
func pair(t *testing.T, l *lab.Lab) (a, b *lab.Host) {
	t.Helper()
	wire, err := l.NewWire()
	if err != nil {
		t.Fatal(err)
	}
	hosts := make([]*lab.Host, 2)
	for i, name := range []string{"a", "b"} {
		if hosts[i], err = l.NewHost(name); err != nil {
			t.Fatal(err)
		}
		addr := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 1, 1, byte(i + 1)}), 24)
		if err := hosts[i].Attach(wire, "ens160", addr); err != nil {
			t.Fatal(err)
		}
	}
	return hosts[0], hosts[1]
}

// reaches connects from one host to a listener on the other.
func reaches(h *lab.Host, to string) bool {
	return h.Do(func() error {
		c, err := net.DialTimeout("tcp", to, 300*time.Millisecond)
		if err != nil {
			return err
		}
		return c.Close()
	}) == nil
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("did not happen: %s", what)
}

func TestWireCutAndJoin(t *testing.T) {
	t.Parallel()
	a, b := pair(t, open(t))
	if err := b.Listen(netip.MustParseAddrPort("10.1.1.2:80")); err != nil {
		t.Fatal(err)
	}
	if !reaches(a, "10.1.1.2:80") {
		t.Fatal("a does not reach b")
	}
	if err := b.Cut(); err != nil {
		t.Fatal(err)
	}
	if reaches(a, "10.1.1.2:80") {
		t.Error("a reaches b, which is cut off")
	}
	if err := b.Join(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a reaches b again", func() bool { return reaches(a, "10.1.1.2:80") })
}

func TestWatchAndCapture(t *testing.T) {
	t.Parallel()
	a, b := pair(t, open(t))
	var mu sync.Mutex
	var events []lab.AddressEvent
	var frames []lab.Frame
	if err := a.Watch(func(e lab.AddressEvent) { mu.Lock(); events = append(events, e); mu.Unlock() }); err != nil {
		t.Fatal(err)
	}
	if err := a.Capture(func(f lab.Frame) { mu.Lock(); frames = append(frames, f); mu.Unlock() }); err != nil {
		t.Fatal(err)
	}
	if err := a.AddAddresses("ens160", netip.MustParsePrefix("10.1.1.166/32")); err != nil {
		t.Fatal(err)
	}
	reaches(a, "10.1.1.2:80") // asks for b by ARP
	_ = b
	eventually(t, "the address and an ARP frame are seen", func() bool {
		mu.Lock()
		defer mu.Unlock()
		seen := slices.ContainsFunc(events, func(e lab.AddressEvent) bool {
			return e.Added && e.Address.String() == "10.1.1.166/32" && e.Interface == "ens160"
		})
		return seen && slices.ContainsFunc(frames, func(f lab.Frame) bool {
			return len(f.Data) >= 42 && f.Data[12] == 8 && f.Data[13] == 6 && f.Interface == "ens160" && time.Since(f.Time) < time.Minute
		})
	})
}

func TestKillEndsAllAtOnce(t *testing.T) {
	t.Parallel()
	need.Program(t, "sh")
	a, _ := pair(t, open(t))
	dir := t.TempDir()
	// A child that would write a word if it saw its parent die or got SIGTERM.
	script := `sh -c 'trap "echo seen >/run/lab/seen" TERM; echo up >/run/lab/up; while :; do sleep 0.01; kill -0 $PPID || echo seen >/run/lab/seen; done' & wait`
	p, err := a.Start(lab.Command{Dir: dir, Argv: []string{"sh", "-c", script}})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the child runs", func() bool { _, err := os.Stat(filepath.Join(dir, "up")); return err == nil })
	if n := len(p.Pids()); n < 2 {
		t.Fatalf("%d processes, want at least 2", n)
	}
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "seen")); err == nil {
		t.Error("the child saw its parent's death")
	}
	if pids := p.Pids(); len(pids) != 0 {
		t.Errorf("processes left: %v", pids)
	}
}

func TestStopAndStatus(t *testing.T) {
	t.Parallel()
	a, _ := pair(t, open(t))
	dir := t.TempDir()
	var out strings.Builder
	p, err := a.Start(lab.Command{Dir: dir, Stdout: &out,
		Argv: []string{"sh", "-c", `trap "exit 7" TERM; ls /run; echo up >/run/lab/up; while :; do sleep 0.01; done`}})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "it runs", func() bool { _, err := os.Stat(filepath.Join(dir, "up")); return err == nil })
	if err := p.Stop(5 * time.Second); err != nil {
		t.Fatal(err)
	}
	if p.Status() != 7 {
		t.Errorf("status %d, want 7", p.Status())
	}
	if got := strings.TrimSpace(out.String()); got != "lab" {
		t.Errorf("/run holds %q, want only the lab's directory", got)
	}
}

// TestWithoutRoot runs the other tests as an unprivileged user in a user namespace.
func TestWithoutRoot(t *testing.T) {
	nobody := need.UserNamespaces(t)
	if !lab.Inside(func(string) string { return "" }) {
		t.Fatal("root is not inside")
	}
	dir, err := os.MkdirTemp("", "lab")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	exe := filepath.Join(dir, "lab.test")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	// Copied by a program of its own: a file that this process had open for writing could not be run
	// while another test starts a process.
	if out, err := exec.Command("install", "-m", "0755", self, exe).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	words := append(nobody[1:len(nobody):len(nobody)], exe, "-test.run=^TestEnterHelper$", "-test.v")
	cmd := exec.Command(nobody[0], words...)
	cmd.Env = append(os.Environ(), "LAB_TEST_ENTER=1", "TMPDIR="+dir)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestWireCutAndJoin") {
		t.Errorf("without root: %v\n%s", err, out)
	}
}

// TestEnterHelper is the part of TestWithoutRoot that runs as somebody else.
func TestEnterHelper(t *testing.T) {
	if os.Getenv("LAB_TEST_ENTER") == "" {
		return
	}
	if lab.Inside(os.Getenv) {
		t.Fatal("inside before Enter")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	status, err := lab.Enter(t.Context(), []string{exe, "-test.v", "-test.run", "^(TestWireCutAndJoin|TestWatchAndCapture|TestKillEndsAllAtOnce|TestStopAndStatus)$"},
		lab.Streams{Stdout: os.Stdout, Stderr: os.Stderr})
	if err != nil || status != 0 {
		t.Fatalf("status %d, %v", status, err)
	}
}
