//go:build linux

package director

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"

	"ka/compiler/plan"
	"ka/runtime/notify"
	"ka/runtime/process"
)

const (
	// stopScripts is how long the commands of the stop have.
	stopScripts = time.Second
	// notifyBacklog bounds the events between the supervisor's loop and its notifier.
	notifyBacklog = 1024
	// notifyRoom is the room behind them for what must not be lost: the beginning, plans and the end.
	notifyRoom = 8
	// DefaultPatience is how long a notification waits for the one before it of the same instance or group.
	DefaultPatience = 10 * time.Second
)

// notifyLimits bound the commands of notifications.
func notifyLimits(patience time.Duration) notify.Limits {
	return notify.Limits{Patience: patience, Waiting: 32, Beside: 8, Running: 256}
}

// notifier tells events: in order it starts commands, writes to FIFOs and hands over mail (reference
// vrrp 3.3, step 7). It has a goroutine of its own, which owns all but the channels: to start a program may
// take a while, and the supervisor has scripts to listen to.
type notifier struct {
	s     *supervisor
	log   *slog.Logger
	calls chan func()
	ended chan *notify.Job
	done  chan struct{} // closed when the goroutine has ended

	plan     *plan.Plan
	queue    *notify.Queue
	fifos    *fifos
	mailer   *mailer // nil: no mail is sent
	filter   notify.MailFilter
	subjects map[string]subject
	stopping bool

	ctx    context.Context
	cancel context.CancelFunc

	mu    sync.Mutex
	drops map[string]uint64
	// newest is a plan of a reload that was not taken yet.
	newest *newest
}

// subject is an instance or a sync group with what is done for its events.
type subject struct {
	commands notify.Commands
	mail     bool
}

func newNotifier(s *supervisor) *notifier {
	n := &notifier{
		s: s, log: s.log, calls: make(chan func(), notifyBacklog+notifyRoom), ended: make(chan *notify.Job, 16), done: make(chan struct{}),
		queue: notify.NewQueue(notifyLimits(s.opt.NotifyPatience)), drops: make(map[string]uint64),
	}
	n.ctx, n.cancel = context.WithCancel(context.Background())
	n.load(s.plan)
	n.mailer = newMailer(n.ctx, s.plan, s.log)
	n.fifos = &fifos{log: s.log, end: func() {}}
	s.helpers.Go(n.work)
	return n
}

// begin opens the FIFOs: not before startup_script has ended, which may make folders for them.
func (n *notifier) begin(p *plan.Plan, ours []string) {
	n.calls <- func() { n.fifos = openFIFOs(p, ours, n.s.launcher, n.log) }
}

// load takes a plan. What only the one before had can still be told of: it is going.
func (n *notifier) load(p *plan.Plan) {
	before := n.subjects
	n.plan, n.subjects = p, make(map[string]subject)
	groupsMail := false
	if m := p.Global.Mail; m != nil {
		groupsMail, n.filter.NoFaults = m.VRRPAlerts, m.NoFaults
	}
	for i := range p.Instances {
		inst := &p.Instances[i]
		n.subjects[notify.Event{Name: inst.Name}.Subject()] = subject{notify.InstanceCommands(&inst.Notify), inst.Notify.Mail}
	}
	for i := range p.Groups.Sync {
		g := &p.Groups.Sync[i]
		mail := groupsMail
		if g.Mail != nil {
			mail = *g.Mail
		}
		n.subjects[notify.Event{Group: true, Name: g.Name}.Subject()] = subject{notify.GroupCommands(&g.Notify), mail}
	}
	for name, s := range before {
		if _, again := n.subjects[name]; !again {
			n.subjects[name] = s
		}
	}
}

// tell hands an event over; it is lost, counted and logged where too many wait. It belongs to the
// supervisor's goroutine.
func (n *notifier) tell(e notify.Event) {
	if len(n.calls) < notifyBacklog {
		n.calls <- func() { n.handle(e) }
		return
	}
	n.lost("notifications", 1)
	n.log.Error("dropped", "notification", string(e.Kind), "of", e.Subject(), "cause", "too many events wait")
}

// lost counts what was lost.
func (n *notifier) lost(what string, count uint64) {
	if count > 0 {
		n.mu.Lock()
		n.drops[what] += count
		n.mu.Unlock()
	}
}

// addDrops adds what was lost to a status.
func (n *notifier) addDrops(to map[string]uint64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	maps.Copy(to, n.drops)
	if n.mailer != nil && n.mailer.lost.Load() > 0 {
		to["mails"] += n.mailer.lost.Load()
	}
}

// work is the life of the goroutine.
func (n *notifier) work() {
	defer close(n.done)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for !n.stopping || !n.queue.Empty() {
		n.startDue()
		if at, ok := n.queue.Deadline(); ok {
			timer.Reset(max(0, time.Until(at)))
		}
		select {
		case f := <-n.calls:
			f()
		case j := <-n.ended:
			n.queue.Done(j)
		case <-timer.C:
		case <-n.ctx.Done():
			return
		}
	}
}

// handle does all that an event asks for.
func (n *notifier) handle(e notify.Event) {
	s, ok := n.subjects[e.Subject()]
	if !ok || n.stopping {
		return // of no plan that this run ever had, or behind the end
	}
	if e.Again {
		n.lost("fifo-lines", n.fifos.write(e))
		return
	}
	for _, j := range n.queue.Add(e, s.commands.Runs(e)) {
		n.lost("notifications", 1)
		n.log.Error("notify-dropped", n.attrs(j, "cause", "too many wait behind one that does not end")...)
	}
	n.startDue()
	n.lost("fifo-lines", n.fifos.write(e))
	if s.mail && n.mailer != nil && n.filter.Wants(e) && n.mailer.send(e) {
		n.lost("mails", 1)
	}
}

// startDue starts the commands whose turn it is.
func (n *notifier) startDue() {
	for {
		j, beside := n.queue.Start(time.Now())
		if j == nil {
			return
		}
		if beside > 0 && n.s.opt.NotifyPatience > 0 && !n.stopping {
			n.lost("notifications-overtaken", 1)
			n.log.Warn("notify-overtakes", n.attrs(j, "running", beside, "cause", "the one before does not end")...)
		}
		n.start(j)
	}
}

func (n *notifier) start(j *notify.Job) {
	spec, err := commandSpec(n.plan, j.Run.Command, j.Run.Argv)
	var p *process.Running
	if err == nil {
		p, err = process.Start(n.s.launcher, spec)
	}
	if err != nil {
		n.queue.Done(j)
		n.log.Error("notify", n.attrs(j, "error", err.Error())...)
		return
	}
	n.log.Info("notify", n.attrs(j)...)
	n.s.helpers.Go(func() {
		res := p.Wait(n.ctx, 0)
		if !res.OK() {
			n.log.Warn("notify-failed", n.attrs(j, "cause", res.String())...)
		}
		select {
		case n.ended <- j:
		case <-n.done:
		}
	})
}

// attrs describe a command in a log record.
func (n *notifier) attrs(j *notify.Job, more ...any) []any {
	what := "instance"
	if j.Event.Group {
		what = "group"
	}
	return append([]any{what, j.Event.Name, "state", string(j.Event.Kind), "argv", j.Run.Argv}, more...)
}

// finish tells the rest, gives the commands of the stop their second, then ends what still runs. keep
// leaves the FIFOs in place.
func (n *notifier) finish(keep bool) {
	ctx, cancel := context.WithTimeout(context.Background(), stopScripts)
	defer cancel()
	last := func() {
		n.stopping = true
		// Nobody waits long any more: whatever hangs has to be overtaken within the second.
		n.queue.SetPatience(stopScripts / 4)
		n.fifos.close(keep)
		if n.mailer != nil {
			n.mailer.close()
		}
	}
	select {
	case n.calls <- last:
		n.waitForLast(ctx)
	case <-ctx.Done():
	}
	n.cancel()
	select {
	case <-n.done:
		n.fifos.end()
		n.fifos.close(keep)
	case <-time.After(stopScripts):
		n.log.Warn("notify", "cause", "a program cannot be started, it is left behind: its file system may hang")
		if !keep {
			removeFIFOs(n.s.journal.FIFOs) // they are the goroutine's, their names are not
		}
	}
}

// waitForLast waits until all commands and all readers of FIFOs have ended and all mail is sent, or ctx has
// ended.
func (n *notifier) waitForLast(ctx context.Context) {
	all := make(chan struct{})
	n.s.helpers.Go(func() {
		<-n.done
		n.fifos.readers.Wait()
		if n.mailer != nil {
			<-n.mailer.done
		}
		close(all)
	})
	select {
	case <-all:
	case <-ctx.Done():
	}
}

// commandSpec says how to run a command of a plan. It is executed by its path behind all links, which is
// what a shell script then has as $0, unless use_symlink_paths says otherwise (reference vrrp 7.1).
func commandSpec(p *plan.Plan, c *plan.Command, argv []string) (process.Spec, error) {
	if len(argv) == 0 {
		return process.Spec{}, errors.New("no program is named")
	}
	u, err := commandUser(p, thisMachine(nil), c)
	spec := process.Spec{Argv: argv, User: u, Env: process.Environment(os.Environ())}
	if f := p.Global.Files; f == nil || !f.KeepSymlinks {
		if path, err := findProgram(argv[0]); err == nil {
			if real, err := filepath.EvalSymlinks(path); err == nil {
				spec.Path = real
			}
		}
	}
	return spec, err
}
