//go:build linux

package control

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func sample() Status {
	t0 := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return Status{
		Version: 1, Node: "a", PID: 7, Started: t0,
		Processes: []Process{{Name: "vrrp", PID: 8, Since: t0}},
		Instances: []Instance{{Name: "VI_1", Interface: "eth0", VRID: 51, State: "MASTER", Since: t0, Cause: "no advert for 3.6s",
			Priority: 100, BasePriority: 120, Addresses: []string{"192.0.2.1/24"}, Counters: map[string]uint64{"adverts_sent": 3, "zero": 0}}},
		Scripts:        []Script{{Name: "chk", Known: true, Up: false, LastExit: "exit status 1", At: t0, Runs: 4}, {Name: "new"}},
		VirtualServers: []VirtualServer{{Name: "tcp 192.0.2.1:80", RealServers: []RealServer{{Address: "10.0.0.1:80", Up: true, Since: t0}}}},
		Drops:          map[string]uint64{"messages": 1},
	}
}

func sampleReload() Reload {
	return Reload{Outcome: ReloadRefused, Reasons: []string{"a.conf:3: interface \"eth9\" does not exist"}}
}

func serveSample(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	srv, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		srv.Serve(ctx, Handlers{
			Status: func(context.Context) Status { return sample() },
			Reload: func(context.Context) Reload { return sampleReload() },
		})
	}()
	t.Cleanup(func() { cancel(); <-done })
	return dir
}

func TestGet(t *testing.T) {
	dir := serveSample(t)
	st, err := os.Stat(filepath.Join(dir, SocketName))
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, error %v", st.Mode(), err)
	}
	got, err := Get(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(sample(), got); d != "" {
		t.Error(d)
	}
	if _, err := Get(t.Context(), t.TempDir()); !errors.Is(err, ErrNotRunning) {
		t.Errorf("without a socket: %v", err)
	}
}

func TestAskReload(t *testing.T) {
	got, err := AskReload(t.Context(), serveSample(t))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(sampleReload(), got); d != "" {
		t.Error(d)
	}
	if _, err := AskReload(t.Context(), t.TempDir()); !errors.Is(err, ErrNotRunning) {
		t.Errorf("without a socket: %v", err)
	}
}

// TestEndWaitsForNobody: a client that asks nothing, and one that does not read its answer, keep nobody from ending.
func TestEndWaitsForNobody(t *testing.T) {
	dir := t.TempDir()
	srv, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	srv.limit = time.Hour
	long, asked := sample(), make(chan struct{})
	long.NotRun = []string{strings.Repeat("x", 8<<20)} // more than a socket holds
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		srv.Serve(ctx, Handlers{Status: func(context.Context) Status { close(asked); return long }})
	}()
	for _, text := range []string{"", "{\"request\":\"status\"}\n"} {
		conn, err := net.Dial("unix", filepath.Join(dir, SocketName))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := conn.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	<-asked
	cancel()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Error("it waits for its clients")
	}
}

func TestBadRequests(t *testing.T) {
	dir := serveSample(t)
	for _, text := range []string{"{\"request\":\"stop\"}\n", "garbage\n", strings.Repeat("x", 2*maxRequest) + "\n"} {
		conn, err := net.Dial("unix", filepath.Join(dir, SocketName))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = conn.Write([]byte(text))
		var b bytes.Buffer
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
		_, _ = b.ReadFrom(conn)
		_ = conn.Close()
		if len(text) < maxRequest && !strings.Contains(b.String(), "unknown request") {
			t.Errorf("%q: answer %q", text, b.String())
		}
		if strings.Contains(b.String(), "VI_1") {
			t.Errorf("%.20q: got the status", text)
		}
	}
}

// TestTrackingPage: the page about tracking shows what the program prints.
func TestTrackingPage(t *testing.T) {
	t0 := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	st := Status{Instances: []Instance{{
		Name: "A", Interface: "eth0", VRID: 51, State: "BACKUP", Since: t0, Priority: 75, Master: "192.0.2.2", Cause: "start",
		Counters: map[string]uint64{"adverts-received": 3}, Tracked: []Tracked{
			{Kind: "interface", Name: "e2", Known: true, Weight: 11},
			{Kind: "file", Name: "load", Known: true, IsNumber: true, Number: 2, Weight: -3, Priority: -6},
			{Kind: "process", Name: "nginx", Known: true, Weight: -20, Priority: -20},
			{Kind: "BFD session", Name: "peer", Known: true, Up: true, Weight: 1, Priority: 1},
			{Kind: "interface", Name: "e4", Known: true, Up: true},
		},
	}}}
	var b bytes.Buffer
	if err := WriteText(&b, st, t0.Add(3*time.Second)); err != nil {
		t.Fatal(err)
	}
	_, instance, _ := strings.Cut(b.String(), "\n")
	page, err := os.ReadFile("../../docs/tracking.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "```\n"+instance+"```\n") {
		t.Errorf("docs/tracking.md does not show\n%s", instance)
	}
}

// TestTrackedText: what each tracked thing is, and what comes of it.
func TestTrackedText(t *testing.T) {
	st := Status{Instances: []Instance{{Name: "VI_1", Interface: "eth0", VRID: 51, State: "FAULT", Priority: 110, Cause: "c", Tracked: []Tracked{
		{Kind: "script", Name: "chk", Weight: -90},
		{Kind: "script", Name: "up", Known: true, Up: true, Weight: 20, Priority: 20},
		{Kind: "interface", Name: "eth1", Known: true, Fault: true},
		{Kind: "file", Name: "load", Known: true, IsNumber: true, Number: -5, Weight: 2, Priority: -10},
		{Kind: "process", Name: "nginx", Known: true, Up: true, Weight: -5},
		{Kind: "BFD session", Name: "peer", Known: true, Up: true},
	}}}, BFD: []BFDSession{{Name: "peer", Neighbor: "192.0.2.2", State: "Up", Up: true, Counters: map[string]uint64{"expired": 1}}}}
	var b bytes.Buffer
	if err := WriteText(&b, st, st.Started); err != nil {
		t.Fatal(err)
	}
	const want = `karun                                 pid 0  up -
instance     VI_1                     FAULT  for -  priority 110  master -  c
             eth0 vrid 51
             tracks script chk        not known yet  nothing yet
             tracks script up         up             priority +20
             tracks interface eth1    down           a fault
             tracks file load         holds -5       priority -10
             tracks process nginx     up             nothing (weight -5)
             tracks BFD session peer  up             no fault
BFD session  peer                     Up             with 192.0.2.2  expired 1
`
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Error(d)
	}
}

func TestWriteText(t *testing.T) {
	var b bytes.Buffer
	st := sample()
	if err := WriteText(&b, st, st.Started.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	const want = `karun           a             pid 7   up 1m0s
process         vrrp          pid 8   for 1m0s  restarts 0
instance        VI_1          MASTER  for 1m0s  priority 100  master -  no advert for 3.6s
                eth0 vrid 51  adverts_sent 3
script          chk           down           runs 4  skipped 0  exit status 1
script          new           not known yet  runs 0  skipped 0
virtual server  tcp 192.0.2.1:80
                10.0.0.1:80  up  for 1m0s
drops           messages 1
`
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Error(d)
	}
}
