//go:build linux

package track

import "time"

// Debounce holds back what something does until it has lasted: the two delays of an interface, or of a
// process's quorum. Times are those since an epoch of the caller's; it takes no part in time by itself.
type Debounce struct {
	// Down and Up are how long it must be so before it counts.
	Down, Up time.Duration

	up, pending bool
	due         time.Duration
}

// IsUp reports what counts.
func (d *Debounce) IsUp() bool { return d.up }

// Force makes a state count at once, and reports whether that changed anything.
func (d *Debounce) Force(up bool) (changed bool) {
	changed = d.up != up
	d.up, d.pending = up, false
	return changed
}

// See takes what was seen at now, and reports whether what counts changed. A change that goes back
// before it counted never was.
func (d *Debounce) See(now time.Duration, up bool) (changed bool) {
	if up {
		return d.SeeAfter(now, up, d.Up)
	}
	return d.SeeAfter(now, up, d.Down)
}

// SeeAfter is See with a delay that is not the one of the direction.
func (d *Debounce) SeeAfter(now time.Duration, up bool, delay time.Duration) (changed bool) {
	if up == d.up {
		d.pending = false
		return false
	}
	if d.pending {
		return false
	}
	if delay <= 0 {
		return d.Force(up)
	}
	d.pending, d.due = true, now+delay
	return false
}

// Deadline is when to call Fire, if ok.
func (d *Debounce) Deadline() (at time.Duration, ok bool) { return d.due, d.pending }

// Fire lets a change count that has lasted, and reports whether there was one.
func (d *Debounce) Fire(now time.Duration) (changed bool) {
	if !d.pending || now < d.due {
		return false
	}
	return d.Force(!d.up)
}
