// Package labtest is for tests of programs on a small wire: two hosts in network namespaces on a bridge,
// driven by ip(8). The lab itself (runtime/lab) needs no program and no names; a test of the director
// wants to look at what it did with the tools that an operator has.
//
//	w := labtest.NewWire(t)
//	w.In("a", "ip", "addr", "add", "192.0.2.1/32", "dev", "eth0")
//	before := w.State("a")
package labtest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"ka/runtime/lab/need"
)

// Wire is a bridge with two hosts on it, a (10.77.0.1) and b (10.77.0.2), each in a network namespace,
// with the interface eth0. It goes at the end of its test.
type Wire struct {
	// T is the test.
	T *testing.T
	// namespaces are the names by host; "br" is the bridge's.
	namespaces map[string]string
}

// wires numbers the namespaces of this process.
var wires atomic.Int64

// NewWire makes a wire. The test then runs beside others.
func NewWire(t *testing.T) *Wire {
	t.Helper()
	t.Parallel()
	need.Root(t)
	need.Program(t, "ip")
	w := &Wire{t, map[string]string{}}
	for _, h := range []string{"br", "a", "b"} {
		name := fmt.Sprintf("ka%d-%d%s", os.Getpid(), wires.Add(1), h)
		w.namespaces[h] = name
		w.IP("netns", "add", name)
		t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", name).Run() })
	}
	w.In("br", "ip", "link", "add", "br0", "type", "bridge", "mcast_snooping", "0")
	w.In("br", "ip", "link", "set", "br0", "up")
	for i, h := range []string{"a", "b"} {
		w.In("br", "ip", "link", "add", "p"+h, "type", "veth", "peer", "name", "eth0", "netns", w.namespaces[h])
		w.In("br", "ip", "link", "set", "p"+h, "master", "br0", "up")
		w.In(h, "ip", "link", "set", "lo", "up")
		w.In(h, "ip", "link", "set", "eth0", "up")
		w.In(h, "ip", "addr", "add", fmt.Sprintf("10.77.0.%d/24", i+1), "dev", "eth0")
	}
	return w
}

// Namespace is the name of a host's network namespace.
func (w *Wire) Namespace(host string) string { return w.namespaces[host] }

// IP runs ip(8), which must succeed.
func (w *Wire) IP(args ...string) string {
	w.T.Helper()
	out, err := exec.Command("ip", args...).CombinedOutput()
	if err != nil {
		w.T.Fatalf("ip %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// In runs a command on a host.
func (w *Wire) In(host string, argv ...string) string {
	w.T.Helper()
	return w.IP(append([]string{"netns", "exec", w.namespaces[host]}, argv...)...)
}

// State is what ip(8) tells of a host's IPv4 addresses and routes.
func (w *Wire) State(host string) string {
	w.T.Helper()
	return w.In(host, "ip", "-4", "-br", "addr") + w.In(host, "ip", "-4", "route", "show", "table", "all")
}

// Noise reports whether a line of ip(8) is about a namespace of another test, which it passed on its way.
func Noise(line string) bool { return strings.Contains(line, "Peer netns reference is invalid") }

// Buffer collects what a program writes while the test reads it.
type Buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write appends.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// String is all that was written.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
