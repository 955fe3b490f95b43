//go:build linux

package director

import (
	"context"
	"fmt"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"ka/compiler/plan"
	"ka/runtime/process"
)

// runHook runs startup_script or shutdown_script to its end, or its timeout. What comes of it changes
// nothing but the log: karun starts and ends with a failed script as keepalived does. The channel is closed
// behind it; at once where the plan has none.
func (s *supervisor) runHook(ctx context.Context, name string, h *plan.HookScript) <-chan struct{} {
	done := make(chan struct{})
	if h == nil {
		close(done)
		return done
	}
	// systemd must not take the script's time for ours.
	_, _ = daemon.SdNotify(false, fmt.Sprintf("EXTEND_TIMEOUT_USEC=%d", (h.Timeout+process.KillAfter+time.Second).Microseconds()))
	spec, err := commandSpec(s.plan, &h.Command, h.Command.Argv)
	s.helpers.Go(func() {
		defer close(done)
		res := process.Result{Exit: -1, Err: err}
		if err == nil {
			res = process.Run(ctx, s.launcher, spec, h.Timeout)
		}
		if res.OK() {
			s.log.Info(name, "argv", h.Command.Argv)
			return
		}
		s.log.Warn(name, "argv", h.Command.Argv, "cause", res.String())
	})
	return done
}

// waitForHook waits for the end of a script, but not for one that nothing can end.
func (s *supervisor) waitForHook(done <-chan struct{}, h *plan.HookScript) {
	if h == nil {
		return
	}
	t := time.NewTimer(h.Timeout + process.KillAfter + time.Second)
	defer t.Stop()
	select {
	case <-done:
	case <-t.C:
	}
}
