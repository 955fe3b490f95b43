//go:build linux

package director

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"ka/compiler/plan"
	"ka/runtime/control"
	"ka/runtime/ipvs"
	"ka/runtime/kernel"
	"ka/runtime/process"
	"ka/runtime/track"
	"ka/runtime/vrrp"
)

// supervisor is the state of the first process. All of it belongs to the goroutine of supervise;
// others hand it functions.
type supervisor struct {
	opt    Options
	plan   *plan.Plan
	log    *slog.Logger
	notRun []string

	kernel   *kernel.Handle
	ipvs     *ipvs.Handle
	lock     *os.File
	launcher *process.Launcher // of notifications and their like
	// runner runs the tracking scripts; nil until there is one.
	runner *track.Scripts
	// launchers are those of the children, by role and settings.
	launchers map[string]*process.Launcher
	journal   journal
	kept      []string
	// journalFile guards the file of the journal, reloads are those asked for, reloading is the one that
	// the children work on.
	journalFile journalFile
	reloads     chan reloadRequest
	reloading   *reloading
	// reloadID numbers the reloads.
	reloadID uint64

	events  chan func()
	done    chan struct{} // closed when nobody takes events any more
	helpers sync.WaitGroup
	// helpCtx is the life of what runs beside the loop.
	helpCtx  context.Context
	children []*child
	scripts  []*script
	watchers watchers
	notifier *notifier
	queries  queries
	drops    map[string]uint64
	// watchingTables says that tables of nftables are made again.
	watchingTables bool

	started  time.Time
	began    begin
	startAt  vrrp.Instant // when the delay of the start ends; 0: there is none
	ready    bool
	stopping bool
	fatal    error
}

// child is a process that is kept running.
type child struct {
	name, role string
	cmd        *exec.Cmd
	link       *superLink
	since      time.Time
	restarts   int
	// fast counts the deaths in a row that came soon.
	fast int
	// ready says that it has reported since its start, everReady that one of them has.
	ready, everReady bool
	ended            bool
	// leaving says that a reload has no work for it any more.
	leaving bool
	// raised is the real-time priority that lateness has given it; 0: none yet.
	raised  int
	failure string
}

// post hands f to the supervisor's goroutine; it is lost when that has ended.
func (s *supervisor) post(f func()) {
	select {
	case s.events <- f:
	case <-s.done:
	}
}

// supervise runs the children and scripts until ctx ends or something is fatal, and stops in order.
func (s *supervisor) supervise(ctx context.Context, srv *control.Server) error {
	helpCtx, stopHelpers := context.WithCancel(context.Background())
	s.notifier = newNotifier(s)
	s.helpers.Go(func() { srv.Serve(helpCtx, control.Handlers{Status: s.status, Reload: s.reload}) })
	s.loadScripts()
	s.loadWatchers()
	s.helpCtx = helpCtx
	begin := s.runHook(ctx, "startup-script", s.plan.Global.Startup)
	stop := ctx.Done()
	for !s.finished() {
		select {
		case <-begin:
			begin = nil
			if !s.stopping {
				s.notifier.begin(s.plan, s.journal.FIFOs)
				s.startChildren()
				s.startScripts()
				s.startWatchers()
				s.watchTables()
				s.watchdog(helpCtx)
				s.helpers.Go(func() { s.reloader(helpCtx) })
			}
		case f := <-s.events:
			f()
		case <-stop:
			stop = nil
			s.stop("asked to stop")
		}
	}
	s.journal = s.journalFile.close()
	err := s.removeRest()
	s.notifier.finish(s.opt.Keep)
	if err == nil && !s.opt.Keep {
		err = removeJournal(s.opt.RunDir)
	}
	s.waitForHook(s.runHook(context.Background(), "shutdown-script", s.plan.Global.Shutdown), s.plan.Global.Shutdown)
	close(s.done)
	stopHelpers()
	s.waitForHelpers()
	if s.fatal != nil {
		return errors.Join(s.fatal, err)
	}
	if err != nil {
		return fmt.Errorf("not everything was removed, the journal stays: %w", err)
	}
	s.log.Info("stopped")
	return nil
}

// waitForHelpers waits for scripts that are being ended, but not for one that nothing can end.
func (s *supervisor) waitForHelpers() {
	gone := make(chan struct{})
	go func() {
		s.helpers.Wait()
		close(gone)
	}()
	t := time.NewTimer(process.KillAfter + stopScripts)
	defer t.Stop()
	select {
	case <-gone:
	case <-t.C:
		s.log.Warn("a script does not end, it is left behind")
	}
}

// finished reports whether the stop is complete.
func (s *supervisor) finished() bool {
	if !s.stopping {
		return false
	}
	for _, c := range s.children {
		if !c.ended {
			return false
		}
	}
	return true
}

// startChildren starts the processes that the plan has work for.
func (s *supervisor) startChildren() {
	s.started, s.began = time.Now(), begin{monotonic(), uptime()}
	s.startAt = endOfDelay(s.plan.Global.VRRP, s.began.at, s.began.uptime)
	for _, role := range rolesOf(s.plan) {
		s.children = append(s.children, &child{name: roleName(role), role: role})
	}
	for _, c := range s.children {
		s.startChild(c)
	}
	s.checkReady()
}

// startRole starts a process that a reload has work for. One that cannot start is tried again.
func (s *supervisor) startRole(role string) {
	c := &child{name: roleName(role), role: role, everReady: true}
	s.children = append(s.children, c)
	s.startChild(c)
}

// startChild starts c and the goroutines that serve it.
func (s *supervisor) startChild(c *child) {
	if s.stopping {
		c.ended = true
		return
	}
	launcher, sched := s.launcherOf(c.role)
	set := setup{Kept: s.kept, Tracked: s.knownTracked(), Carriers: s.watchers.up, StartAt: int64(s.startAt), Name: sched.name, Lock: sched.lock, Limit: sched.limit, Keep: s.opt.Keep}
	c.raised = 0
	cmd, fd, err := startChild(launcher, c.role, s.plan, set, s.lock)
	if err != nil {
		c.failure = err.Error()
		s.childDied(c, err)
		return
	}
	link, err := newSuperLink(fd, func(m message) { s.post(func() { s.hear(c, m) }) }, &s.helpers)
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		c.failure = err.Error()
		s.childDied(c, err)
		return
	}
	c.cmd, c.link, c.since, c.ready, c.ended, c.failure = cmd, link, time.Now(), false, false, ""
	s.log.Info("process", "name", c.name, "pid", cmd.Process.Pid)
	s.helpers.Go(func() {
		err := cmd.Wait()
		link.waitRead() // what it said last counts
		s.post(func() { s.childEnded(c, err) })
	})
}

// childEnded handles the end of a child's process.
func (s *supervisor) childEnded(c *child, err error) {
	c.link.close()
	c.cmd, c.link, c.ended = nil, nil, true
	s.childReloaded(c, message{})
	if c.leaving {
		s.children = slices.DeleteFunc(s.children, func(x *child) bool { return x == c })
		return
	}
	if s.stopping {
		if err != nil {
			s.log.Error("process died", "name", c.name, "cause", err.Error())
		}
		return
	}
	if err == nil {
		err = errors.New("ended without being asked")
	}
	s.childDied(c, err)
}

// childDied starts c again after a pause; one that never came to work is fatal.
func (s *supervisor) childDied(c *child, err error) {
	cause := err.Error()
	if c.failure != "" {
		cause = c.failure
	}
	s.log.Error("process died", "name", c.name, "cause", cause)
	c.ended = true
	if !c.everReady {
		s.fatal = fmt.Errorf("the %s process cannot start: %s", c.name, cause)
		s.stop("the " + c.name + " process cannot start")
		return
	}
	if c.role == roleVRRP {
		if err := s.removeLeftovers("the vrrp process died"); err != nil {
			s.log.Error("kernel", "error", err.Error())
		}
	}
	if c.role == roleBFD {
		s.sessionsLost()
	}
	lived := time.Since(c.since)
	if lived >= longLife {
		c.fast = 0
	}
	wait := backoff(c.fast, lived)
	c.fast++
	c.restarts++
	c.since = time.Now()
	time.AfterFunc(wait, func() {
		s.post(func() {
			switch {
			case s.stopping:
			case slices.Contains(rolesOf(s.plan), c.role):
				s.startChild(c)
			default: // a reload took its work away
				s.children = slices.DeleteFunc(s.children, func(x *child) bool { return x == c })
			}
		})
	})
}

// hear handles a message of a child.
func (s *supervisor) hear(c *child, m message) {
	switch m.Type {
	case msgReady:
		c.ready, c.everReady = true, true
		s.limitRealTime(c)
		s.checkReady()
	case msgLate:
		s.late(c)
	case msgLog:
		s.logRecord(m)
	case msgNotify:
		if m.Notice != nil {
			s.notifier.tell(*m.Notice)
		}
	case msgFailed:
		c.failure = m.Text
	case msgReloaded:
		s.childReloaded(c, m)
	case msgTracked:
		s.sessionReport(m.Tracked)
	case msgLinkGone:
		s.remake(m.Text)
	case msgInstance, msgServer, msgSession, msgStatusDone:
		s.queries.answer(m)
	}
}

// logRecord writes a record of a child under its own time.
func (s *supervisor) logRecord(m message) {
	r := slog.NewRecord(time.Unix(0, m.Time), m.Level, m.Text, 0)
	r.Add(m.Attrs...)
	ctx := context.Background()
	if s.log.Enabled(ctx, m.Level) {
		_ = s.log.Handler().Handle(ctx, r)
	}
}

// checkReady tells the world when all children work.
func (s *supervisor) checkReady() {
	for _, c := range s.children {
		if !c.ready {
			return
		}
	}
	if s.ready {
		return
	}
	s.ready = true
	s.log.Info("ready", "node", s.plan.Node)
	_, _ = daemon.SdNotify(false, daemon.SdNotifyReady)
}

// stop begins the end: the children are asked to leave in order, and killed if they do not.
func (s *supervisor) stop(cause string) {
	if s.stopping {
		return
	}
	s.stopping = true
	s.log.Info("stopping", "cause", cause)
	_, _ = daemon.SdNotify(false, daemon.SdNotifyStopping)
	for _, c := range s.children {
		if c.link == nil {
			c.ended = true
			continue
		}
		s.leave(c, s.opt.Keep)
	}
}

// leave asks a child to leave in order, and kills it if it does not.
func (s *supervisor) leave(c *child, keep bool) {
	s.send(c, message{Type: msgStop, Keep: keep})
	cmd := c.cmd
	time.AfterFunc(childWait(s.plan), func() { _ = cmd.Process.Kill() })
}

// send queues a message for a child; what does not fit is counted and logged.
func (s *supervisor) send(c *child, m message) {
	if c.link == nil || c.link.send(m) {
		return
	}
	s.drops["to-"+c.name]++
	s.log.Error("dropped", "message", m.Type, "to", c.name)
}

// tell tells a child of a tracked thing.
func (c *child) tell(message string, t trackedState) {
	if c.link != nil {
		c.link.tell(message, t)
	}
}

// watchdog tells systemd that the loop goes round.
func (s *supervisor) watchdog(ctx context.Context) {
	every, err := daemon.SdWatchdogEnabled(false)
	if err != nil || every <= 0 {
		return
	}
	s.helpers.Go(func() {
		t := time.NewTicker(every / 3)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				s.post(func() { _, _ = daemon.SdNotify(false, daemon.SdNotifyWatchdog) })
			}
		}
	})
}
