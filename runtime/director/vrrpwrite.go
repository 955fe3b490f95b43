//go:build linux

package director

import (
	"log/slog"
	"time"

	"ka/compiler/effect"
	"ka/runtime/kernel"
)

// writer makes the changes of the kernel on a goroutine of its own. The kernel makes one change of its network
// at a time (RTNL), and one transaction of nftables: whoever else is at it, somebody's container or firewall,
// holds ours up for as long as it takes. No advert waits for that. The steps of work behind a change do.
type writer struct {
	steps chan step
	done  chan outcome
	// busy says that a step is under way.
	busy bool
}

// outcome is what came of a step.
type outcome struct {
	step
	failed []failedChange
}

type failedChange struct {
	change effect.Change
	err    error
}

// newWriter starts the goroutine; wake is called when a step is done. Closing steps ends it.
func newWriter(h *kernel.Handle, wake func()) writer {
	w := writer{steps: make(chan step, 1), done: make(chan outcome, 1)}
	go func() {
		for s := range w.steps {
			w.done <- write(h, s)
			wake()
		}
	}()
	return w
}

// write makes the changes of a step, all at once, and one by one where that fails, so that the log is true.
func write(h *kernel.Handle, s step) outcome {
	out := outcome{step: step{inst: s.inst, done: s.changes}}
	if h.ApplyAll(s.changes) != nil {
		out.done = nil
		for _, c := range s.changes {
			if err := h.Apply(c); err != nil {
				out.failed = append(out.failed, failedChange{c, err})
				continue
			}
			out.done = append(out.done, c)
		}
	}
	out.at = time.Now()
	return out
}

// apply begins a step of changes.
func (v *vrrpProcess) apply(s step) {
	v.writer.busy = true
	v.writer.steps <- s // empty: one step is under way at a time
}

// takeWritten goes on behind a step of changes.
func (v *vrrpProcess) takeWritten() {
	select {
	case w := <-v.writer.done:
		v.noteWritten(w)
	default:
	}
}

func (v *vrrpProcess) noteWritten(w outcome) {
	v.writer.busy = false
	w.inst.queued--
	for _, f := range w.failed {
		if _, ok := f.change.Object().(effect.Address); ok {
			w.inst.refused = true
		} else {
			w.inst.failed = true
		}
		v.link.log(slog.LevelError, "kernel", "instance", w.inst.plan.Name, "change", f.change.String(), "error", f.err.Error())
	}
	for _, c := range w.done {
		v.mirror.note(c)
	}
	if len(w.done) > 0 {
		v.work = append(v.work, w.step)
	}
}

// idle reports whether nothing is to be worked at now, and finished whether nothing is under way either.
func (v *vrrpProcess) idle() bool {
	return len(v.work) == 0 || v.writer.busy && !v.work[0].beside
}

func (v *vrrpProcess) finished() bool { return len(v.work) == 0 && !v.writer.busy }
