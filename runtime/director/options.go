package director

import (
	"log/slog"
	"os"
	"strings"
	"time"

	"ka/compiler/plan"
)

// DefaultRunDir is where the journal, the lock and the control socket are unless told otherwise.
const DefaultRunDir = "/run/karun"

// Options says what to run and how.
type Options struct {
	// Plan is what is run. It is not changed.
	Plan *plan.Plan
	// RunDir holds the journal, the lock and the control socket; it is made if it is missing.
	RunDir string
	// Keep leaves everything as it is at the end: no priority 0 is sent, nothing is removed.
	Keep bool
	// AllowPartial runs without what this machine or this release cannot run, and logs each thing.
	AllowPartial bool
	// Realtime says whether the vrrp process has a real-time scheduling policy, where permitted; "" is as
	// the plan says.
	Realtime Realtime
	// NotifyPatience is how long a notification command waits for the one before it of the same instance or
	// group, before it starts beside it; 0 starts them side by side at once.
	NotifyPatience time.Duration
	// Load reads the plan again, for a reload; it may take its time. A *[RefusedError] says that the plan is
	// damaged or of another version. nil: a reload is refused.
	Load func() (*plan.Plan, error)
	// Hangup asks for a reload; nil: nobody does.
	Hangup <-chan os.Signal
	// Logger takes the records of all three processes.
	Logger *slog.Logger
}

// RefusedError says why a plan is not run. Nothing was touched.
type RefusedError struct {
	// Reasons holds one clear message for each thing that is in the way.
	Reasons []string
}

// Error gives all reasons, a line each.
func (e *RefusedError) Error() string { return strings.Join(e.Reasons, "\n") }
