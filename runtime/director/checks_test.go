//go:build linux

package director

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ka/compiler/effect"
	"ka/compiler/plan"
)

// fakeTable is an IPVS table in memory.
type fakeTable struct {
	mu      sync.Mutex
	objects map[string]effect.Object
	applied []string
}

func (f *fakeTable) Snapshot() ([]effect.Object, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []effect.Object
	for _, o := range f.objects {
		out = append(out, o)
	}
	return out, nil
}

func (f *fakeTable) Apply(c effect.Change) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.applied = append(f.applied, c.String())
	if c.Op == effect.Remove {
		delete(f.objects, c.Object().Key())
	} else {
		f.objects[c.Object().Key()] = c.Object()
	}
	return nil
}

func (f *fakeTable) Close() error { return nil }

func (f *fakeTable) log() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.applied, "\n")
}

// TestChecksProcess runs the process against real listeners: a server that dies leaves the table and
// comes back, and at the end everything goes but what was there before.
func TestChecksProcess(t *testing.T) {
	listen := func(addr string) net.Listener {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				_ = c.Close()
			}
		}()
		return l
	}
	good, bad := listen("127.0.0.1:0"), listen("127.0.0.1:0")
	defer good.Close()
	server := func(l net.Listener) plan.RealServer {
		target := netip.MustParseAddrPort(l.Addr().String())
		return plan.RealServer{Address: target, Weight: 1, Method: plan.DR, Checks: []plan.Check{{
			Kind: plan.TCPCheck, Target: target, ConnectTimeout: time.Second, Retry: 1,
			DelayBeforeRetry: 50 * time.Millisecond, DelayLoop: 100 * time.Millisecond,
		}}}
	}
	p := &plan.Plan{VirtualServers: []plan.VirtualServer{{
		Address: netip.MustParseAddrPort("192.0.2.1:80"), Protocol: plan.TCP, Scheduler: "rr", Method: plan.DR,
		RealServers: []plan.RealServer{server(good), server(bad)},
	}}}
	all := effect.All(p)
	// The first real server's destination was there before, with another weight.
	before := all[1].Object.(effect.Destination)
	before.Weight = 7
	table := &fakeTable{objects: map[string]effect.Object{before.Key(): before}}
	super, child, err := socketPair()
	if err != nil {
		t.Fatal(err)
	}
	other := newChildLink(super)
	c := newChecks(newChildLink(child), table, p, setup{Kept: []string{before.Key()}})
	ended := make(chan error, 1)
	go func() { ended <- c.run() }()
	var log []string
	// hear waits until the process has said something with all the parts.
	hear := func(parts ...string) {
		t.Helper()
		until(t, strings.Join(parts, " "), func() bool {
			for {
				m, ok, err := other.receive()
				if err != nil || !ok {
					break
				}
				log = append(log, fmt.Sprint(m.Type, " ", m.Text, " ", m.Attrs, m.ServerStatus))
			}
			return slices.ContainsFunc(log, func(line string) bool {
				return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(line, p) })
			})
		})
	}
	hear(msgReady)
	_ = bad.Close()
	hear("real-server", bad.Addr().String(), "up false", "connection refused")
	again := listen(bad.Addr().String())
	defer again.Close()
	hear("real-server", bad.Addr().String(), "up true", "the check succeeded")
	other.send(message{Type: msgStatus, ID: 3})
	hear(msgServer, "tcp 192.0.2.1:80")
	other.send(message{Type: msgStop})
	hear(msgStopped)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	want := strings.Join([]string{
		"+ " + all[0].String(), "~ " + all[1].String(), "+ " + all[2].String(),
		"- " + all[2].String(), "+ " + all[2].String(),
		"- " + all[2].String(), "- " + all[0].String(),
	}, "\n")
	if got := table.log(); got != want {
		t.Errorf("applied\n%s\nwant\n%s", got, want)
	}
	_ = unix.Close(super)
	time.Sleep(300 * time.Millisecond) // the reader of messages looks again five times a second
	_ = unix.Close(child)
}

// TestChildLinkIsBounded: with a supervisor that does not read, messages are dropped and counted, and
// nothing waits.
func TestChildLinkIsBounded(t *testing.T) {
	super, child, err := socketPair()
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(super)
	defer unix.Close(child)
	l := newChildLink(child)
	begin := time.Now()
	text := strings.Repeat("x", 4<<10)
	for range childBacklog + 2000 {
		l.send(message{Type: msgLog, Text: text})
	}
	if l.dropped == 0 || len(l.queue) > childBacklog {
		t.Errorf("%d dropped, %d queued", l.dropped, len(l.queue))
	}
	l.send(message{Type: msgLog, Text: strings.Repeat("x", maxMessage)})
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
	// A supervisor that reads again gets what was queued, whole.
	other := newChildLink(super)
	got := 0
	for {
		l.flush()
		m, ok, err := other.receive()
		if err != nil || !ok {
			break
		}
		if m.Text != text && m.Text != "dropped" {
			t.Fatalf("a message of %d bytes", len(m.Text))
		}
		got++
	}
	if sent := childBacklog + 2000 - int(l.dropped) + 2; got != sent { // with the record of the drops
		t.Errorf("%d messages came, want %d", got, sent)
	}
}
