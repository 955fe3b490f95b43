//go:build linux

package bench

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"ka/runtime/lab/need"
)

// size is a generated file: virtual servers, and real servers in all.
type size struct{ virtual, real int }

func (s size) String() string {
	return fmt.Sprintf("virtual_servers=%d/real_servers=%d", s.virtual, s.real)
}

// sizes are files of four real servers a virtual server, and one of the size that a user reported.
var sizes = []size{{10, 40}, {100, 400}, {1000, 4000}, {10000, 40000}, {2277, 37205}}

// run is one command of a round with what was measured of it.
type run struct {
	name  string
	args  func(file string) []string
	walls []time.Duration
	peak  int64
}

// BenchmarkBesideKeepalived times kalint and kac build beside keepalived -t over the same generated file and
// reports the ratios. keepalived stops early where an interface is missing; the files have no interfaces.
func BenchmarkBesideKeepalived(b *testing.B) {
	keepalived := need.Program(b, "keepalived")
	bin := b.TempDir()
	if out, err := exec.Command("go", "build", "-trimpath", "-o", bin, "ka/cmd/kalint", "ka/cmd/kac").CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	walls := map[string]map[size]time.Duration{}
	for _, s := range sizes {
		b.Run(s.String(), func(b *testing.B) {
			file := filepath.Join(b.TempDir(), "node.conf")
			if err := os.WriteFile(file, []byte(configuration(s)), 0o644); err != nil {
				b.Fatal(err)
			}
			runs := []*run{
				{name: "kalint", args: func(f string) []string { return []string{filepath.Join(bin, "kalint"), f} }},
				{name: "build", args: func(f string) []string {
					return []string{filepath.Join(bin, "kac"), "build", f, "-o", filepath.Join(filepath.Dir(f), "plan.json")}
				}},
				{name: "keepalived", args: func(f string) []string { return []string{keepalived, "-t", "-f", f} }},
			}
			for _, r := range runs { // into the page cache, not counted
				r.once(b, file)
				r.walls = nil
			}
			for b.Loop() {
				for _, r := range runs {
					r.once(b, file)
				}
			}
			report(b, runs, s, walls)
		})
	}
}

// report writes the medians, their ratios to keepalived's, and how the time grows.
func report(b *testing.B, runs []*run, s size, walls map[string]map[size]time.Duration) {
	theirs := runs[len(runs)-1]
	for _, r := range runs {
		wall := median(r.walls)
		b.ReportMetric(float64(wall.Microseconds())/1000, r.name+"-ms")
		if r != theirs {
			b.ReportMetric(wall.Seconds()/median(theirs.walls).Seconds(), r.name+"-time-ratio")
			b.ReportMetric(float64(r.peak)/float64(theirs.peak), r.name+"-peak-ratio")
		}
		if walls[r.name] == nil {
			walls[r.name] = map[size]time.Duration{}
		}
		walls[r.name][s] = wall
		if x, ok := growth(walls[r.name], s); ok {
			b.ReportMetric(x, r.name+"-growth")
		}
	}
	b.ReportMetric(0, "ns/op") // the rounds run several commands
}

// growth is the exponent with which the time grows from the second smallest file to s (1: in proportion),
// the time of the smallest, which is mostly the start of the process, taken off. Where so little is left
// that it is only noise, there is none.
func growth(walls map[size]time.Duration, s size) (float64, bool) {
	smallest, from := walls[sizes[0]], walls[sizes[1]]
	if s.real < 10*sizes[1].real || from-smallest < time.Millisecond {
		return 0, false
	}
	return math.Log(float64(walls[s]-smallest)/float64(from-smallest)) / math.Log(float64(s.real)/float64(sizes[1].real)), true
}

// once runs the command, which must succeed.
func (r *run) once(b *testing.B, file string) {
	b.Helper()
	args := r.args(file)
	cmd := exec.Command(args[0], args[1:]...)
	begin := time.Now()
	out, err := cmd.CombinedOutput()
	r.walls = append(r.walls, time.Since(begin))
	if err != nil {
		b.Fatalf("%s: %v\n%.500s", strings.Join(args, " "), err, out)
	}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		r.peak = max(r.peak, usage.Maxrss)
	}
}

func median(d []time.Duration) time.Duration {
	d = slices.Sorted(slices.Values(d))
	return d[len(d)/2]
}

// configuration writes virtual servers with a TCP check on each real server.
func configuration(s size) string {
	var b strings.Builder
	left := s.real
	for i := range s.virtual {
		fmt.Fprintf(&b, "virtual_server 10.%d.%d.1 80 {\n    delay_loop 6\n    lb_algo rr\n    lb_kind NAT\n    protocol TCP\n", i/250, i%250)
		n := left / (s.virtual - i)
		left -= n
		for j := range n {
			fmt.Fprintf(&b, "    real_server 172.%d.%d.%d 80 {\n        weight 1\n        TCP_CHECK {\n            connect_timeout 3\n            connect_port 80\n        }\n    }\n",
				16+i/250%16, i%250, j+1)
		}
		b.WriteString("}\n")
	}
	return b.String()
}
