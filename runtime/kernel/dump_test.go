//go:build linux

package kernel

import (
	"testing"
	"time"

	"github.com/vishvananda/netlink/nl"
)

// TestDumpOutlastsChanges: a list is read while somebody adds addresses by the thousand, which takes seconds; whoever
// never ends is not waited for. At the end of karun everything would stay otherwise.
func TestDumpOutlastsChanges(t *testing.T) {
	for _, tt := range []struct {
		changes time.Duration
		ok      bool
	}{{0, true}, {3 * time.Second, true}, {time.Hour, false}} {
		slept := time.Duration(0)
		out, err := uninterrupted(func(d time.Duration) { slept += d }, func() ([][]byte, error) {
			if slept < tt.changes {
				return nil, nl.ErrDumpInterrupted
			}
			return [][]byte{{1}}, nil
		})
		if (err == nil) != tt.ok || (len(out) == 1) != tt.ok || slept > dumpPatience+longestDumpPause {
			t.Errorf("changes for %v: %v, %v, behind %v", tt.changes, out, err, slept)
		}
	}
}
