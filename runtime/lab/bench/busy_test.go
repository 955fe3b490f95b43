//go:build linux

package bench

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

var busySeconds = flag.Int("busy", 30, "seconds of load in each row")

// firstInLine gives both daemons a real-time priority, and the time to begin with it: keepalived's default of
// 10 ms ends it where it has a thousand scripts to read.
var firstInLine = []string{"vrrp_rt_priority 50", "vrrp_no_swap", "vrrp_rlimit_rttime 30000000"}

// BenchmarkBusy measures a pair while busy loops have the processors: false failovers (the backup's
// address comes, although nobody died), silences, and the longest time between adverts of the master. The daemons
// are measured one after the other.
func BenchmarkBusy(b *testing.B) {
	for _, loops := range []int{8, 40} {
		for _, interval := range []time.Duration{10 * time.Millisecond, 30 * time.Millisecond} {
			for _, realtime := range []bool{false, true} {
				s := setting{version: 3, interval: interval}
				if realtime {
					s.global = firstInLine
				}
				b.Run(fmt.Sprintf("loops=%d/interval=%v/realtime=%v", loops, interval, realtime), func(b *testing.B) {
					w := newWitnesses(b)
					reportLoad(b, s, func(d *duel) load { return d.underLoad(w, loops, func() {}) })
				})
			}
		}
	}
}

// scriptsPerNode are so many that the two nodes of a pair start a thousand a second.
const scriptsPerNode = 500

// BenchmarkScriptsAndReload is a pair whose tracking scripts run a thousand times a second in all, with eight
// busy loops; in the middle both nodes load a configuration of 5 MB.
func BenchmarkScriptsAndReload(b *testing.B) {
	for _, realtime := range []bool{false, true} {
		s := setting{version: 3, interval: 30 * time.Millisecond, global: []string{"script_user root"}, more: scripts(scriptsPerNode)}
		if realtime {
			s.global = append(s.global, firstInLine...)
		}
		large := s
		large.more += unusedScripts(5 << 20)
		b.Run(fmt.Sprintf("realtime=%v", realtime), func(b *testing.B) {
			w := newWitnesses(b)
			reportLoad(b, s, func(d *duel) load {
				return d.underLoad(w, 8, func() {
					d.rewrite(0, large)
					d.rewrite(1, large)
				})
			})
		})
	}
}

// scripts are n tracking scripts of a weight, tracked by a group that the first instance is in.
func scripts(n int) string {
	var b strings.Builder
	var tracked []string
	for i := range n {
		fmt.Fprintf(&b, "vrrp_script chk_%d {\n\tscript /usr/bin/true\n\tinterval 1\n\tweight 0\n}\n", i)
		tracked = append(tracked, fmt.Sprintf("chk_%d", i))
	}
	fmt.Fprintf(&b, "vrrp_sync_group G1 {\n\tgroup {\n\t\tVI_1\n\t}\n\ttrack_script {\n\t\t%s\n\t}\n}\n", strings.Join(tracked, "\n\t\t"))
	return b.String()
}

// unusedScripts are so many bytes of scripts that nobody tracks: text to read, nothing to do.
func unusedScripts(bytes int) string {
	var b strings.Builder
	for i := 0; b.Len() < bytes; i++ {
		fmt.Fprintf(&b, "vrrp_script unused_%d {\n\tscript \"/usr/bin/true --some --words --to --read %d\"\n\tinterval 5\n\tfall 3\n\trise 2\n}\n", i, i)
	}
	return b.String()
}

// load is what came out of a time under load.
type load struct {
	// idle says that the first node did not even become master.
	idle bool
	// false are the failovers without a reason, disturbed those in which a processor stood still for so long that
	// the master must have been silent, or its backup deaf.
	false, disturbed int
	// silences are the gaps between adverts of the master that are longer than Master_Down: a backup that is not
	// as busy as this one would have taken over in each.
	silences int
	// gap is the longest between two adverts, undisturbed the longest in which no processor stood still.
	gap, undisturbed time.Duration
	adverts          int
}

// reportLoad measures both daemons, one after the other.
func reportLoad(b *testing.B, s setting, f func(*duel) load) {
	b.ReportMetric(0, "ns/op")
	ours, theirs := both(b, s, false, f)
	for _, r := range []struct {
		name string
		load
	}{{karun, ours}, {keepalived, theirs}} {
		if r.idle {
			b.ReportMetric(1, r.name+"-never-master")
			continue
		}
		b.ReportMetric(float64(r.false), r.name+"-false-failovers")
		b.ReportMetric(float64(r.disturbed), r.name+"-disturbed-failovers")
		b.ReportMetric(float64(r.silences), r.name+"-silences")
		b.ReportMetric(millis(r.gap), r.name+"-longest-gap-ms")
		b.ReportMetric(millis(r.undisturbed), r.name+"-longest-undisturbed-gap-ms")
		b.ReportMetric(float64(r.adverts), r.name+"-adverts")
	}
}

// underLoad settles, starts the busy loops, and does something in the middle of the time.
func (d *duel) underLoad(w *witnesses, loops int, middle func()) load {
	const limit = 20 * time.Second
	if !d.begins(limit) {
		return load{idle: true}
	}
	d.join()
	stop := burn(d.b, loops)
	defer stop()
	from, begun := d.mark(), time.Now()
	half := time.Duration(*busySeconds) * time.Second / 2
	time.Sleep(half)
	middle()
	time.Sleep(half)
	sent := d.since(from, adverts(0))
	taken := d.since(from, of(1, added))
	out := load{gap: longest(gaps(sent)), adverts: len(sent)}
	for _, e := range taken {
		stall := w.longest(e.at.Add(-d.setting.masterDown()), e.at)
		if stall >= d.setting.masterDown()-d.setting.interval {
			out.disturbed++
		} else {
			out.false++
		}
		d.explain(e, sent, begun, stall)
	}
	for i := 1; i < len(sent); i++ {
		before, e := sent[i-1], sent[i]
		gap := e.at.Sub(before.at)
		if w.longest(before.at, e.at) == 0 {
			out.undisturbed = max(out.undisturbed, gap)
		}
		if gap > d.setting.masterDown() {
			out.silences++
			d.b.Logf("%s: a silence of %v, until %.1f s into the load", d.daemon, gap, e.at.Sub(begun).Seconds())
		}
	}
	return out
}

// explain logs what the wire saw of the master around a false failover.
func (d *duel) explain(taken event, sent []event, begun time.Time, stall time.Duration) {
	at, _ := slices.BinarySearchFunc(sent, taken.at, func(e event, t time.Time) int { return e.at.Compare(t) })
	var around []string
	for _, e := range sent[max(at-3, 0):min(at+3, len(sent))] {
		around = append(around, fmt.Sprintf("%+.1f ms", e.at.Sub(taken.at).Seconds()*1e3))
	}
	d.b.Logf("%s: false failover %.1f s into the load, a processor stood still for %v; the master's adverts around it: %s",
		d.daemon, taken.at.Sub(begun).Seconds(), stall, strings.Join(around, ", "))
}

// burn starts busy loops, each in a session of its own, and returns what ends them.
func burn(b testing.TB, loops int) (stop func()) {
	b.Helper()
	var all []*exec.Cmd
	for range loops {
		cmd := exec.Command("/proc/self/exe", burnWord)
		cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		all = append(all, cmd)
	}
	return func() {
		for _, cmd := range all {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}
}
