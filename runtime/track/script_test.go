//go:build linux

package track

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ka/compiler/plan"
	"ka/runtime/process"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestClockwork plays runs that take a while. Each word is a run: "0", "1" an exit status, "e" a program that
// cannot be started, with the milliseconds that it takes behind a slash; it ends at once when it is asked to, at
// "x" not before it is made to.
func TestClockwork(t *testing.T) {
	for _, tt := range []struct {
		name       string
		rise, fall int
		initFail   bool
		runs       string
		want       string
	}{
		{"the first result counts alone", 2, 3, false, "0/10", "10 up"},
		{"the first failure too", 2, 3, false, "1/10", "10 down"},
		{"fall and rise", 2, 3, false, "0/1 1/1 1/1 1/1 0/1 0/1", "1 up, 3001 down, 5001 up"},
		{"a success in between", 1, 2, false, "0/1 1/1 0/1 1/1 1/1", "1 up, 4001 down"},
		{"what cannot be started is a failure", 1, 1, false, "e/0 0/1", "0 down, 1001 up"},
		{"a slow run skips the next", 1, 1, false, "0/2500 1/1", "1000 skipped, 2000 skipped, 2500 up, 3001 down"},
		{"one that takes too long is a failure", 1, 1, false, "0/1 0/9000 0/1", "1 up, 2000 skipped, 3000 skipped, 4000 skipped, 4500 asked, 4500 down, 5001 up"},
		{"and made to end", 1, 1, false, "x/0 0/1", "1000 skipped, 2000 skipped, 3000 skipped, 3500 asked, 4000 skipped, 5000 skipped, 5500 killed, 5500 down, 6001 up"},
		{"known as failed from the start", 2, 1, true, "0/1 0/1", "1001 up"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := plan.Script{Interval: time.Second, Timeout: 3500 * time.Millisecond, Rise: tt.rise, Fall: tt.fall, InitFail: tt.initFail}
			if got := playRuns(newClockwork(&p, State{}, 0, 0), strings.Fields(tt.runs)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// playRuns plays until the runs have ended and another one is due.
func playRuns(c clockwork, runs []string) string {
	var got []string
	end := forever // of the run
	for next := 0; ; {
		now := min(c.due(), end)
		note := func(what string) { got = append(got, fmt.Sprintf("%d %s", now.Milliseconds(), what)) }
		order := nothing
		if now != end {
			order = c.tick(now)
		}
		word := ""
		if next > 0 {
			word = runs[next-1]
		}
		switch order {
		case startRun:
			if next == len(runs) {
				return strings.Join(got, ", ")
			}
			_, ms, _ := strings.Cut(runs[next], "/")
			d, _ := time.ParseDuration(ms + "ms")
			end = now + d
			if next++; runs[next-1][0] == 'x' {
				end = forever
			}
			continue
		case skipRun:
			note("skipped")
			continue
		case askToEnd:
			note("asked")
			if word[0] == 'x' {
				continue
			}
		case makeEnd:
			note("killed")
		case nothing:
		}
		end = forever
		res := process.Result{Exit: int(word[0] - '0')}
		if word[0] == 'e' {
			res = process.Result{Exit: -1, Err: errors.New("no such file")}
		}
		if changed, up := c.ended(now, &res); changed {
			note(map[bool]string{true: "up", false: "down"}[up])
		}
	}
}

// TestSpread: scripts that begin together do not go on together, and each keeps its time from the second run on.
func TestSpread(t *testing.T) {
	const many = 100
	var seconds []time.Duration
	for i := range many {
		c := newClockwork(&plan.Script{Interval: time.Second}, State{}, 0, i)
		var starts []time.Duration
		for len(starts) < 4 {
			now := c.due()
			if c.tick(now) == startRun {
				starts = append(starts, now)
				c.ended(now, &process.Result{})
			}
		}
		if starts[0] != 0 || starts[1] > time.Second || starts[1] <= 0 || starts[2]-starts[1] != time.Second || starts[3]-starts[2] != time.Second {
			t.Errorf("script %d runs at %v", i, starts)
		}
		seconds = append(seconds, starts[1])
	}
	slices.Sort(seconds)
	for i := range many - 1 {
		if gap := seconds[i+1] - seconds[i]; gap > 2*time.Second/many {
			t.Errorf("nothing runs for %s", gap)
		}
	}
}
