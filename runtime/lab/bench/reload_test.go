//go:build linux

package bench

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// reloads is how often a master is reloaded in a row; reloadWatch is how long each is looked at. One in which the
// machine below takes more than reloadStolen of the processors' time does not count: whoever has to be on time every
// 10 ms is not, when it does not run for 30.
const (
	reloads      = 8
	reloadWatch  = 2 * time.Second
	reloadStolen = 2 * tick
)

// BenchmarkReload changes one address of a master and reloads it, again and again. It reports the longest
// time between two adverts of a virtual router, beside a time without a reload; the adverts of the backup,
// each from a failover for nothing; and how many addresses came and went for each reload, where two do. A reload
// of megabytes is in BenchmarkScriptsAndReload.
func BenchmarkReload(b *testing.B) {
	for _, r := range []struct {
		instances, excluded int
		interval            time.Duration
	}{
		{250, 1, 100 * time.Millisecond},
		{1, 2000, 100 * time.Millisecond},
		{1, 2000, 10 * time.Millisecond},
	} {
		s := setting{version: 3, interval: r.interval, instances: r.instances, excluded: r.excluded}
		s.global = append([]string{"vrrp_garp_master_delay 0"}, firstInLine...)
		name := fmt.Sprintf("instances=%d/excluded=%d/interval=%v", r.instances, r.excluded, r.interval)
		b.Run(name, func(b *testing.B) {
			b.ReportMetric(0, "ns/op")
			ours, theirs := both(b, s, false, (*duel).reloads)
			for _, r := range []struct {
				name string
				reload
			}{{karun, ours}, {keepalived, theirs}} {
				b.ReportMetric(millis(r.idle), r.name+"-idle-gap-ms")
				b.ReportMetric(millis(r.gap), r.name+"-gap-ms")
				b.ReportMetric(float64(r.backup), r.name+"-backup-adverts")
				b.ReportMetric(float64(r.changes)/reloads, r.name+"-address-changes")
				b.ReportMetric(float64(r.discarded), r.name+"-reloads-discarded")
			}
		})
	}
}

// reload is what was seen of the reloads of one daemon.
type reload struct {
	idle, gap                  time.Duration
	backup, changes, discarded int
}

// reloads reloads the master, with another address each time.
func (d *duel) reloads() (r reload) {
	d.settle()
	d.quiet()
	other := 0
	for watched := -1; watched < reloads; watched++ { // the first is without a reload
		from, taken := d.mark(), stolen(d.b)
		if watched >= 0 {
			s := d.setting
			other++
			s.other = other
			d.rewrite(0, s)
		}
		time.Sleep(reloadWatch)
		if time.Duration(stolen(d.b)-taken)*tick > reloadStolen {
			if r.discarded++; r.discarded > 20*reloads {
				d.tooMuchStolen()
			}
			watched--
			continue
		}
		gap := longest(gaps(d.since(from, adverts(0))))
		if watched < 0 {
			r.idle = gap
			continue
		}
		r.gap = max(r.gap, gap)
		r.backup += len(d.since(from, adverts(1)))
		r.changes += len(d.since(from, of(0, added))) + len(d.since(from, of(0, removed)))
	}
	return r
}

// tick is the unit of [stolen].
const tick = 10 * time.Millisecond

// stolen is the processor time that the machine below has taken away, in ticks: the eighth number of /proc/stat.
// It is coarse. A reload is not judged by [witnesses] all the same: they are also late when the kernel keeps a
// processor for itself, and what a daemon asks of the kernel in one go must count against it.
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

// quiet waits until nothing of the start is left: no address has come for a while.
func (d *duel) quiet() {
	for {
		from := d.mark()
		time.Sleep(2 * time.Second)
		if len(d.since(from, func(e event) bool { return e.kind == added })) == 0 {
			return
		}
	}
}

// BenchmarkManyAddresses kills a master of a thousand addresses. It reports how long after its first advert
// the new one has the last address, and has announced it, and its longest time between adverts.
func BenchmarkManyAddresses(b *testing.B) {
	const rounds = 5
	// A thread that takes the time of an event does not wait for a goroutine of another.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(16))
	// Below a second keepalived's backup takes over while its master announces.
	s := setting{version: 3, interval: time.Second, excluded: 999, global: []string{"vrrp_garp_master_delay 0"}}
	b.ReportMetric(0, "ns/op")
	ours, theirs := both(b, s, false, func(d *duel) [3][]time.Duration {
		var out [3][]time.Duration
		for range rounds {
			for i, v := range d.takeOver(s.excluded + 1) {
				out[i] = append(out[i], v)
			}
		}
		return out
	})
	for i, what := range []string{"added", "announced", "gap"} {
		for _, r := range []struct {
			name string
			list []time.Duration
		}{{karun, ours[i]}, {keepalived, theirs[i]}} {
			b.ReportMetric(millis(longest(sorted(r.list))), r.name+"-longest-"+what+"-ms")
			b.ReportMetric(millis(middle(sorted(r.list))), r.name+"-"+what+"-ms")
		}
	}
}

func sorted(d []time.Duration) []time.Duration { return slices.Sorted(slices.Values(d)) }

// takeOver plays one death of a master of n addresses.
func (d *duel) takeOver(n int) [3]time.Duration {
	from := d.mark()
	d.start(0)
	d.await("the first node announces its addresses", from, n, of(0, announced))
	d.start(1)
	d.quiet()
	from = d.mark()
	if err := d.sides[0].Kill(); err != nil {
		d.b.Fatal(err)
	}
	d.await("the second node takes over", from, 1, adverts(1))
	first := d.place(from, adverts(1))
	d.await("the second node has its addresses", from, n, of(1, added))
	d.await("the second node announces its addresses", first, n, of(1, announced))
	time.Sleep(time.Second)
	sent := d.since(first, adverts(1))
	out := [3]time.Duration{
		d.since(from, of(1, added))[n-1].at.Sub(sent[0].at),
		d.since(first, of(1, announced))[n-1].at.Sub(sent[0].at), // rounds go over all addresses in turn
		longest(gaps(sent)),
	}
	// What the killed one left goes with an orderly end.
	for _, i := range []int{1, 0} {
		if i == 0 {
			d.start(0)
			d.await("the first node is master again", d.mark(), 2, adverts(0))
		}
		if err := d.sides[i].Stop(patience); err != nil {
			d.b.Fatal(err)
		}
	}
	d.forget()
	return out
}
