//go:build linux

package director

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"ka/compiler/effect"
	"ka/compiler/plan"
	"ka/runtime/control"
	"ka/runtime/ipvs"
	"ka/runtime/kernel"
	"ka/runtime/process"
)

// Run executes the plan until ctx ends, then stops in order: priority 0, everything removed, the stop
// scripts. It returns a *[RefusedError], with nothing touched, for a plan that cannot be run here, and
// another error for what made it give up.
func Run(ctx context.Context, opt Options) error {
	keepToOurselves()
	process.SpareThreads(spareThreads)
	h, err := kernel.Open()
	if err != nil {
		return err
	}
	defer h.Close()
	p, notRun, err := accept(h, opt)
	if err != nil {
		return err
	}
	warnOpenKeys(p, opt.Logger)
	locks, err := takeLocks(opt.RunDir)
	if err != nil {
		return err
	}
	defer locks.release()
	s := &supervisor{
		opt: opt, plan: p, log: slog.New(limitLog(opt.Logger.Handler())), notRun: notRun, kernel: h, lock: locks.namespace,
		events: make(chan func(), superBacklog), done: make(chan struct{}), drops: make(map[string]uint64),
		reloads: make(chan reloadRequest, reloadBacklog),
	}
	if len(p.VirtualServers) > 0 {
		if s.ipvs, err = ipvs.Open(); err != nil {
			return err
		}
		defer s.ipvs.Close()
	}
	if err := s.openJournal(); err != nil {
		return err
	}
	if err := s.prepare(); err != nil {
		return errors.Join(err, s.undo())
	}
	srv, err := control.Listen(opt.RunDir)
	if err != nil {
		return errors.Join(err, s.undo())
	}
	s.journalFile.last = s.journal
	nameSelf(p, s.log)
	if s.launcher, err = process.NewLauncherWith(scriptSettings(p)); err != nil {
		s.log.Warn("not permitted", "process", "scripts", "error", err.Error())
	}
	defer s.closeLaunchers()
	return s.supervise(ctx, srv)
}

// keepToOurselves sees that the programs that this process starts have no descriptors but those that they are
// given, and no groups but that of their user, whoever started karun (reference vrrp 8).
func keepToOurselves() {
	if unix.CloseRange(firstOther, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) != nil {
		open, _ := os.ReadDir("/proc/self/fd") // a kernel before 5.11
		for _, f := range open {
			if fd, err := strconv.Atoi(f.Name()); err == nil && fd >= firstOther {
				unix.CloseOnExec(fd)
			}
		}
	}
	_ = syscall.Setgroups([]int{os.Getegid()}) // without the right to it there are no other users, either
}

// The threads that are made beforehand: the first process serves clients, and waits for the ends of programs; the
// children do little that waits. Their number did not grow by more in hours of failures.
const (
	spareThreads      = 8
	spareChildThreads = 4
)

// firstOther is the first descriptor behind those of input and output.
const firstOther = 3

// accept resolves what the plan needs. It returns the plan to run, and what is left out of it.
func accept(h *kernel.Handle, opt Options) (*plan.Plan, []string, error) {
	facts, err := h.Facts(nil)
	if err != nil {
		return nil, nil, err
	}
	made := madeLinks(opt.Plan)
	m := thisMachine(func(name string) bool { _, ok := facts.Interfaces[name]; return ok || made[name] != "" })
	m.hasLinkKind, m.hasNFT = h.HasLinkKind, h.HasNFT
	m.carries = func(base string) error { return carries(facts.Interfaces[base]) }
	m.names = kernel.PlanNames(opt.Plan, facts)
	mtu := func(link string) int { return facts.Interfaces[link].MTU }
	warnUnsafe(opt.Plan, m, opt.Logger)
	list := problems(opt.Plan, m)
	if len(list) == 0 {
		return fitAdverts(plan.Resolve(opt.Plan, m.names), mtu, opt.Logger), nil, nil
	}
	var reasons []string
	for _, p := range list {
		reasons = append(reasons, p.text)
	}
	if !opt.AllowPartial {
		return nil, nil, &RefusedError{Reasons: reasons}
	}
	for _, r := range reasons {
		opt.Logger.Warn("not-run", "reason", r)
	}
	return fitAdverts(plan.Resolve(partial(opt.Plan, list), m.names), mtu, opt.Logger), reasons, nil
}

// locks are what keeps a second karun out.
type locks struct{ namespace, runDir *os.File }

func takeLocks(runDir string) (locks, error) {
	ns, err := lockNamespace()
	if err != nil {
		return locks{}, err
	}
	if err := refuseKeepalived(); err != nil {
		_ = ns.Close()
		return locks{}, err
	}
	dir, err := lockRunDir(runDir)
	if err != nil {
		_ = ns.Close()
		if errors.Is(err, errRunDirTaken) {
			err = fmt.Errorf("%w: give this one its own with --run-dir", err)
		}
		return locks{}, err
	}
	return locks{ns, dir}, nil
}

func (l locks) release() {
	_ = l.namespace.Close()
	_ = l.runDir.Close()
}

// snapshot reads everything that the plans, or the journal before, may be about. Tables of nftables are looked
// for by name, routes by destination.
func snapshot(h *kernel.Handle, t table, j *journal, plans ...*plan.Plan) ([]effect.Object, error) {
	var more []effect.Table
	destinations := make(map[netip.Prefix]bool)
	for _, p := range plans {
		more = append(more, tablesOf(p)...)
		for _, w := range effect.All(p) {
			if r, ok := w.Object.(effect.Route); ok {
				destinations[r.Destination] = true
			}
		}
	}
	if j != nil {
		for _, r := range j.Routes {
			destinations[r.Destination] = true
		}
	}
	have, err := h.SnapshotOf(wantedRoutes(destinations))
	if err != nil {
		return nil, err
	}
	if j != nil {
		for _, s := range kernel.SetSysctls(j.Sysctls) {
			have = append(have, s)
		}
		more = slices.Concat(j.Tables, more)
	}
	tables, err := h.Tables(more)
	if err == nil {
		for _, t := range tables {
			have = append(have, t)
		}
	}
	if t == nil {
		return have, nil // without nftables there are no tables
	}
	services, err := t.Snapshot()
	return append(have, services...), err
}

// wantedRoutes reads the routes of the destinations alone.
func wantedRoutes(destinations map[netip.Prefix]bool) kernel.Routes {
	if len(destinations) == 0 {
		return nil
	}
	return func(to netip.Prefix) bool { return destinations[to] }
}

// openJournal removes what an earlier run left, and writes down what this one may add.
func (s *supervisor) openJournal() error {
	before, err := currentJournal(s.opt.RunDir)
	if err != nil {
		return err
	}
	t, closeTable := s.tableFor(before)
	defer closeTable()
	have, err := snapshot(s.kernel, t, before, s.plan)
	if err != nil {
		return err
	}
	inv := takeInventory(s.plan, before, have)
	if inv.journal.Namespace, inv.journal.Boot, err = whereabouts(); err != nil {
		return err
	}
	inv.journal.FIFOs = plannedFIFOs(s.plan, before)
	// The journal before still names them: they go first, also where there is no room for another journal, for
	// another node may have the addresses.
	if err := removeObjects(s.log, s.kernel, t, inv.leftovers, "left by an earlier run"); err != nil {
		return err
	}
	if err := inv.journal.write(s.opt.RunDir); err != nil {
		return err
	}
	s.journal = inv.journal
	removeFIFOs(otherFIFOs(before, s.journal.FIFOs))
	for _, o := range inv.kept {
		s.kept = append(s.kept, o.Key())
		s.log.Warn("kept", "object", o.String(), "cause", "it was there before karun: it is neither added nor removed")
	}
	return nil
}

// tableFor gives the IPVS table if the plan or the journal is about it.
func (s *supervisor) tableFor(before *journal) (table, func()) {
	if s.ipvs != nil {
		return s.ipvs, func() {}
	}
	return journalTable(before)
}

// journalTable opens the IPVS table if the journal names services; nil where there is none any more.
func journalTable(j *journal) (table, func()) {
	if j == nil || len(j.Services)+len(j.Destinations) == 0 {
		return nil, func() {}
	}
	h, err := ipvs.Open()
	if err != nil {
		return nil, func() {}
	}
	return h, func() { _ = h.Close() }
}

// currentJournal reads the journal before; that of another boot is void, that of another network
// namespace is somebody else's.
func currentJournal(dir string) (*journal, error) {
	j, err := readJournal(dir)
	if err != nil || j == nil {
		return nil, err
	}
	namespace, boot, err := whereabouts()
	switch {
	case err != nil:
		return nil, err
	case j.Boot != boot:
		return nil, nil
	case j.Namespace != namespace:
		return nil, fmt.Errorf("the journal in %q is of another network namespace: run \"karun cleanup\" there, or give this karun its own --run-dir", dir)
	}
	return j, nil
}

// removeObjects removes objects that exist. All are tried; the errors are joined.
func removeObjects(log *slog.Logger, h *kernel.Handle, t table, objects []effect.Object, reason string) error {
	var failed []error
	for _, c := range effect.Diff(objects, nil, reason) {
		apply := h.Apply
		if k := c.Object().Kind(); k == effect.KindService || k == effect.KindDestination {
			if t == nil {
				continue
			}
			apply = t.Apply
		}
		if err := apply(c); err != nil {
			failed = append(failed, err)
			continue
		}
		log.Info("removed", "object", c.Object().String(), "cause", reason)
	}
	return errors.Join(failed...)
}

// present keeps what exists of the journal's objects; what was kept is not among them.
func (j *journal) present(have []effect.Object) []effect.Object {
	ours := j.byKey(have)
	var out []effect.Object
	for _, h := range have {
		if o := ours[h.Key()]; o != nil && !foreign(o, h) {
			out = append(out, h)
		}
	}
	return out
}

// Cleanup removes what a karun that did not stop in order left behind, by its journal. It reports
// whether there was a journal.
func Cleanup(runDir string, log *slog.Logger) (found bool, err error) {
	if _, err := os.Stat(runDir); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	dir, err := lockRunDir(runDir)
	if errors.Is(err, errRunDirTaken) {
		err = fmt.Errorf("%w: what it added is in use, stop it to remove that", err)
	}
	if err != nil {
		return false, err
	}
	defer dir.Close()
	_ = os.Remove(filepath.Join(runDir, control.SocketName)) // nobody answers there, the directory is ours
	j, err := currentJournal(runDir)
	if err != nil {
		return false, err
	}
	if j == nil {
		return false, removeJournal(runDir)
	}
	h, err := kernel.Open()
	if err != nil {
		return true, err
	}
	defer h.Close()
	t, closeTable := journalTable(j)
	defer closeTable()
	have, err := snapshot(h, t, j)
	if err != nil {
		return true, err
	}
	if err := removeObjects(log, h, t, j.present(have), "cleanup"); err != nil {
		return true, err
	}
	removeFIFOs(j.FIFOs)
	return true, removeJournal(runDir)
}

// removeLeftovers removes what is left of the journal's addresses, routes and rules: the vrrp process died.
// Interfaces and settings are there for the next one.
func (s *supervisor) removeLeftovers(reason string) error {
	have, err := snapshot(s.kernel, nil, &s.journal)
	if err != nil {
		return err
	}
	for _, t := range s.journal.Tables {
		if err := s.kernel.EmptyTable(t); err != nil {
			s.log.Error("kernel", "error", err.Error())
		}
	}
	left := slices.DeleteFunc(s.journal.present(have), func(o effect.Object) bool { return o.Kind().Prepared() })
	return removeObjects(s.log, s.kernel, nil, left, reason)
}

// removeRest removes what of the journal may still be there at the end.
func (s *supervisor) removeRest() error {
	if s.opt.Keep {
		return nil
	}
	t, closeTable := s.tableFor(&s.journal)
	defer closeTable()
	have, err := snapshot(s.kernel, t, &s.journal)
	if err != nil {
		return err
	}
	return removeObjects(s.log, s.kernel, t, s.journal.present(have), "karun stops")
}

// undo removes what was made before a start failed, and the journal.
func (s *supervisor) undo() error {
	if err := s.removeRest(); err != nil {
		return err
	}
	return removeJournal(s.opt.RunDir)
}

// childWait is how long the children have to stop (child_wait_time).
func childWait(p *plan.Plan) time.Duration {
	if r := p.Global.Run; r != nil && r.ChildWait > 0 {
		return r.ChildWait
	}
	return stopLimit
}

// The patience with children at the end unless the plan has one, and the pause of their restarts as keepalived has it: none
// after a minute of life, else 0, 1, 2, 4 … 60 s.
const (
	stopLimit   = 30 * time.Second
	longLife    = time.Minute
	longestWait = time.Minute
)

// backoff is the wait before the n-th restart (from 0) of a child that lived for the given time.
func backoff(n int, lived time.Duration) time.Duration {
	if n == 0 || lived >= longLife {
		return 0
	}
	return min(time.Second<<min(n-1, 6), longestWait)
}
