//go:build linux

package director

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"ka/compiler/plan"
	"ka/runtime/control"
	"ka/runtime/lab/need"
)

// TestStatesAreNotLost: whatever a child that does not read misses, it ends with the latest state of each thing.
func TestStatesAreNotLost(t *testing.T) {
	super, childEnd, err := socketPair()
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.SetsockoptInt(super, unix.SOL_SOCKET, unix.SO_SNDBUF, 4096); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	l, err := newSuperLink(super, func(message) {}, &wg)
	if err != nil {
		t.Fatal(err)
	}
	const things = 2 * superBacklog
	for round := range 3 {
		for i := range things {
			l.tell(msgTracked, trackedState{Kind: plan.KindFile, Name: fmt.Sprint(i), Number: round*things + i})
		}
	}
	c := newChildLink(childEnd)
	seen := make(map[string]int)
	until(t, "all states", func() bool {
		for {
			m, ok, err := c.receive()
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				break
			}
			seen[m.Tracked.Name] = m.Tracked.Number
		}
		for i := range things {
			if seen[fmt.Sprint(i)] != 2*things+i {
				return false
			}
		}
		return true
	})
	l.close()
	wg.Wait()
	_ = unix.Close(childEnd)
}

// TestReloadsInTurn: a plan that comes while another one is read waits for its end, and only the latest does.
func TestReloadsInTurn(t *testing.T) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	p := testPlan(100)
	v := &vrrpProcess{plan: p, link: newChildLink(fds[0]), mirror: newMirror(p), static: &instance{}, reloads: make(chan *newPlan, 1)}
	if v.events, err = newEventQueue(); err != nil {
		t.Fatal(err)
	}
	for id := range 3 {
		f, err := writeSetup(routers(router(fmt.Sprint(id+1), 1, 100)), setup{})
		if err != nil {
			t.Fatal(err)
		}
		fd, err := unix.Dup(int(f.Fd()))
		if err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
		v.beginReload(uint64(id+1), fd)
	}
	for _, want := range []string{"1", "3"} {
		if n := <-v.reloads; n.err != nil || n.plan.Instances[0].Name != want {
			t.Fatalf("%+v, want %s", n, want)
		}
		v.sendReloaded(control.Reload{})
	}
	if v.reload.id != 0 {
		t.Errorf("%+v", v.reload)
	}
	other := newChildLink(fds[1])
	for _, want := range []uint64{1, 3} {
		if m, ok, err := other.receive(); err != nil || !ok || m.ID != want {
			t.Errorf("%+v, %v, %v, want an answer to %d", m, ok, err, want)
		}
	}
	for _, fd := range []int{fds[0], fds[1], v.events.fd} {
		_ = os.NewFile(uintptr(fd), "end").Close()
	}
}

// TestLogLeavesRoom: records of the log that nobody takes are lost before what the supervisor acts on.
func TestLogLeavesRoom(t *testing.T) {
	super, childEnd, err := socketPair()
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.SetsockoptInt(childEnd, unix.SOL_SOCKET, unix.SO_SNDBUF, 4096); err != nil {
		t.Fatal(err)
	}
	c := newChildLink(childEnd)
	for range 2 * childBacklog {
		c.log(0, "noise")
	}
	lost := c.dropped
	c.send(message{Type: msgTracked})
	if lost == 0 || c.dropped != lost {
		t.Errorf("%d records lost, then %d messages", lost, c.dropped-lost)
	}
	_ = unix.Close(super)
	_ = unix.Close(childEnd)
}

// TestJournalOnFullDisk: a journal that cannot be written leaves the one before, and nothing else.
func TestJournalOnFullDisk(t *testing.T) {
	need.Root(t)
	dir := t.TempDir()
	if err := unix.Mount("none", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Unmount(dir, unix.MNT_DETACH) }()
	small := journal{Version: journalVersion, Node: "small"}
	if err := small.write(dir); err != nil {
		t.Fatal(err)
	}
	large := journal{Version: journalVersion, Node: strings.Repeat("large", 1<<16)}
	if err := large.write(dir); !errors.Is(err, unix.ENOSPC) {
		t.Fatalf("error %v", err)
	}
	if j, err := readJournal(dir); err != nil || j.Node != "small" {
		t.Errorf("%+v, %v", j, err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
}
