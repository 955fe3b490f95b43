//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ka/runtime/lab/need"
)

// BenchmarkBesideKeepalived times kalint and keepalived -t as whole processes over the same generated
// file, in turn, and reports both and their ratio. keepalived stops early where an interface is missing;
// the file has no interfaces.
func BenchmarkBesideKeepalived(b *testing.B) {
	keepalived := need.Program(b, "keepalived")
	kalint := filepath.Join(b.TempDir(), "kalint")
	if out, err := exec.Command("go", "build", "-o", kalint, ".").CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	for _, n := range []int{10, 100, 1000, 10000} {
		b.Run(fmt.Sprintf("virtual_servers=%d", n), func(b *testing.B) {
			file := filepath.Join(b.TempDir(), "node.conf")
			if err := os.WriteFile(file, []byte(virtualServers(n)), 0o644); err != nil {
				b.Fatal(err)
			}
			var ours, theirs time.Duration
			var ourPeak, theirPeak int64
			for b.Loop() {
				d, peak := timed(b, kalint, file)
				ours, ourPeak = ours+d, max(ourPeak, peak)
				d, peak = timed(b, keepalived, "-t", "-f", file)
				theirs, theirPeak = theirs+d, max(theirPeak, peak)
			}
			rounds := float64(b.N)
			b.ReportMetric(ours.Seconds()*1000/rounds, "kalint-ms")
			b.ReportMetric(theirs.Seconds()*1000/rounds, "keepalived-ms")
			b.ReportMetric(ours.Seconds()/theirs.Seconds(), "time-ratio")
			b.ReportMetric(float64(ourPeak)/float64(theirPeak), "peak-memory-ratio")
		})
	}
}

// timed runs a command that must succeed; it returns the wall time and the peak resident memory in KiB.
func timed(b *testing.B, name string, args ...string) (time.Duration, int64) {
	b.Helper()
	cmd := exec.Command(name, args...)
	begin := time.Now()
	out, err := cmd.CombinedOutput()
	elapsed := time.Since(begin)
	if err != nil {
		b.Fatalf("%s: %v\n%.500s", name, err, out)
	}
	return elapsed, peakKiB(cmd.ProcessState)
}

// virtualServers writes n virtual servers of four real servers each, with a TCP check.
func virtualServers(n int) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "virtual_server 10.%d.%d.1 80 {\n    delay_loop 6\n    lb_algo rr\n    lb_kind NAT\n    protocol TCP\n", i/250, i%250)
		for j := range 4 {
			fmt.Fprintf(&s, "    real_server 172.%d.%d.%d 80 {\n        weight 1\n        TCP_CHECK {\n            connect_timeout 3\n            connect_port 80\n        }\n    }\n",
				16+i/250%16, i%250, j+1)
		}
		s.WriteString("}\n")
	}
	return s.String()
}
