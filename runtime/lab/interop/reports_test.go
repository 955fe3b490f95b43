//go:build linux

package interop

import (
	"bytes"
	"net/netip"
	"sync"
	"testing"

	"ka/runtime/lab"
)

// TestReportsOfVMACs: no report about multicast groups leaves with a virtual MAC, neither at the start, nor at the
// stop: switches would look for the addresses at a node that is no master (reference vrrp 11). They did once while
// the tables of nftables that move the reports to the base were not there yet, or not any more.
func TestReportsOfVMACs(t *testing.T) {
	t.Parallel()
	c := newCluster(t, karun)
	m := c.nodes[0]
	c.vip = netip.MustParseAddr("2001:db8::166")
	var mu sync.Mutex
	var virtual, reports int
	err := m.host.Capture(func(f lab.Frame) {
		if len(f.Data) < 54 || !bytes.HasPrefix(f.Data[6:], []byte{0, 0, 0x5e, 0}) {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		virtual++
		// MLD is behind a hop-by-hop header, IGMP is protocol 2.
		if f.Data[12] == 0x86 && f.Data[20] == 0 || f.Data[12] == 0x08 && f.Data[13] == 0 && f.Data[23] == 2 {
			reports++
			t.Logf("a report: %x", f.Data)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	m.start(silent["VMACs"])
	c.eventually("it is master", func() bool { return c.holds(m) })
	m.stop()
	mu.Lock()
	defer mu.Unlock()
	if virtual == 0 || reports > 0 {
		t.Errorf("%d reports of %d frames have a virtual MAC, want none", reports, virtual)
	}
}
