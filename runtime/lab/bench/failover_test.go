//go:build linux

package bench

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
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
				ours, theirs := both(b, s, true, func(d *duel) failovers { return d.failovers(how == "kill", *rounds) })
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

// critical is how long before its due time a takeover may be disturbed.
const critical = 50 * time.Millisecond

// failovers are the latenesses of so many failovers, shortest first, and how many rounds do not count because the
// machine below took a processor away just then.
func (d *duel) failovers(kill bool, rounds int) (f failovers) {
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
		taken := stolen(d.b)
		if kill {
			_ = d.sides[0].Kill()
			time.Sleep(least - critical)
			taken = stolen(d.b)
		} else if err := d.sides[0].Stop(patience); err != nil {
			d.b.Fatal(err)
		}
		d.await("the backup takes over", quiet, 1, adverts(1))
		last := d.since(before, func(e event) bool { return e.side == 0 && e.kind == advert && (kill || e.priority == 0) })
		first := d.since(quiet, adverts(1))
		if stolen(d.b) == taken {
			f.late = append(f.late, first[0].at.Sub(last[len(last)-1].at)-least)
		} else if f.discarded++; f.discarded > 20*rounds {
			d.tooMuchStolen()
		}
		d.forget()
		d.start(0)
		d.await("the first node is master again", 0, 4, adverts(0))
	}
	slices.Sort(f.late)
	return f
}

func (d *duel) tooMuchStolen() {
	d.b.Skip("the processors of this machine are not its own: too much of their time is stolen")
}

// tick is the unit of [stolen].
const tick = 10 * time.Millisecond

// stolen is the processor time that the machine below has taken away, in ticks: the eighth number of /proc/stat.
func stolen(b testing.TB) int {
	b.Helper()
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		b.Fatal(err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	const steal = 8
	words := strings.Fields(line)
	if len(words) <= steal {
		b.Fatalf("/proc/stat: %q", line)
	}
	n, err := strconv.Atoi(words[steal])
	if err != nil {
		b.Fatalf("/proc/stat: %q", line)
	}
	return n
}
