package health

import (
	"fmt"
	"time"

	"ka/compiler/plan"
)

// FirstDelay is the fixed part of the time before the first attempt; a random part up to the warm-up
// is added to it.
const FirstDelay = time.Second

// Schedule decides when a check is tried and what its results mean. It is pure: the caller has the
// clock. The zero value is of no use, see [NewSchedule].
type Schedule struct {
	check plan.Check
	// up is the verdict; servers count as up until the first one (no alpha mode in this release).
	up, hasRun bool
	// retries counts the failures in a row that were not final yet.
	retries uint32
}

// NewSchedule starts the schedule of a check.
func NewSchedule(c plan.Check) *Schedule { return &Schedule{check: c, up: true} }

// Resume goes on from a verdict that is known: a reload kept the check.
func (s *Schedule) Resume(up bool) { s.up, s.hasRun = up, true }

// Up is the present verdict.
func (s *Schedule) Up() bool { return s.up }

// First is the time before the first attempt; randomN draws uniformly from [0, n).
func (s *Schedule) First(randomN func(n time.Duration) time.Duration) time.Duration {
	if s.check.Warmup <= 0 {
		return FirstDelay
	}
	return FirstDelay + randomN(s.check.Warmup)
}

// Next takes the result of an attempt. It returns the time to the next attempt (from the end of this
// one), whether the verdict changed, and the cause for people.
func (s *Schedule) Next(r Result) (wait time.Duration, changed bool, cause string) {
	switch r.Outcome {
	case NoVerdict:
		return s.check.DelayLoop, false, "no verdict: " + r.Reason
	case Success:
		changed = !s.up
		s.up, s.hasRun, s.retries = true, true, 0
		return s.check.DelayLoop, changed, "the check succeeded"
	}
	final := !s.hasRun || !s.up || s.retries >= s.check.Retry
	if !final {
		s.retries++
		return s.check.DelayBeforeRetry, false, r.Reason
	}
	cause = r.Reason
	if s.hasRun && s.retries > 0 {
		cause = fmt.Sprintf("%s after %d retries", r.Reason, s.retries)
	}
	changed = s.up
	s.up, s.hasRun, s.retries = false, true, 0
	return s.check.DelayLoop, changed, cause
}
