//go:build linux

package director

import (
	"log/slog"
	"slices"
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
	// underWay are the steps that it has, in order.
	underWay []step
	// queued is the number of the latest step of changes, finished that of the last one that is done.
	queued, finished uint64
}

// ahead is how many steps are under way at most: the writer goes on while the loop announces what it has added.
const ahead = 4

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
	w := writer{steps: make(chan step, ahead), done: make(chan outcome, ahead)}
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
	v.writer.underWay = append(v.writer.underWay, s)
	v.writer.steps <- s // has room: no more than ahead are under way
}

// takeWritten goes on behind steps of changes.
func (v *vrrpProcess) takeWritten() {
	for {
		select {
		case w := <-v.writer.done:
			v.noteWritten(w)
		default:
			return
		}
	}
}

func (v *vrrpProcess) noteWritten(w outcome) {
	v.writer.finished = v.writer.underWay[0].number
	v.writer.underWay = v.writer.underWay[1:]
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

// nextStep is the place of the step that can be done now; -1 for none. What adds does not wait for announcements of
// what was added before, and they wait for no more than that. All else is done in order.
func (v *vrrpProcess) nextStep() int {
	if len(v.work) == 0 {
		return -1
	}
	underWay := len(v.writer.underWay)
	if i := slices.IndexFunc(v.work, func(s step) bool { return !s.beside }); i >= 0 && v.work[i].changes != nil &&
		underWay < ahead && (i == 0 || v.work[i].adds()) {
		return i
	}
	switch s := v.work[0]; {
	case s.changes != nil, s.beside && v.writer.finished < s.behind, !s.beside && underWay > 0:
		return -1
	}
	return 0
}

// adds reports whether a step of changes only adds.
func (s step) adds() bool {
	return !slices.ContainsFunc(s.changes, func(c effect.Change) bool { return c.Op != effect.Add })
}

// idle reports whether nothing is to be worked at now, and finished whether nothing is under way either.
func (v *vrrpProcess) idle() bool { return v.nextStep() < 0 }

func (v *vrrpProcess) finished() bool { return len(v.work) == 0 && len(v.writer.underWay) == 0 }
