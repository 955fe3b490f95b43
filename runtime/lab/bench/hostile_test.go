//go:build linux

package bench

import (
	"testing"
	"time"

	"ka/runtime/lab/labtest"
)

// BenchmarkHostile sends a thousand packets a second to both nodes, each with something wrong, and
// measures how late the master's adverts are, beside an idle time of the same length.
func BenchmarkHostile(b *testing.B) {
	type result struct{ idle, attacked load }
	b.Run("packets=1000", func(b *testing.B) {
		b.ReportMetric(0, "ns/op")
		s := setting{version: 2, interval: time.Second, password: true}
		ours, theirs := both(b, s, false, func(d *duel) (r result) {
			attacker := d.newHost(2)
			d.settle()
			r.idle = d.watch(func() { time.Sleep(10 * time.Second) })
			frames := labtest.HostileFrames(d.advertFrame())
			r.attacked = d.watch(func() {
				if _, err := labtest.Attack(attacker, "eth0", frames, 1000, 10*time.Second); err != nil {
					d.b.Fatal(err)
				}
			})
			return r
		})
		for _, r := range []struct {
			name string
			result
		}{{karun, ours}, {keepalived, theirs}} {
			b.ReportMetric(float64(r.idle.adverts), r.name+"-idle-adverts")
			b.ReportMetric(float64(r.attacked.adverts), r.name+"-attacked-adverts")
			b.ReportMetric(millis(r.idle.gap), r.name+"-idle-longest-gap-ms")
			b.ReportMetric(millis(r.attacked.gap), r.name+"-attacked-longest-gap-ms")
		}
	})
}

// watch measures the master while f runs.
func (d *duel) watch(f func()) load {
	from := d.mark()
	f()
	sent := d.since(from, adverts(0))
	return load{gap: longest(gaps(sent)), adverts: len(sent)}
}
