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

// failovers are what came of some rounds.
type failovers struct {
	late      []time.Duration
	discarded int
}

// BenchmarkFailover takes a master away and measures how much later than the RFC's least time the backup's
// first advert comes: after the last advert of a killed one (Master_Down), after the priority 0 of a
// stopped one (the skew). The duels run side by side. A round does not count in which a processor stood still
// when the backup had to hear the last advert, or to be on time.
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
				w := newWitnesses(b)
				ours, theirs := both(b, s, true, func(d *duel) failovers { return d.failovers(w, how == "kill", *rounds) })
				for _, r := range []struct {
					name string
					failovers
				}{{karun, ours}, {keepalived, theirs}} {
					b.ReportMetric(millis(middle(r.late)), r.name+"-late-median-ms")
					b.ReportMetric(millis(longest(r.late)), r.name+"-late-max-ms")
					b.ReportMetric(float64(r.discarded), r.name+"-rounds-discarded")
				}
				b.ReportMetric(millis(middle(ours.late)-middle(theirs.late)), "median-behind-ms")
				b.ReportMetric(millis(longest(ours.late)-longest(theirs.late)), "max-behind-ms")
			})
		}
	}
}

// critical is how long before a takeover is due, and after the master's last advert, a processor that stands
// still may make it late.
const critical = 50 * time.Millisecond

// failovers are the latenesses of so many failovers, shortest first, and how many rounds did not count.
func (d *duel) failovers(w *witnesses, kill bool, rounds int) (f failovers) {
	least := d.setting.masterDown()
	if !kill {
		least = vrrp.Skew(d.setting.version, lower, d.setting.interval)
	}
	d.settle()
	for len(f.late) < rounds {
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
		spoken := d.since(before, func(e event) bool { return e.side == 0 && e.kind == advert && (kill || e.priority == 0) })
		last, first := spoken[len(spoken)-1].at, d.since(quiet, adverts(1))[0].at
		due := last.Add(least)
		d.forget()
		d.start(0)
		d.await("the first node is master again", 0, 4, adverts(0))
		heard, soon := last.Add(critical), due.Add(-critical)
		if heard.After(soon) {
			heard, soon = first, last // all of a short wait
		}
		if max(w.longest(last, heard), w.longest(soon, first)) > 0 {
			if f.discarded++; f.discarded > 20*rounds {
				d.tooMuchStolen()
			}
			continue
		}
		f.late = append(f.late, first.Sub(due))
	}
	slices.Sort(f.late)
	return f
}
