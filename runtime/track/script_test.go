//go:build linux

package track

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"ka/compiler/plan"
	"ka/runtime/process"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestLoop plays runs that take a while under a virtual clock. Each word is a run: "0", "1" an exit
// status, "e" a program that cannot be started, with the milliseconds that it takes behind a slash.
func TestLoop(t *testing.T) {
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
		{"what cannot be started is a failure", 1, 1, false, "e/1 0/1", "1 down, 1001 up"},
		{"a slow run skips the next", 1, 1, false, "0/2500 1/1", "1000 skipped, 2000 skipped, 2500 up, 3001 down"},
		{"known as failed from the start", 2, 1, true, "0/1 0/1", "1001 up"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				runs := strings.Fields(tt.runs)
				next := 0
				begin := time.Now()
				ctx, cancel := context.WithCancel(t.Context())
				s := Script{
					Plan: plan.Script{Name: "chk", Interval: time.Second, Rise: tt.rise, Fall: tt.fall, InitFail: tt.initFail},
					Run: func(context.Context) process.Result {
						if next >= len(runs) {
							cancel()
							return process.Result{}
						}
						word, ms, _ := strings.Cut(runs[next], "/")
						next++
						d, _ := time.ParseDuration(ms + "ms")
						time.Sleep(d)
						if word == "e" {
							return process.Result{Exit: -1, Err: errors.New("no such file")}
						}
						return process.Result{Exit: int(word[0] - '0')}
					},
				}
				var got []string
				s.Loop(ctx, func(r Report) {
					at := time.Since(begin).Milliseconds()
					switch {
					case r.Skipped:
						got = append(got, fmt.Sprintf("%d skipped", at))
					case r.Changed:
						got = append(got, fmt.Sprintf("%d %s", at, map[bool]string{true: "up", false: "down"}[r.Up]))
					}
				})
				if s := strings.Join(got, ", "); s != tt.want {
					t.Errorf("got %s, want %s", s, tt.want)
				}
			})
		})
	}
}
