//go:build linux

package track

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ka/compiler/plan"
	"ka/runtime/lab/need"
)

// TestMatches: the ways to compare, against a process "/usr/sbin/nginx -g daemon".
func TestMatches(t *testing.T) {
	cmdline := []byte("/usr/sbin/nginx\x00-g\x00daemon\x00")
	for _, tt := range []struct {
		p    plan.TrackProcess
		want bool
	}{
		{plan.TrackProcess{Command: "nginx"}, true},
		{plan.TrackProcess{Command: "/usr/sbin/nginx"}, false},
		{plan.TrackProcess{Command: "/usr/sbin/nginx", FullCommand: true, Match: plan.MatchName}, true},
		{plan.TrackProcess{Command: "nginx", FullCommand: true, Match: plan.MatchName}, false},
		{plan.TrackProcess{Command: "/usr/sbin/nginx", FullCommand: true, Match: plan.MatchExact}, false},
		{plan.TrackProcess{Command: "/usr/sbin/nginx", FullCommand: true, Match: plan.MatchExact, Parameters: []string{"-g", "daemon"}}, true},
		{plan.TrackProcess{Command: "/usr/sbin/nginx", FullCommand: true, Match: plan.MatchExact, Parameters: []string{"-g"}}, false},
		{plan.TrackProcess{Command: "/usr/sbin/nginx", FullCommand: true, Match: plan.MatchPartial, Parameters: []string{"-g"}}, true},
		{plan.TrackProcess{Command: "/usr/sbin/nginx", FullCommand: true, Match: plan.MatchPartial, Parameters: []string{"-g", "dae"}}, false},
		{plan.TrackProcess{Command: "/usr/sbin/nginx", FullCommand: true, Match: plan.MatchInitial, Parameters: []string{"-g", "dae"}}, true},
		{plan.TrackProcess{Command: "/usr/sbin/nginx", FullCommand: true, Match: plan.MatchInitial}, true},
	} {
		if got := matches(&tt.p, "nginx", cmdline); got != tt.want {
			t.Errorf("%+v: %v", tt.p, got)
		}
	}
	if matches(&plan.TrackProcess{Command: "x", FullCommand: true}, "", nil) {
		t.Error("a zombie, which has no command line, counts")
	}
	for text, want := range map[string]string{"7 (a b) S 1": "a b", "7 (odd) name) R 1": "odd) name", "7 (gone) Z 1": "zombie", "7 (cut": "bad", "": "bad"} {
		name, zombie, ok := parseStat([]byte(text))
		if zombie {
			name = "zombie"
		}
		if !ok {
			name = "bad"
		}
		if name != want {
			t.Errorf("%q: %q", text, name)
		}
	}
}

// counts collects what the quorums do.
type counts struct {
	t    *testing.T
	news chan string
}

// copyOf makes a program of a name of its own, so that nothing else on the machine counts.
func copyOf(t *testing.T, program string) string {
	t.Helper()
	b, err := os.ReadFile(need.Program(t, program))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), fmt.Sprintf("k%d", time.Now().UnixNano()%1e12))
	if err := os.WriteFile(path, b, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func (c *counts) run(path string, words ...string) (stop func()) {
	c.t.Helper()
	cmd := exec.Command(path, words...)
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	ended := false
	stop = func() {
		if !ended {
			ended = true
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}
	c.t.Cleanup(stop)
	return stop
}

func (c *counts) want(want string) {
	c.t.Helper()
	select {
	case got := <-c.news:
		if got != want {
			c.t.Fatalf("got %q, want %q", got, want)
		}
	case <-time.After(30 * time.Second):
		c.t.Fatalf("waited for %q", want)
	}
}

// start counts; polling is what it does where the kernel tells nothing.
func start(t *testing.T, polling bool, list ...plan.TrackProcess) *counts {
	t.Helper()
	c := &counts{t, make(chan string, 100)}
	p, err := NewProcesses(list, ProcessBuffer{})
	if polling {
		p.Close()
		p.events = nil
	} else if err != nil {
		need.Missing(t, "needs process events: "+err.Error())
	}
	c.loop(p)
	return c
}

// loop counts until the test ends.
func (c *counts) loop(p *Processes) {
	t := c.t
	use := func(name string, up bool) { c.news <- fmt.Sprint(name, " ", up) }
	if err := p.Read(use); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); p.Loop(ctx, use) }()
	t.Cleanup(func() { cancel(); <-ended })
}

// TestProcesses: a quorum, its upper bound, a command line, and a name that only the running program has;
// by the kernel's events, and by reading /proc.
func TestProcesses(t *testing.T) {
	need.Root(t)
	for _, polling := range []bool{false, true} {
		t.Run(fmt.Sprint("polling ", polling), func(t *testing.T) {
			path := copyOf(t, "sleep")
			one := uint16(1)
			c := start(t, polling,
				plan.TrackProcess{Name: "two", Command: filepath.Base(path), Quorum: 2},
				plan.TrackProcess{Name: "words", Command: path, FullCommand: true, Match: plan.MatchExact, Parameters: []string{"1001"}, Quorum: 1, QuorumMax: &one},
			)
			c.want("two false")
			c.want("words false")
			first := c.run(path, "1001")
			c.want("words true")
			second := c.run(path, "1001")
			got := map[string]bool{<-c.news: true, <-c.news: true}
			if !got["two true"] || !got["words false"] {
				t.Fatalf("two run: %v", got)
			}
			second()
			got = map[string]bool{<-c.news: true, <-c.news: true}
			if !got["two false"] || !got["words true"] {
				t.Fatalf("one runs: %v", got)
			}
			first()
			c.want("words false")
		})
	}
}

// TestTerminateDelay: a process that comes back within the delay never was away.
func TestTerminateDelay(t *testing.T) {
	need.Root(t)
	path := copyOf(t, "sleep")
	c := start(t, false, plan.TrackProcess{Name: "p", Command: filepath.Base(path), Quorum: 1, TerminateDelay: 10 * time.Second},
		plan.TrackProcess{Name: "q", Command: filepath.Base(path), Quorum: 1})
	c.want("p false")
	c.want("q false")
	stop := c.run(path, "1001")
	got := map[string]bool{<-c.news: true, <-c.news: true}
	if !got["p true"] || !got["q true"] {
		t.Fatalf("it runs: %v", got)
	}
	stop()
	c.want("q false")
	c.run(path, "1001")
	c.want("q true") // and nothing of p
}

// TestDelayOfTheCause: one process too many is held back as a fork is, and its end as an end is, whichever way the
// quorum goes by it.
func TestDelayOfTheCause(t *testing.T) {
	one := uint16(1)
	p := &Processes{members: map[int][]int{10: {0}}, list: []counted{{
		TrackProcess: plan.TrackProcess{Name: "p", Quorum: 1, QuorumMax: &one, ForkDelay: 2 * time.Second, TerminateDelay: 5 * time.Second},
		count:        1,
	}}}
	c := &p.list[0]
	c.Force(c.quorum())
	for _, step := range []struct {
		event procEvent
		at    time.Duration
		up    bool
		due   time.Duration
	}{
		{procEvent{what: eventFork, pid: 20, parent: 10}, 0, false, 2 * time.Second},
		{procEvent{what: eventExit, pid: 20}, 10 * time.Second, true, 15 * time.Second},
		{procEvent{what: eventExit, pid: 10}, 20 * time.Second, false, 25 * time.Second},
	} {
		p.event(step.event, step.at, func(name string, up bool) { t.Errorf("%+v: %s is %v at once", step.event, name, up) })
		if due, ok := c.Deadline(); !ok || due != step.due {
			t.Errorf("%+v: due at %v, %v; want %v", step.event, due, ok, step.due)
		}
		if !c.Fire(step.due) || c.IsUp() != step.up {
			t.Errorf("%+v: up is %v, want %v", step.event, c.IsUp(), step.up)
		}
	}
}

// TestForkBeforeRead: a process that is seen in /proc counts once, also where the event of its fork waits.
func TestForkBeforeRead(t *testing.T) {
	need.Root(t)
	path := copyOf(t, "dash")
	three := uint16(3)
	c := &counts{t, make(chan string, 100)}
	p, err := NewProcesses([]plan.TrackProcess{{Name: "three", Command: filepath.Base(path), Quorum: 3, QuorumMax: &three}}, ProcessBuffer{})
	if err != nil {
		need.Missing(t, "needs process events: "+err.Error())
	}
	forked := filepath.Join(t.TempDir(), "forked")
	if err := unix.Mkfifo(forked, 0o600); err != nil {
		t.Fatal(err)
	}
	// The two subshells wait for a writer, which comes with the end of the test's directory.
	stop := c.run(path, "-c", "( : < "+forked+" ) & ( : < "+forked+" ) & wait")
	t.Cleanup(func() {
		if fd, err := unix.Open(forked, unix.O_RDWR|unix.O_NONBLOCK, 0); err == nil {
			_ = unix.Close(fd)
		}
	})
	until(t, "two forks", func() bool {
		names, _ := filepath.Glob("/proc/[0-9]*/comm")
		return countComm(names, filepath.Base(path)) == 3
	})
	c.loop(p)
	c.want("three true")
	// Behind these events all that waited were read.
	stop()
	c.want("three false")
	c.run(path, "-c", ": < "+forked)
	c.want("three true")
}

func countComm(names []string, want string) (n int) {
	for _, name := range names {
		if b, _ := os.ReadFile(name); strings.TrimSpace(string(b)) == want {
			n++
		}
	}
	return n
}

// TestStorm: a storm of processes that does not end does not keep /proc from being read.
func TestStorm(t *testing.T) {
	p, begin := &Processes{}, time.Unix(1000, 0)
	for _, ms := range []time.Duration{0, 300, 900} {
		p.loseEvents(begin.Add(ms * time.Millisecond))
	}
	if want := begin.Add(settleTime); !p.lost.Equal(want) {
		t.Errorf("read at %v, want %v", p.lost, want)
	}
}

// TestProcEvent: words of a message as the kernel writes them.
func TestProcEvent(t *testing.T) {
	for _, tt := range []struct {
		words []uint32
		want  procEvent
		ok    bool
	}{
		{[]uint32{eventFork, 0, 0, 0, 10, 10, 20, 20}, procEvent{what: eventFork, pid: 20, parent: 10}, true},
		{[]uint32{eventFork, 0, 0, 0, 10, 10, 21, 20}, procEvent{}, false}, // a thread
		{[]uint32{eventExit, 0, 0, 0, 20, 20, 0, 17}, procEvent{what: eventExit, pid: 20}, true},
		{[]uint32{eventExit, 0, 0, 0, 21, 20, 0, 17}, procEvent{}, false},
		{[]uint32{eventAnswer, 0, 0, 0, 1}, procEvent{status: 1}, true},
		{[]uint32{4, 0, 0, 0, 20, 20}, procEvent{}, false}, // a change of user
		{[]uint32{eventExec, 0, 0}, procEvent{}, false},    // cut
	} {
		if got, ok := parseProcEvent(procMessage(tt.words...)); ok != tt.ok || ok && got != tt.want {
			t.Errorf("%v: %+v, %v", tt.words, got, ok)
		}
	}
}

// procMessage makes a message of the kernel's.
func procMessage(words ...uint32) []byte {
	var b bytes.Buffer
	head := []any{uint32(unix.NLMSG_HDRLEN + connectorHeader + 4*len(words)), uint16(unix.NLMSG_DONE), uint16(0), uint32(0), uint32(0),
		uint32(connectorIndex), uint32(connectorValue), uint32(0), uint32(0), uint16(4 * len(words)), uint16(0), words}
	for _, v := range head {
		_ = binary.Write(&b, binary.NativeEndian, v)
	}
	return b.Bytes()
}

func FuzzProcEvent(f *testing.F) {
	f.Add(procMessage(eventFork, 0, 0, 0, 10, 10, 20, 20))
	f.Add(procMessage(eventAnswer, 0, 0, 0, 0))
	f.Add([]byte(strings.Repeat("\xff", 60)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if ev, ok := parseProcEvent(b); ok && ev.what != eventAnswer && ev.pid <= 0 {
			t.Errorf("%+v", ev)
		}
	})
}
