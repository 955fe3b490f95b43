//go:build linux

package director

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"ka/compiler/effect"
	"ka/compiler/plan"
	"ka/runtime/control"
	"ka/runtime/health"
	"ka/runtime/ipvs"
)

// maxConnections bounds how many checks are under way at once; others wait.
const maxConnections = 4096

// table is what the checks process does to IPVS.
type table interface {
	Snapshot() ([]effect.Object, error)
	Apply(effect.Change) error
	Close() error
}

// realServer is up while none of its checks fails.
type realServer struct {
	plan   *plan.RealServer
	key    string
	checks []*runningCheck
	since  time.Time
	cause  string
}

// runningCheck is a check with its latest verdict; cancel ends it, and its reports count no more.
type runningCheck struct {
	plan   plan.Check
	failed bool
	cancel context.CancelFunc
}

func (rs *realServer) up() bool {
	return !slices.ContainsFunc(rs.checks, func(c *runningCheck) bool { return c.failed })
}

// virtualServer is a service with what the kernel has of it.
type virtualServer struct {
	plan    plan.Plan // of this virtual server only: diffs are per scope
	name    string
	servers []*realServer
	have    []effect.Wanted
}

// checksProcess is the state of the checks process. All of it belongs to one goroutine.
type checksProcess struct {
	link    *childLink
	table   table
	kept    map[string]bool
	servers []*virtualServer
	reports chan checkReport
	keep    bool
	// checkers are under way, at most as many at once as there are slots; reloads hands over plans that were
	// read beside the loop.
	checkers sync.WaitGroup
	slots    chan struct{}
	reloads  chan newChecksPlan
}

// checkReport is a report of one check of a real server.
type checkReport struct {
	vs     *virtualServer
	rs     *realServer
	check  *runningCheck
	report health.Report
}

// runChecks runs until the supervisor says stop, or has gone.
func runChecks(link *childLink, p *plan.Plan, s setup) error {
	h, err := ipvs.Open()
	if err != nil {
		return err
	}
	defer h.Close()
	return newChecks(link, h, p, s).run()
}

func newChecks(link *childLink, t table, p *plan.Plan, s setup) *checksProcess {
	c := &checksProcess{
		link: link, table: t, kept: keptKeys(s), keep: s.Keep, reports: make(chan checkReport, superBacklog),
		slots: make(chan struct{}, maxConnections), reloads: make(chan newChecksPlan, 1),
	}
	for i := range p.VirtualServers {
		v := newVirtualServer(p, i)
		for j := range v.servers {
			v.servers[j].begin(nil)
		}
		c.servers = append(c.servers, v)
	}
	return c
}

func keptKeys(s setup) map[string]bool {
	kept := make(map[string]bool, len(s.Kept))
	for _, k := range s.Kept {
		kept[k] = true
	}
	return kept
}

// newVirtualServer is the virtual server at a place of the plan, with its real servers; no check runs yet.
func newVirtualServer(p *plan.Plan, place int) *virtualServer {
	vs := &p.VirtualServers[place]
	v := &virtualServer{plan: plan.Plan{VirtualServers: p.VirtualServers[place : place+1]}, name: vs.Name()}
	for i := range p.VirtualServerGroups {
		if g := p.VirtualServerGroups[i]; g.Name == vs.Group {
			v.plan.VirtualServerGroups = []plan.VirtualServerGroup{g}
		}
	}
	for j := range vs.RealServers {
		rs := &vs.RealServers[j]
		v.servers = append(v.servers, &realServer{plan: rs, key: effect.RealServerKey(vs, rs), since: time.Now()})
	}
	return v
}

// run fills the table, starts the checks and handles their reports.
func (c *checksProcess) run() error {
	have, err := c.table.Snapshot()
	if err != nil {
		return err
	}
	for _, v := range c.servers {
		c.update(v, effect.Owned(have, effect.All(&v.plan)), "karun starts")
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer c.checkers.Wait()
	defer cancel()
	c.startCheckers(ctx)
	messages := make(chan message, 16)
	go readMessages(ctx, c.link, messages)
	c.link.send(message{Type: msgReady})
	flush := time.NewTicker(50 * time.Millisecond)
	defer flush.Stop()
	for {
		select {
		case r := <-c.reports:
			c.report(r)
		case n := <-c.reloads:
			c.reload(ctx, n)
		case m, ok := <-messages:
			if !ok {
				if !c.keep {
					c.empty() // as the vrrp process leaves without its supervisor
				}
				return errLinkClosed
			}
			switch m.Type {
			case msgStatus:
				c.sendStatus(m.ID)
			case msgReload:
				go func() { c.reloads <- readChecksPlan(m.file) }()
			case msgStop:
				if !m.Keep {
					c.empty()
				}
				c.link.send(message{Type: msgStopped})
				return nil
			}
		case <-flush.C:
			c.link.flush()
		}
	}
}

// readMessages hands over what the supervisor says; it closes out when the supervisor has gone.
func readMessages(ctx context.Context, link *childLink, out chan<- message) {
	defer close(out)
	for ctx.Err() == nil {
		pfd := []unix.PollFd{{Fd: int32(link.fd), Events: unix.POLLIN}}
		if _, err := unix.Poll(pfd, 200); err != nil && !errors.Is(err, unix.EINTR) {
			return
		}
		m, ok, err := link.receive()
		if err != nil {
			return
		}
		if !ok {
			continue
		}
		select {
		case out <- m:
		case <-ctx.Done():
		}
	}
}

// startCheckers starts every check that does not run yet.
func (c *checksProcess) startCheckers(ctx context.Context) {
	for _, v := range c.servers {
		for _, rs := range v.servers {
			for _, check := range rs.checks {
				if check.cancel == nil {
					c.startChecker(ctx, v, rs, check)
				}
			}
		}
	}
}

func (c *checksProcess) startChecker(ctx context.Context, v *virtualServer, rs *realServer, check *runningCheck) {
	ctx, check.cancel = context.WithCancel(ctx)
	checker, err := health.New(check.plan)
	if err != nil {
		c.link.log(slog.LevelError, "check not run", "real_server", rs.key, "error", err.Error())
		return
	}
	schedule := health.NewSchedule(check.plan)
	if check.failed {
		schedule.Resume(false)
	}
	c.checkers.Go(func() {
		health.Run(ctx, schedule, bounded{checker, c.slots}, rand.N[time.Duration], func(r health.Report) {
			select {
			case c.reports <- checkReport{v, rs, check, r}:
			case <-ctx.Done():
			}
		})
	})
}

// bounded is a checker that waits for a slot.
type bounded struct {
	health.Checker
	slots chan struct{}
}

// Check waits for a slot and checks.
func (b bounded) Check(ctx context.Context) health.Result {
	select {
	case b.slots <- struct{}{}:
		defer func() { <-b.slots }()
		return b.Checker.Check(ctx)
	case <-ctx.Done():
		return health.Result{Outcome: health.NoVerdict, Reason: "stopped"}
	}
}

// report takes the outcome of an attempt; the table changes when a real server goes up or down.
func (c *checksProcess) report(r checkReport) {
	if !slices.Contains(r.rs.checks, r.check) {
		return // a reload took it away
	}
	if !r.report.Changed {
		if r.report.Result.Outcome == health.NoVerdict {
			c.link.log(slog.LevelWarn, "check", "virtual_server", r.vs.name, "real_server", r.rs.plan.Address.String(), "cause", r.report.Cause)
		}
		return
	}
	was := r.rs.up()
	r.check.failed = !r.report.Up
	up := r.rs.up()
	if up == was {
		return
	}
	r.rs.since, r.rs.cause = time.Now(), r.report.Cause
	c.link.log(slog.LevelInfo, "real-server", "virtual_server", r.vs.name, "real_server", r.rs.plan.Address.String(),
		"up", up, "cause", r.report.Cause)
	word := "down"
	if up {
		word = "up"
	}
	c.update(r.vs, objectsOf(r.vs.have), fmt.Sprintf("%s is %s", r.rs.key, word))
}

func objectsOf(list []effect.Wanted) []effect.Object {
	out := make([]effect.Object, len(list))
	for i, w := range list {
		out[i] = w
	}
	return out
}

// update makes the changes from have to what the virtual server wants now.
func (c *checksProcess) update(v *virtualServer, have []effect.Object, reason string) {
	down := make(map[string]bool)
	for _, rs := range v.servers {
		if !rs.up() {
			down[rs.key] = true
		}
	}
	v.have = effect.Desired(&v.plan, effect.Facts{}, effect.State{Running: true, Down: down})
	c.apply(effect.Diff(have, v.have, reason))
}

// empty removes everything that was not there before.
func (c *checksProcess) empty() {
	for _, v := range c.servers {
		c.remove(v, "karun stops")
	}
}

// remove removes what a virtual server has, and was not there before.
func (c *checksProcess) remove(v *virtualServer, reason string) {
	have := slices.DeleteFunc(objectsOf(v.have), func(o effect.Object) bool { return c.kept[o.Key()] })
	v.have = nil
	c.apply(effect.Diff(have, nil, reason))
}

func (c *checksProcess) apply(changes []effect.Change) {
	for _, ch := range changes {
		if err := c.table.Apply(ch); err != nil {
			c.link.log(slog.LevelError, "kernel", "change", ch.String(), "error", err.Error())
			continue
		}
		c.link.log(slog.LevelInfo, "ipvs", "change", ch.String(), "cause", ch.Reason)
	}
}

// sendStatus answers a status request.
func (c *checksProcess) sendStatus(id uint64) {
	for _, v := range c.servers {
		out := control.VirtualServer{Name: v.name, RealServers: []control.RealServer{}}
		for _, rs := range v.servers {
			out.RealServers = append(out.RealServers, control.RealServer{
				Address: rs.plan.Address.String(), Up: rs.up(), Since: rs.since, Cause: rs.cause,
			})
		}
		c.link.send(message{Type: msgServer, ID: id, ServerStatus: &out})
	}
	c.link.send(message{Type: msgStatusDone, ID: id, Drops: map[string]uint64{"checks-messages": c.link.dropped}})
}
