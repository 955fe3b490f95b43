//go:build linux

package interop

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ka/runtime/lab/labtest"
	"ka/runtime/lab/node"
	"ka/runtime/vrrp"
)

// The keys of these scenes.
var (
	keyA = strings.Repeat("a", 32)
	keyB = "hex:" + strings.Repeat("62", 64)
)

// signed is an instance of version 3 with the given lines of auth_hmac; none: it is not signed.
func signed(priority int, lines ...string) string {
	text := fmt.Sprintf("vrrp_instance VI_1 {\n\tinterface eth0\n\tversion 3\n\tvirtual_router_id 51\n\tpriority %d\n\tadvert_int 0.5\n", priority)
	if len(lines) > 0 {
		text += "\tauth_hmac {\n\t\t" + strings.Join(lines, "\n\t\t") + "\n\t}\n"
	}
	return text + "\tvirtual_ipaddress {\n\t\t" + vip.String() + "\n\t}\n}\n"
}

// TestSignatures: two nodes hear each other exactly where their keys and modes say so; what is dropped is
// counted by its reason, on both sides.
func TestSignatures(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "key")
	if err := os.WriteFile(file, []byte(keyA+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	one := []string{"key 1 " + keyA, "active_key 1"}
	with := func(lines ...string) []string { return append(append([]string{}, one...), lines...) }
	for _, c := range []struct {
		name string
		a, b []string
		// heard is what each counts of the other's adverts; "" is that it hears them.
		heardByA, heardByB vrrp.DropReason
	}{
		{"the same key", one, one, "", ""},
		{"a key in a file", []string{"key 1 file:" + file, "active_key 1"}, one, "", ""},
		{"while keys are changed", with("key 2 " + keyB), []string{"key 1 " + keyA, "key 2 " + keyB, "active_key 2"}, "", ""},
		{"by counter alone", with("anti_replay monotonic"), with("anti_replay monotonic"), "", ""},
		{"another key", one, []string{"key 1 " + keyB, "active_key 1"}, vrrp.DropHMACInvalid, vrrp.DropHMACInvalid},
		{"a key that one does not know", one, []string{"key 2 " + keyB, "active_key 2"}, vrrp.DropHMACUnknownKey, vrrp.DropHMACUnknownKey},
		{"one does not sign", nil, one, vrrp.DropLength, vrrp.DropHMACMissing},
		{"permissive hears who does not sign", nil, with("mode permissive"), vrrp.DropLength, ""},
		{"permissive refuses a wrong key", []string{"key 1 " + keyB, "active_key 1"}, with("mode permissive"), vrrp.DropHMACInvalid, vrrp.DropHMACInvalid},
		{"receive-only signs nothing", one, with("mode receive-only"), vrrp.DropHMACMissing, ""},
		{"receive-only beside one without", nil, with("mode receive-only"), "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cl := newCluster(t, karun, karun)
			a, b := cl.nodes[0], cl.nodes[1]
			a.start(signed(150, c.a...))
			cl.becomesMaster(0, a, 150)
			b.start(signed(100, c.b...))
			if c.heardByB != "" {
				cl.becomesMaster(0, b, 100)
				b.counts(c.heardByB)
				a.counts(c.heardByA)
				return
			}
			before := cl.mark()
			b.counts("adverts-received")
			cl.rounds(a, 8) // more than the time after which a backup takes over
			cl.silent(before, b)
			a.stop()
			cl.becomesMaster(before, b, 100)
			if c.heardByA == "" {
				a.start(signed(50, c.a...))
				a.counts("adverts-received")
			} else {
				a.start(signed(50, c.a...))
				cl.becomesMaster(before, a, 50)
				a.counts(c.heardByA)
			}
		})
	}
}

// counts waits until the member has counted something.
func (m *member) counts(what vrrp.DropReason) {
	m.c.t.Helper()
	m.c.eventually(m.Name()+" counts "+string(what), func() bool { return m.counters()[string(what)] > 0 })
}

// TestRecordedSignatures: who records signed adverts and sends them again, at once or later, changes nothing,
// also when the master that they come from has gone.
func TestRecordedSignatures(t *testing.T) {
	t.Parallel()
	c := newCluster(t, karun, karun, karun)
	a, b, attacker := c.nodes[0], c.nodes[1], c.nodes[2]
	lines := []string{"key 1 " + keyA, "active_key 1", "time_window 1"}
	a.start(signed(150, lines...))
	b.start(signed(100, lines...))
	c.becomesMaster(0, a, 150)
	b.counts("adverts-received")
	record := c.advertFrame(a)
	again := func(length time.Duration) {
		t.Helper()
		if _, err := labtest.Attack(attacker.host, "eth0", []labtest.HostileFrame{{Name: "recorded", Data: record}}, 50, length); err != nil {
			t.Fatal(err)
		}
	}
	// The latest advert, again: its sequence was there.
	c.eventually("a recorded advert is refused for its sequence", func() bool {
		record = c.advertFrame(a)
		again(50 * time.Millisecond)
		return b.counters()[string(vrrp.DropHMACReplayed)] > 0
	})
	c.rounds(a, 5) // 2.5 s: the window is over
	before := c.mark()
	c.eventually("an old advert is refused for its age", func() bool {
		again(50 * time.Millisecond)
		return b.counters()[string(vrrp.DropHMACStale)] > 0
	})
	c.silent(before, b)
	a.kill()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if _, err := labtest.Attack(attacker.host, "eth0", []labtest.HostileFrame{{Name: "recorded", Data: record}}, 50, 4*time.Second); err != nil {
			t.Error(err)
		}
	}()
	defer func() { <-done }() // the lab may close then
	c.becomesMaster(before, b, 100)
	if !c.saw(before, b, func(e node.Event) bool { _, ok := e.What.(node.Advert); return ok }) {
		t.Error("b is kept from taking over by a recorded advert")
	}
}
