package health

import (
	"context"
	"time"
)

// Report is told after every attempt.
type Report struct {
	// Up is the verdict after the attempt; Changed says that it is new.
	Up, Changed bool
	Result      Result
	// Cause says why, for people.
	Cause string
}

// Run tries a check again and again, as its schedule says, until ctx ends, and reports each attempt from
// the calling goroutine. randomN draws uniformly from [0, n).
func Run(ctx context.Context, s *Schedule, checker Checker, randomN func(time.Duration) time.Duration, report func(Report)) {
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
