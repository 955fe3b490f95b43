package health

import (
	"context"
	"fmt"

	"ka/compiler/plan"
)

// Outcome is what one attempt found.
type Outcome uint8

// The outcomes. NoVerdict is a fault of this machine (no socket, no address to bind): it says nothing
// about the server, and the next attempt follows after delay_loop.
const (
	Success Outcome = iota
	Failure
	NoVerdict
)

// Result is the outcome of one attempt with its reason, which is empty for a success.
type Result struct {
	Outcome Outcome
	Reason  string
}

// Checker tries a real server once. Check is bounded by the checker's own timeout, and returns soon
// after ctx ends.
type Checker interface {
	Check(ctx context.Context) Result
	// String names what is checked: "TCP_CHECK 192.0.2.1:80".
	String() string
}

// New makes the checker of a check of the plan.
func New(c plan.Check) (Checker, error) {
	if c.Kind == plan.TCPCheck {
		return TCP{Target: c.Target, ConnectTimeout: c.ConnectTimeout}, nil
	}
	return nil, fmt.Errorf("health check %q is not run by this release; allowed: %q", c.Kind, plan.TCPCheck)
}
