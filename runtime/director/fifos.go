//go:build linux

package director

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"ka/compiler/plan"
	"ka/runtime/notify"
	"ka/runtime/process"
)

// defaultUmask is keepalived's, for FIFOs and whatever scripts make (reference keywords, umask).
const defaultUmask = 0o177

// umaskOf is the umask that a plan asks for.
func umaskOf(p *plan.Plan) int {
	if f := p.Global.Files; f != nil && f.Umask >= 0 {
		return f.Umask
	}
	return defaultUmask
}

// eventFIFOs are the FIFOs of a plan that are told what happens to instances. That for virtual servers
// alone exists only where there are some.
func eventFIFOs(p *plan.Plan) []*plan.FIFO {
	f := p.Global.FIFOs
	if f == nil {
		return nil
	}
	all := []*plan.FIFO{f.All, f.VRRP}
	if len(p.VirtualServers) > 0 {
		all = append(all, f.LVS)
	}
	return slices.DeleteFunc(all, func(f *plan.FIFO) bool { return f == nil || f.Path == "" })
}

// plannedFIFOs are the paths that this run makes, or that an earlier one made.
func plannedFIFOs(p *plan.Plan, before *journal) []string {
	var out []string
	for _, f := range eventFIFOs(p) {
		_, err := os.Lstat(f.Path)
		if errors.Is(err, os.ErrNotExist) || before != nil && slices.Contains(before.FIFOs, f.Path) {
			out = append(out, f.Path)
		}
	}
	return out
}

// otherFIFOs are those of an earlier run that this one does not have.
func otherFIFOs(before *journal, have []string) []string {
	if before == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(before.FIFOs), func(path string) bool { return slices.Contains(have, path) })
}

// removeFIFOs removes what is still a FIFO.
func removeFIFOs(paths []string) {
	for _, path := range paths {
		if st, err := os.Lstat(path); err == nil && st.Mode()&os.ModeNamedPipe != 0 {
			_ = os.Remove(path)
		}
	}
}

// fifo is one open FIFO; lost counts the lines that found it full since the last that did not.
type fifo struct {
	*notify.FIFO
	lvs  bool
	lost uint64
}

// fifos are the FIFOs of a run, with the scripts that read them. They belong to one goroutine.
type fifos struct {
	log     *slog.Logger
	open    []*fifo
	readers sync.WaitGroup
	// end ends the scripts, closed says that they find no more to read.
	end    context.CancelFunc
	closed atomic.Bool
}

// openFIFOs opens the FIFOs of a plan and starts their scripts. What cannot be is logged.
func openFIFOs(p *plan.Plan, ours []string, l *process.Launcher, log *slog.Logger) *fifos {
	ctx, cancel := context.WithCancel(context.Background())
	f := &fifos{log: log, end: cancel}
	for _, c := range eventFIFOs(p) {
		// keepalived looks a FIFO's owner up as it does a script's.
		u, err := commandUser(p, thisMachine(nil), &plan.Command{User: c.User, Group: c.Group})
		owner := notify.Owner{UID: os.Geteuid(), GID: os.Getegid()}
		if u != nil {
			owner = notify.Owner{UID: int(u.UID), GID: int(u.GID)}
		}
		var pipe *notify.FIFO
		if err == nil {
			pipe, err = notify.OpenFIFO(c.Path, owner, umaskOf(p), slices.Contains(ours, c.Path))
		}
		if err != nil {
			log.Error("fifo", "path", c.Path, "error", err.Error())
			continue
		}
		f.open = append(f.open, &fifo{FIFO: pipe, lvs: c == p.Global.FIFOs.LVS})
		if c.Script != nil {
			f.startReader(ctx, p, c, l)
		}
	}
	return f
}

// startReader starts the script of a FIFO, with the path as its last word. It is not started again.
func (f *fifos) startReader(ctx context.Context, p *plan.Plan, c *plan.FIFO, l *process.Launcher) {
	argv := append(slices.Clone(c.Script.Argv), c.Path)
	spec, err := commandSpec(p, c.Script, argv)
	var reader *process.Running
	if err == nil {
		reader, err = process.Start(l, spec)
	}
	if err != nil {
		f.log.Error("fifo-script", "path", c.Path, "argv", argv, "error", err.Error())
		return
	}
	f.log.Info("fifo-script", "path", c.Path, "argv", argv)
	f.readers.Go(func() {
		res := reader.Wait(ctx, 0)
		if ctx.Err() == nil && !f.closed.Load() {
			f.log.Warn("fifo-script-ended", "path", c.Path, "argv", argv, "cause", res.String())
		}
	})
}

// write tells all FIFOs of an event, and returns how many lines were lost.
func (f *fifos) write(e notify.Event) (lost uint64) {
	line := e.Line()
	for _, pipe := range f.open {
		if pipe.lvs {
			continue
		}
		switch err := pipe.Write(line); {
		case err != nil:
			if pipe.lost++; pipe.lost == 1 {
				f.log.Warn("fifo-lost", "path", pipe.Path(), "cause", err.Error())
			}
			lost++
		case pipe.lost > 0:
			f.log.Warn("fifo-again", "path", pipe.Path(), "lost", pipe.lost)
			pipe.lost = 0
		}
	}
	return lost
}

// close closes the FIFOs: their readers find the end behind the last line. keep leaves them in place.
func (f *fifos) close(keep bool) {
	f.closed.Store(true)
	for _, pipe := range f.open {
		pipe.FIFO.Close(!keep)
	}
	f.open = nil
}
