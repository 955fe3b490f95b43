package health

import (
	"context"
	"time"

	"ka/compiler/plan"
)

// Report is told after every attempt.
type Report struct {
	// Up is the verdict after the attempt; Changed says that it is new.
	Up, Changed bool
	Result      Result
	// Cause says why, for people.
	Cause string
}

// Run tries check again and again until ctx ends, and reports each attempt from the calling goroutine.
// randomN draws uniformly from [0, n).
func Run(ctx context.Context, check plan.Check, checker Checker, randomN func(time.Duration) time.Duration, report func(Report)) {
	s := NewSchedule(check)
	timer := time.NewTimer(s.First(randomN))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		res := checker.Check(ctx)
		if ctx.Err() != nil {
			return
		}
		wait, changed, cause := s.Next(res)
		report(Report{Up: s.Up(), Changed: changed, Result: res, Cause: cause})
		timer.Reset(max(wait, time.Millisecond))
	}
}
