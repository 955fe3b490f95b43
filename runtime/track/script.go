//go:build linux

package track

import (
	"context"
	"time"

	"ka/compiler/plan"
	"ka/runtime/process"
	"ka/runtime/vrrp"
)

// Report is the outcome of one run, or of a run that was skipped.
type Report struct {
	// Script is the name of the script.
	Script string
	// Result is how the run ended; it is zero where Skipped is set.
	Result process.Result
	// Skipped says that the run before was still going.
	Skipped bool
	// Changed says that the script went up or down with this run, or reported for the first time.
	Changed bool
	// Up is the state after the run.
	Up bool
	// At is when the run ended.
	At time.Time
}

// Script runs one tracking script.
type Script struct {
	Plan plan.Script
	// Run runs the program once, bounded by Plan.Timeout. It must return soon after ctx ends.
	Run func(ctx context.Context) process.Result
	// Known says that there is a state from before, which is Up: the first result does not count by itself.
	Known, Up bool
}

// Loop runs the script until ctx ends and reports every run from the calling goroutine. The first run
// starts at once. It returns when the last run has ended.
func (s Script) Loop(ctx context.Context, report func(Report)) {
	counter := vrrp.NewScriptCounter(s.Plan.Rise, s.Plan.Fall, s.Plan.InitFail)
	if s.Known {
		counter.Resume(s.Up)
	}
	ticker := time.NewTicker(max(s.Plan.Interval, time.Millisecond))
	defer ticker.Stop()
	results := make(chan process.Result, 1)
	running, up := false, s.Known && s.Up
	start := func() {
		running = true
		go func() { results <- s.Run(ctx) }()
	}
	start()
	for {
		select {
		case <-ctx.Done():
			if running {
				<-results
			}
			return
		case res := <-results:
			running = false
			if ctx.Err() != nil {
				return
			}
			changed, now := counter.Result(res.OK())
			up = now
			report(Report{Script: s.Plan.Name, Result: res, Changed: changed, Up: up, At: time.Now()})
		case <-ticker.C:
			if running {
				report(Report{Script: s.Plan.Name, Skipped: true, Up: up, At: time.Now()})
				continue
			}
			start()
		}
	}
}
