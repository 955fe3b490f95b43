//go:build linux

package track

import (
	"time"

	"ka/compiler/plan"
	"ka/runtime/process"
	"ka/runtime/vrrp"
)

// Report is what a run brought about: a state, a program that could not be started, or a run that was skipped.
type Report struct {
	// Script is the name of the script.
	Script string
	// Result is how the run ended; it is zero where the run before was still going.
	Result process.Result
	// Skipped says that the run was left out: the one before was still going, or the machine had not the means to
	// start one (Result.Err).
	Skipped bool
	// Changed says that the script went up or down with this run, or reported for the first time.
	Changed bool
	// Up is the state after the run.
	Up bool
}

// State is what is known of a script.
type State struct {
	// Known says that there is a state, which is Up.
	Known, Up bool
	// Last is how the last run ended, at At.
	Last process.Result
	At   time.Time
	// Runs are those that ended, Skipped those that were left out.
	Runs, Skipped uint64
}

// clockwork decides when a script runs, when a run is ended, and what its end means. It takes no part in time
// by itself: times are those since an epoch of the caller's.
type clockwork struct {
	interval, timeout time.Duration
	counter           *vrrp.ScriptCounter
	// next is when the next run is due, limit when the patience with this one ends.
	next, limit time.Duration
	// early is by how much the second run is before its time, so that many scripts that begin together do not
	// go on together.
	early   time.Duration
	running bool
	began   time.Duration
	// missed are runs that nobody had the time for.
	missed uint64
	// asked says that the run was asked to end, skipping that one was left out for it.
	asked, skipping bool
}

// forever is later than anything.
const forever = time.Duration(1<<63 - 1)

// newClockwork makes one whose first run is due at now. number is how many scripts there were before it.
func newClockwork(p *plan.Script, before State, now time.Duration, number int) clockwork {
	c := clockwork{
		interval: max(p.Interval, time.Millisecond), timeout: p.Timeout, next: now, limit: forever,
		counter: vrrp.NewScriptCounter(p.Rise, p.Fall, p.InitFail),
	}
	if before.Known {
		c.counter.Resume(before.Up)
	}
	// Steps of the golden section come to lie between those before, however many there are.
	const golden = 0.6180339887498949
	part := golden * float64(number)
	c.early = time.Duration((part - float64(int(part))) * float64(c.interval))
	return c
}

// order is what a clockwork wants to be done.
type order int

const (
	nothing order = iota
	startRun
	skipRun
	askToEnd
	makeEnd
)

// rate is how many runs a second it asks for.
func (c *clockwork) rate() float64 { return 1 / c.interval.Seconds() }

// due is when to call tick.
func (c *clockwork) due() time.Duration { return min(c.next, c.limit) }

// tick says what is to be done at now; it is called until that is nothing.
func (c *clockwork) tick(now time.Duration) order {
	switch {
	case c.limit <= now && !c.asked:
		c.ask(now)
		return askToEnd
	case c.limit <= now:
		c.limit = now + process.KillAgain
		return makeEnd
	case c.next > now:
		return nothing
	}
	c.next += c.interval - c.early
	c.early = 0
	if late := now - c.next; late >= 0 {
		c.missed += uint64(late/c.interval) + 1
		c.next = now + c.interval
	}
	if c.running {
		return skipRun
	}
	c.running, c.began, c.limit = true, now, forever
	if c.timeout > 0 {
		c.limit = now + c.timeout
	}
	return startRun
}

// ask notes that the run is being asked to end.
func (c *clockwork) ask(now time.Duration) { c.asked, c.limit = true, now+process.KillAfter }

// omit notes that the run could not begin. It says nothing about what the script looks at.
func (c *clockwork) omit() { c.running, c.asked, c.skipping, c.limit = false, false, false, forever }

// ended takes the end of a run, and reports what is to be told of it.
func (c *clockwork) ended(now time.Duration, r *process.Result) (changed, up bool) {
	r.TimedOut, r.Took = c.asked, now-c.began
	c.omit()
	return c.counter.Result(r.OK())
}
