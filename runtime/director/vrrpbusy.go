//go:build linux

package director

import (
	"time"

	"golang.org/x/sys/unix"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

const (
	// breath is how long the processor is given up, and the least wait that counts as such.
	breath = 50 * time.Microsecond
	// lateAgain is the least time between two reports of lateness.
	lateAgain = time.Second
)

// busy knows how long the loop has run without giving the processor up, and how late it woke up.
type busy struct {
	// limit is the bound of a real-time process; 0: there is none.
	limit time.Duration
	since vrrp.Instant
	// lateness is what has to be reported, once in a while; 0: nothing is.
	lateness time.Duration
	reported vrrp.Instant
}

func newBusy(p *plan.Plan, limit time.Duration) busy {
	b := busy{limit: limit, since: monotonic()}
	if all := p.Global.Processes; all != nil && all.MaxAutoPriority > 0 {
		b.lateness = all.MinAutoPriorityDelay
	}
	return b
}

// waited notes a wait for events, and reports whether it was one.
func (b *busy) waited(from, to vrrp.Instant) bool {
	if to.Sub(from) < breath {
		return false
	}
	b.since = to
	return true
}

// breathe gives the processor up for a moment at half of the limit: who works, or is flooded with packets,
// must not be ended for it (vrrp_rlimit_rttime).
func (b *busy) breathe(now vrrp.Instant) {
	if b.limit == 0 || now.Sub(b.since) < b.limit/2 {
		return
	}
	pause := unix.NsecToTimespec(int64(breath))
	_ = unix.Nanosleep(&pause, nil)
	b.since = monotonic()
}

// late reports whether the supervisor is to be told of a deadline that was missed (min_auto_priority_delay).
func (b *busy) late(deadline, now vrrp.Instant) bool {
	if b.lateness == 0 || now.Sub(deadline) < b.lateness || b.reported != 0 && now.Sub(b.reported) < lateAgain {
		return false
	}
	b.reported = now
	return true
}
