//go:build linux

package node

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"reflect"
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

// keepalivedLines are lines of the log of Debian's keepalived 2.2.7.
const keepalivedLines = `Fri Nov 20 13:00:38 2026: (VI_1) removing VIPs.
Fri Nov 20 13:00:38 2026: Startup complete
Fri Nov 20 13:00:38 2026: (VI_1) Entering BACKUP STATE (init)
Fri Nov 20 13:00:38 2026: VRRP_Script(chk) succeeded
Fri Nov 20 13:00:41 2026: (VI_1) Receive advertisement timeout
Fri Nov 20 13:00:41 2026: (VI_1) Entering MASTER STATE
Fri Nov 20 13:00:41 2026: (VI_1) setting VIPs.
Fri Nov 20 13:00:44 2026: VRRP_Script(chk) failed (exited with status 3)
Fri Nov 20 13:00:44 2026: (VI_1) Changing effective priority from 150 to 90
Fri Nov 20 13:00:45 2026: (VI_1) received an invalid passwd!
Fri Nov 20 13:00:46 2026: (VI_1) Master received advert from 10.1.1.2 with higher priority 100, ours 90
Fri Nov 20 13:00:46 2026: (VI_1) Entering BACKUP STATE
Fri Nov 20 13:00:48 2026: Netlink reports eth0 down
Fri Nov 20 13:00:48 2026: (VI_1) Entering FAULT STATE`

func TestKeepalivedLog(t *testing.T) {
	parse := newKeepalivedParser()
	var got []any
	for _, l := range strings.Split(keepalivedLines, "\n") {
		got = append(got, parse([]byte(l))...)
	}
	want := []any{
		Ready{},
		Transition{Instance: "VI_1", From: "INIT", To: "BACKUP", Cause: "started"},
		Script{Name: "chk", Up: true},
		Transition{Instance: "VI_1", From: "BACKUP", To: "MASTER", Cause: "no advertisement"},
		Script{Name: "chk", Cause: "exited with status 3"},
		Priority{Instance: "VI_1", From: 150, To: 90},
		Ignored{Instance: "VI_1", Reason: "received an invalid passwd"},
		Transition{Instance: "VI_1", From: "MASTER", To: "BACKUP", Cause: "advertisement from 10.1.1.2 with higher priority 100"},
		Transition{Instance: "VI_1", From: "BACKUP", To: "FAULT", Cause: "eth0 is down"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// karunLines are lines of karun's JSON log.
const karunLines = `{"time":"2026-11-20T13:22:22.8Z","level":"INFO","msg":"transition","instance":"VI_1","from":"BACKUP","to":"MASTER","priority":100,"cause":"no advert received"}
{"time":"2026-11-20T13:22:23Z","level":"INFO","msg":"priority","instance":"VI_1","from":150,"to":60,"cause":"script chk is down"}
{"time":"2026-11-20T13:22:24Z","level":"INFO","msg":"script","script":"chk","up":false,"exit":1,"cause":"exit status 1"}
{"time":"2026-11-20T13:22:25Z","level":"WARN","msg":"advert-ignored","instance":"VI_1","reason":"password","source":"10.1.1.1"}
{"time":"2026-11-20T13:22:26Z","level":"INFO","msg":"ready"}
{"time":"2026-11-20T13:22:27Z","level":"INFO","msg":"process","name":"vrrp"}
{"time":"2026-11-20T13:22:28Z","level":"ERROR","msg":"no room","error":"queue is full"}
panic: something`

func TestKarunLog(t *testing.T) {
	var got []any
	for _, l := range strings.Split(karunLines, "\n") {
		for _, w := range parseKarun([]byte(l)) {
			if s, ok := w.(stamped); ok {
				if s.time.Year() != 2026 {
					t.Errorf("time %v", s.time)
				}
				w = s.what
			}
			got = append(got, w)
		}
	}
	want := []any{
		Transition{Instance: "VI_1", From: "BACKUP", To: "MASTER", Priority: 100, Cause: "no advert received"},
		Priority{Instance: "VI_1", From: 150, To: 60, Cause: "script chk is down"},
		Script{Name: "chk", Cause: "exit status 1"},
		Ignored{Instance: "VI_1", Reason: "password", Source: "10.1.1.1"},
		Ready{},
		Message{Text: "no room: queue is full"},
		Message{Text: "panic: something"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestLineWriter(t *testing.T) {
	var got []string
	w := lineWriter{line: func(b []byte) { got = append(got, string(b)) }}
	for _, piece := range []string{"on", "e\ntwo\nth", "ree\n", "rest"} {
		if n, err := w.Write([]byte(piece)); n != len(piece) || err != nil {
			t.Fatal(n, err)
		}
	}
	if _, err := w.Write([]byte(strings.Repeat("x", 3*maxLineBytes))); err != nil || len(w.buf) > 3*maxLineBytes {
		t.Errorf("a line without an end is kept whole: %d bytes, %v", len(w.buf), err)
	}
	if want := []string{"one", "two", "three"}; !reflect.DeepEqual(got[:3], want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestStandIns runs stand-ins on a host: they record their words, exactly, and fail as told.
func TestStandIns(t *testing.T) {
	need.Root(t)
	l, err := lab.Open(lab.Options{Init: []string{"/proc/self/exe", initWord}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	h, err := l.NewHost("a")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var ran []Ran
	n, err := New(Options{Name: "a", Host: h, Dir: t.TempDir(), Sink: func(e Event) {
		if r, ok := e.What.(Ran); ok {
			mu.Lock()
			ran = append(ran, r)
			mu.Unlock()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = n.Close() }()
	argv := []string{"/bin/check", "a b", "", "it's", "$HOME", "two\nlines"}
	standIn := n.StandIn(Purpose{Script: "chk"}, argv)
	status := func() int {
		p, err := h.Start(lab.Command{Dir: n.opt.Dir, Argv: standIn})
		if err != nil {
			t.Fatal(err)
		}
		<-p.Done()
		return p.Status()
	}
	for _, failing := range []bool{false, true, false} {
		if err := n.SetFailing("chk", failing); err != nil {
			t.Fatal(err)
		}
		if got, want := status(), map[bool]int{false: 0, true: 1}[failing]; got != want {
			t.Errorf("failing %v: status %d, want %d", failing, got, want)
		}
	}
	if err := n.SetFailing("other", true); err == nil {
		t.Error("a script that is not there can fail")
	}
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		mu.Lock()
		count := len(ran)
		mu.Unlock()
		if count == 3 {
			break
		}
	}
	mu.Lock()
	defer mu.Unlock()
	for _, r := range ran {
		if !reflect.DeepEqual(r, Ran{Purpose{Script: "chk"}, argv}) {
			t.Errorf("ran %q", r)
		}
	}
	if len(ran) != 3 {
		t.Errorf("%d records, want 3", len(ran))
	}
}

func FuzzRecords(f *testing.F) {
	f.Add("2\x000\x00/bin/true\x00")
	f.Add("torn\x001\x000\x00")
	f.Add("4097\x00" + "1\x00")
	f.Fuzz(func(t *testing.T, data string) {
		r := bufio.NewReaderSize(strings.NewReader(data), 64)
		for {
			words, err := readRecord(r)
			if err != nil {
				return
			}
			if len(words) == 0 || len(words) > maxWords {
				t.Fatalf("%d words", len(words))
			}
		}
	})
}

func FuzzLogs(f *testing.F) {
	for _, l := range strings.Split(keepalivedLines+"\n"+karunLines, "\n") {
		f.Add(l)
	}
	f.Fuzz(func(_ *testing.T, line string) {
		newKeepalivedParser()([]byte(line))
		for _, w := range parseKarun([]byte(line)) {
			_, _ = json.Marshal(fmt.Sprint(w))
		}
	})
}

func FuzzFrames(f *testing.F) {
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\x02ka\x00\x00\x01\x08\x06\x00\x01\x08\x00\x06\x04\x00\x01\x02ka\x00\x00\x01\x0a\x01\x01\xa6\xff\xff\xff\xff\xff\xff\x0a\x01\x01\xa6"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n := &Node{opt: Options{Sink: func(e Event) {
			if a, ok := e.What.(Announcement); ok && a.Address == (netip.Addr{}) {
				t.Error("an announcement of nothing")
			}
		}}}
		n.frame(lab.Frame{Data: data})
	})
}
