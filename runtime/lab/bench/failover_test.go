//go:build linux

package bench

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"ka/runtime/vrrp"
)

var rounds = flag.Int("rounds", 25, "failovers of each kind")

// BenchmarkFailover takes a master away and measures how much later than the RFC's least time the backup's
// first advert comes: after the last advert of a killed one (Master_Down), after the priority 0 of a
// stopped one (the skew). The duels run side by side.
func BenchmarkFailover(b *testing.B) {
	for _, s := range []setting{
		{version: 2, interval: time.Second},
		{version: 3, interval: 100 * time.Millisecond},
		{version: 3, interval: 30 * time.Millisecond},
		{version: 3, interval: 10 * time.Millisecond},
	} {
		for _, how := range []string{"kill", "stop"} {
			b.Run(fmt.Sprintf("version=%d/interval=%v/%s", s.version, s.interval, how), func(b *testing.B) {
				b.ReportMetric(0, "ns/op")
				ours, theirs := both(b, s, true, func(d *duel) []time.Duration { return d.failovers(how == "kill", *rounds) })
				for _, r := range []struct {
					name string
					late []time.Duration
				}{{karun, ours}, {keepalived, theirs}} {
					b.ReportMetric(millis(middle(r.late)), r.name+"-late-median-ms")
					b.ReportMetric(millis(longest(r.late)), r.name+"-late-max-ms")
				}
				b.ReportMetric(millis(middle(ours)-middle(theirs)), "median-behind-ms")
				b.ReportMetric(millis(longest(ours)-longest(theirs)), "max-behind-ms")
			})
		}
	}
}

// failovers are the latenesses of so many failovers, shortest first.
func (d *duel) failovers(kill bool, rounds int) []time.Duration {
	least := d.setting.masterDown()
	if !kill {
		least = vrrp.Skew(d.setting.version, lower, d.setting.interval)
	}
	d.settle()
	var late []time.Duration
	for range rounds {
		// At any point of the interval.
		time.Sleep(time.Duration(rand.Int64N(int64(d.setting.interval))))
		before := d.mark()
		d.await("the master's advert", before, 1, adverts(0))
		quiet := d.mark()
		if kill {
			_ = d.sides[0].Kill()
		} else if err := d.sides[0].Stop(patience); err != nil {
			d.b.Fatal(err)
		}
		d.await("the backup takes over", quiet, 1, adverts(1))
		last := d.since(before, func(e event) bool { return e.side == 0 && e.kind == advert && (kill || e.priority == 0) })
		first := d.since(quiet, adverts(1))
		late = append(late, first[0].at.Sub(last[len(last)-1].at)-least)
		d.forget()
		d.start(0)
		d.await("the first node is master again", 0, 4, adverts(0))
	}
	slices.Sort(late)
	return late
}
