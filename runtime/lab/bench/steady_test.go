//go:build linux

package bench

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

var steadySeconds = flag.Int("steady", 20, "seconds of quiet operation in each row")

// BenchmarkSteady measures what masters and backups cost while nothing happens: processor time an instance
// and second, and memory (proportional set size) of all of a daemon's processes. The duels run one after the
// other, so that the processors' caches are theirs. One instance wakes up once a second, and what that costs
// depends on where the kernel has put the processes and their memory: there the medians of several duels count.
func BenchmarkSteady(b *testing.B) {
	for _, row := range []struct{ instances, duels int }{{1, 5}, {50, 1}, {250, 1}, {1000, 1}} {
		n := row.instances
		b.Run(fmt.Sprintf("instances=%d", n), func(b *testing.B) {
			b.ReportMetric(0, "ns/op")
			s := setting{version: 3, interval: time.Second, instances: n}
			var all, others [][2]cost
			for range row.duels {
				ours, theirs := both(b, s, false, (*duel).steady)
				b.Logf("processor time of master and backup: %v, %v; %s: %v, %v", ours[0].cpu, ours[1].cpu, keepalived, theirs[0].cpu, theirs[1].cpu)
				all, others = append(all, ours), append(others, theirs)
			}
			ours, theirs := medians(all), medians(others)
			for i, role := range []string{"master", "backup"} {
				for _, r := range []struct {
					name string
					cost
				}{{karun, ours[i]}, {keepalived, theirs[i]}} {
					b.ReportMetric(r.cpu.Seconds()*1e6/float64(n), r.name+"-"+role+"-µs/instance-s")
					b.ReportMetric(float64(r.memory)/(1<<20), r.name+"-"+role+"-MB")
				}
				b.ReportMetric(ours[i].cpu.Seconds()/theirs[i].cpu.Seconds(), role+"-cpu-ratio")
			}
		})
	}
}

// cost is what a node uses: processor time a second, and bytes.
type cost struct {
	cpu    time.Duration
	memory int64
}

// medians are the medians of each figure.
func medians(all [][2]cost) (out [2]cost) {
	for i := range out {
		var cpu []time.Duration
		var memory []int64
		for _, c := range all {
			cpu, memory = append(cpu, c[i].cpu), append(memory, c[i].memory)
		}
		slices.Sort(memory)
		out[i] = cost{middle(sorted(cpu)), memory[len(memory)/2]}
	}
	return out
}

// steady is the cost of the master and of the backup.
func (d *duel) steady() (costs [2]cost) {
	d.settle()
	time.Sleep(5 * time.Second) // refreshes of the announcements come 5 s after the change
	length := time.Duration(*steadySeconds) * time.Second
	var before [2]time.Duration
	for i, s := range d.sides {
		before[i] = processorTime(d.b, s.Pids())
	}
	time.Sleep(length)
	for i, s := range d.sides {
		costs[i].cpu = (processorTime(d.b, s.Pids()) - before[i]) * time.Second / length
		costs[i].memory = memory(d.b, s.Pids())
	}
	return costs
}

// processorTime is what all threads of the processes have used: the first number of schedstat, in
// nanoseconds.
func processorTime(b testing.TB, pids []int) (sum time.Duration) {
	b.Helper()
	for _, pid := range pids {
		files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
		if err != nil {
			b.Fatal(err)
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				continue // the thread has ended
			}
			word, _, _ := bytes.Cut(text, []byte(" "))
			ns, err := strconv.ParseInt(string(word), 10, 64)
			if err != nil {
				b.Fatalf("%s: %v", name, err)
			}
			sum += time.Duration(ns)
		}
	}
	return sum
}

// memory is the proportional set size of the processes, in bytes.
func memory(b testing.TB, pids []int) (sum int64) {
	b.Helper()
	for _, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			b.Fatal(err)
		}
		_, rest, found := bytes.Cut(text, []byte("\nPss:"))
		fields := bytes.Fields(rest)
		if !found || len(fields) == 0 {
			b.Fatalf("process %d: no Pss", pid)
		}
		kb, err := strconv.ParseInt(string(fields[0]), 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		sum += kb << 10
	}
	return sum
}
