//go:build linux

package director

import (
	"time"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// begin is when a karun started: by the machines' clock, and since the boot of the machine.
type begin struct {
	at     vrrp.Instant
	uptime time.Duration
}

// delayAgain works a delay of the start that still runs out anew, for a reload: it counts from the start as
// before. One that has ended, or that the start did not have, does not begin (reference vrrp 2).
func delayAgain(g *plan.VRRPGlobal, ends vrrp.Instant, began begin, now vrrp.Instant) vrrp.Instant {
	if ends <= now {
		return ends
	}
	return max(endOfDelay(g, began.at, began.uptime), now)
}
