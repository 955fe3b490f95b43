//go:build linux

package director

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"ka/compiler/effect"
	"ka/compiler/plan"
	"ka/runtime/control"
	"ka/runtime/ipvs"
	"ka/runtime/vrrp"
)

const (
	// reloadBacklog is how many clients may wait for their reload.
	reloadBacklog = 16
	// reloadPatience is how long the children have to take a new plan.
	reloadPatience = time.Minute
)

// A reload (reference vrrp 3.9) goes through these steps, of which only the short ones belong to the
// supervisor's loop:
//
//	read and compile the file, check what it needs      a goroutine of its own
//	extend the journal by all that the plan may add     the same, on disk before anything else happens
//	take the plan, tell scripts, watchers and children  the loop
//	decode it, work out the changes                     a goroutine of each child
//	make the changes, in slices                         the children's loops
//	cut the journal down to what is still ours          the goroutine of the first step

// reloadRequest is a wish to reload; the reply is buffered.
type reloadRequest struct{ reply chan control.Reload }

// reloading is a reload that the children work on. It belongs to the supervisor's goroutine.
type reloading struct {
	result  control.Reload
	waiting []*child
	reply   chan control.Reload // buffered
}

// journalFile keeps the journal on disk, what is made by its word, and the end of karun apart: a reload works
// from its own goroutine.
type journalFile struct {
	mu     sync.Mutex
	closed bool
	// last is what the file says.
	last journal
}

// errStopping says that there is nothing to reload any more.
var errStopping = errors.New("karun is stopping")

// with runs f with what the file says, unless karun has come to its end, which waits for f: what f makes is
// removed like the rest.
func (f *journalFile) with(do func(current *journal) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return errStopping
	}
	current := f.last
	return do(&current)
}

// write writes the journal; it belongs to who runs with the file.
func (f *journalFile) write(j *journal, dir string) error {
	err := j.write(dir)
	if err == nil {
		f.last = *j
	}
	return err
}

// close lets nobody write any more, and returns what the file says.
func (f *journalFile) close() journal {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	return f.last
}

// reload answers a request of the control socket, from any goroutine.
func (s *supervisor) reload(ctx context.Context) control.Reload {
	req := reloadRequest{make(chan control.Reload, 1)}
	select {
	case s.reloads <- req:
	case <-s.done:
		return failedReload(errStopping)
	default:
		return failedReload(errors.New("too many reloads are asked for at once"))
	}
	select {
	case r := <-req.reply:
		return r
	case <-ctx.Done():
		return failedReload(errors.New("it takes longer than expected; the log tells its end"))
	case <-s.done:
		return failedReload(errStopping)
	}
}

func failedReload(err error) control.Reload {
	return control.Reload{Outcome: control.ReloadFailed, Reasons: slices.Compact(strings.Split(err.Error(), "\n"))}
}

// reloader does one reload after the other until ctx ends.
func (s *supervisor) reloader(ctx context.Context) {
	for {
		var req reloadRequest
		select {
		case <-ctx.Done():
			return
		case <-s.opt.Hangup:
			req.reply = make(chan control.Reload, 1) // the log tells
		case req = <-s.reloads:
		}
		r := s.reloadOnce()
		s.logReload(r)
		req.reply <- r
		debug.FreeOSMemory() // what compiling took is not needed again soon
	}
}

func (s *supervisor) logReload(r control.Reload) {
	attrs := []any{"outcome", string(r.Outcome), "instances", r.Instances.String()}
	if r.VirtualServers.Any() {
		attrs = append(attrs, "virtual_servers", r.VirtualServers.String())
	}
	level := slog.LevelInfo
	if r.Outcome != control.ReloadDone {
		level = slog.LevelError
	}
	for _, reason := range r.Reasons {
		s.log.Log(context.Background(), level, "reload", "reason", reason)
	}
	s.log.Log(context.Background(), level, "reload", attrs...)
}

// candidate is a new plan with all that it takes to run it.
type candidate struct {
	plan   *plan.Plan
	notRun []string
	ipvs   *ipvs.Handle
	// adopted says that the new plan is run.
	adopted bool
	// startAt is when a delay of the start ends that still runs.
	startAt vrrp.Instant
	inventory
	// files hold the plan for the children, by role.
	files map[string]*os.File
}

func (c *candidate) close() {
	for _, f := range c.files {
		_ = f.Close()
	}
}

// take gives the file of a role away; nil where the plan has no work for it.
func (c *candidate) take(role string) *os.File {
	f := c.files[role]
	delete(c.files, role)
	return f
}

// reloadOnce does a reload from the file to the end. A plan that is not taken changes nothing.
func (s *supervisor) reloadOnce() control.Reload {
	c, err := s.prepareReload()
	var refused *RefusedError
	switch {
	case errors.As(err, &refused):
		return control.Reload{Outcome: control.ReloadRefused, Reasons: refused.Reasons}
	case err != nil:
		return failedReload(err)
	}
	reply := make(chan control.Reload, 1)
	s.post(func() { s.adopt(c, reply) })
	var r control.Reload
	select {
	case r = <-reply:
	case <-s.done:
		c.close()
		return failedReload(errStopping)
	}
	if !c.adopted {
		return r // karun stops, and removes what was made
	}
	if err := s.settleJournal(c.plan); err != nil {
		r.Reasons = append(r.Reasons, "journal: "+err.Error())
	}
	return r
}

// prepareReload reads the plan again, checks it, and writes the extended journal.
func (s *supervisor) prepareReload() (c *candidate, err error) {
	if s.opt.Load == nil {
		return nil, &RefusedError{Reasons: []string{"this karun cannot read its plan again"}}
	}
	opt := s.opt
	if opt.Plan, err = s.opt.Load(); err != nil {
		return nil, err
	}
	if err := sameNamespace(s.opt.Plan, opt.Plan); err != nil {
		return nil, err
	}
	c = &candidate{ipvs: s.ipvs}
	if c.plan, c.notRun, err = accept(s.kernel, opt); err != nil {
		return nil, err
	}
	if c.ipvs == nil && len(c.plan.VirtualServers) > 0 {
		if c.ipvs, err = ipvs.Open(); err != nil {
			return nil, err
		}
	}
	if err := s.extendJournal(c); err != nil {
		return nil, errors.Join(err, s.takeBack(c))
	}
	c.startAt = delayAgain(c.plan.Global.VRRP, s.startAt, s.began, monotonic())
	c.files = make(map[string]*os.File)
	set := setup{Kept: keysOf(c.kept), Forget: otherScripts(s.plan, c.plan), StartAt: int64(c.startAt)}
	for _, role := range rolesOf(c.plan) {
		f, err := childFile(role, c.plan, set)
		if err != nil {
			return nil, errors.Join(err, s.takeBack(c))
		}
		c.files[role] = f
	}
	return c, nil
}

// takeBack removes what was made for a plan that is not run, and puts back what was changed for it.
func (s *supervisor) takeBack(c *candidate) error {
	c.close()
	if c.ipvs != nil && c.ipvs != s.ipvs {
		_ = c.ipvs.Close()
	}
	err := s.journalFile.with(func(current *journal) error {
		changes, _, err := preparation(s.plan, current, "the reload failed")
		return errors.Join(err, s.applyPrepared(changes))
	})
	if errors.Is(err, errStopping) {
		return nil
	}
	return errors.Join(err, s.settleJournal(s.plan))
}

// extendJournal takes the inventory of a new plan, writes it all down beside what the old one may have
// added, and removes what somebody else's karun or keepalived left of it.
func (s *supervisor) extendJournal(c *candidate) error {
	t, closeTable := s.tableFor(nil)
	if c.ipvs != nil {
		t, closeTable = c.ipvs, func() {}
	}
	defer closeTable()
	return s.journalFile.with(func(current *journal) error {
		have, err := snapshot(s.kernel, t, current, c.plan)
		if err != nil {
			return err
		}
		c.inventory = takeInventory(c.plan, current, have)
		known := make(map[string]bool)
		for _, o := range current.objects() {
			known[o.Key()] = true
		}
		c.leftovers = slices.DeleteFunc(c.leftovers, func(o effect.Object) bool { return known[o.Key()] })
		c.journal = current.naming(append(c.journal.objects(), current.objects()...))
		c.journal.FIFOs = append(otherFIFOs(current, plannedFIFOs(c.plan, current)), plannedFIFOs(c.plan, current)...)
		if err := s.journalFile.write(&c.journal, s.opt.RunDir); err != nil {
			return err
		}
		if err := removeObjects(s.log, s.kernel, t, c.leftovers, "left by an earlier run"); err != nil {
			return err
		}
		return s.prepareNew(c, current)
	})
}

// adopt goes on with a new plan.
func (s *supervisor) adopt(c *candidate, reply chan control.Reload) {
	defer c.close()
	if s.stopping {
		reply <- failedReload(errStopping)
		return
	}
	old := s.plan
	c.adopted = true
	s.plan, s.notRun, s.ipvs, s.journal, s.kept, s.startAt = c.plan, c.notRun, c.ipvs, c.journal, keysOf(c.kept), c.startAt
	s.reloadID++
	s.reloading = &reloading{result: control.Reload{Outcome: control.ReloadDone, Reasons: c.notRun}, reply: reply}
	s.notifier.reload(s.plan, s.journal.FIFOs)
	s.noteScheduling(old)
	s.reloadScripts(old)
	s.reloadWatchers(old)
	s.watchTables()
	for _, ch := range slices.Clone(s.children) {
		if ch.role != roleBFD || !same(old.Trackables.BFD, s.plan.Trackables.BFD) {
			s.reloadChild(ch, c)
		}
	}
	for _, role := range rolesOf(s.plan) {
		if !slices.ContainsFunc(s.children, func(ch *child) bool { return ch.role == role && !ch.leaving }) {
			s.startRole(role)
		}
	}
	r := s.reloading
	time.AfterFunc(reloadPatience, func() { s.post(func() { s.reloadLate(r) }) })
	s.finishReload()
}

// reloadChild gives a child its part of the new plan, or asks one that has no part to leave.
func (s *supervisor) reloadChild(c *child, n *candidate) {
	if c.leaving || c.link == nil {
		return // one that is being started again begins with the new plan
	}
	file := n.take(c.role)
	switch {
	case file == nil:
		c.leaving = true
		s.leave(c, false)
		s.reloading.waiting = append(s.reloading.waiting, c) // priority 0 goes out by interfaces that are removed behind it
	case c.link.sendFile(message{Type: msgReload, ID: s.reloadID}, file):
		s.unlimitRealTime(c)
		s.reloading.waiting = append(s.reloading.waiting, c)
	default:
		_ = file.Close()
		s.reloading.fail(fmt.Errorf("the %s process does not listen: it goes on with the old plan", c.name))
	}
}

// fail notes that something went wrong; the rest goes on.
func (r *reloading) fail(err error) {
	r.result.Outcome = control.ReloadFailed
	r.result.Reasons = append(r.result.Reasons, err.Error())
}

// childReloaded takes a child's word that it runs the new plan, or that it has ended.
func (s *supervisor) childReloaded(c *child, m message) {
	r := s.reloading
	if r == nil || !slices.Contains(r.waiting, c) || m.ID != 0 && m.ID != s.reloadID {
		return // too late: that is the answer to one before
	}
	r.waiting = slices.DeleteFunc(r.waiting, func(x *child) bool { return x == c })
	s.limitRealTime(c)
	if m.Reloaded != nil {
		r.result.Reasons = append(r.result.Reasons, m.Reloaded.Reasons...)
		if m.Reloaded.Outcome == control.ReloadFailed {
			r.result.Outcome = control.ReloadFailed
		}
		switch c.role {
		case roleVRRP:
			r.result.Instances = m.Reloaded.Instances
		case roleChecks:
			r.result.VirtualServers = m.Reloaded.VirtualServers
		}
	}
	if c.role == roleVRRP {
		for _, t := range s.knownTracked() {
			s.tellTracked(t) // what only the new plan tracks
		}
		for name, up := range s.watchers.up {
			c.tell(msgCarrier, trackedState{Name: name, Up: up})
		}
	}
	s.finishReload()
}

// finishReload answers when every child has.
func (s *supervisor) finishReload() {
	if r := s.reloading; r != nil && len(r.waiting) == 0 {
		s.reloading = nil
		r.reply <- r.result
	}
}

// reloadLate gives up waiting.
func (s *supervisor) reloadLate(r *reloading) {
	if s.reloading != r {
		return
	}
	for _, c := range r.waiting {
		r.fail(fmt.Errorf("the %s process has not said that it runs the new plan", c.name))
	}
	r.waiting = nil
	s.finishReload()
}

// settleJournal cuts the journal down to the new plan and what is still there of the old one.
func (s *supervisor) settleJournal(p *plan.Plan) error {
	var settled journal
	err := s.journalFile.with(func(current *journal) error {
		t, closeTable := s.tableFor(current)
		defer closeTable()
		have, err := snapshot(s.kernel, t, current, p)
		if err == nil {
			gone := unprepared(p, current, have)
			if err = removeObjects(s.log, s.kernel, t, gone, "the plan has it no more"); err == nil {
				s.settleTables(p, gone)
			}
		}
		if err == nil {
			have, err = snapshot(s.kernel, t, current, p)
		}
		if err != nil {
			return err
		}
		rest := takeInventory(p, current, have).journal
		settled = current.naming(rest.objects())
		settled.FIFOs = plannedFIFOs(p, current)
		return s.journalFile.write(&settled, s.opt.RunDir)
	})
	if errors.Is(err, errStopping) {
		return nil // the stop does it
	}
	if err == nil {
		s.post(func() { s.journal = settled })
	}
	return err
}
