//go:build linux

package director

import (
	"context"
	"log/slog"
	"os"
	"time"

	"ka/compiler/plan"
	"ka/runtime/notify"
	"ka/runtime/process"
	"ka/runtime/track"
)

const (
	// stopScripts is how long the commands of the stop have.
	stopScripts = time.Second
	// maxNotifications bounds the commands that wait to be started, and those that run.
	maxNotifications = 256
)

// script is a tracking script with what is known of it.
type script struct {
	plan          *plan.Script
	known, up     bool
	last          process.Result
	at            time.Time
	runs, skipped uint64
	skipping      bool
}

// knownTracked gives the states that a new vrrp process begins with.
func (s *supervisor) knownTracked() []trackedState {
	var out []trackedState
	for _, sc := range s.scripts {
		if sc.known {
			out = append(out, trackedState{Kind: plan.KindScript, Name: sc.plan.Name, Up: sc.up})
		}
	}
	return out
}

// startScripts starts every script that an instance tracks. It comes behind startChildren: a result
// must find the child.
func (s *supervisor) startScripts(ctx context.Context) {
	for i := range s.scripts {
		sc := s.scripts[i]
		spec, err := s.spec(&sc.plan.Command, sc.plan.Command.Argv)
		t := track.Script{Plan: *sc.plan, Run: func(ctx context.Context) process.Result {
			if err != nil {
				return process.Result{Exit: -1, Err: err}
			}
			return process.Run(ctx, s.launcher, spec, sc.plan.Timeout)
		}}
		s.helpers.Go(func() { t.Loop(ctx, func(r track.Report) { s.post(func() { s.scriptReport(sc, r) }) }) })
	}
}

// loadScripts lists the scripts that an instance tracks; a script that nobody tracks does not run.
func (s *supervisor) loadScripts() {
	tracked := trackedThings(s.plan)
	for i := range s.plan.Scripts {
		if p := &s.plan.Scripts[i]; tracked[trackedKey{plan.KindScript, p.Name}] {
			s.scripts = append(s.scripts, &script{plan: p, known: p.InitFail})
		}
	}
}

// trackedThings are all things that some instance tracks, by itself or with its groups.
func trackedThings(p *plan.Plan) map[trackedKey]bool {
	out := make(map[trackedKey]bool)
	for i := range p.Instances {
		for _, t := range p.Tracked(&p.Instances[i]) {
			out[trackedKey{t.Kind, t.Name}] = true
		}
	}
	return out
}

// tellTracked tells the vrrp process of a tracked thing.
func (s *supervisor) tellTracked(t trackedState) {
	for _, c := range s.children {
		if c.role == roleVRRP {
			s.send(c, message{Type: msgTracked, Tracked: t})
		}
	}
}

// scriptReport takes the outcome of a run.
func (s *supervisor) scriptReport(sc *script, r track.Report) {
	if r.Skipped {
		sc.skipped++
		if !sc.skipping {
			sc.skipping = true
			s.log.Warn("script-skipped", "script", r.Script, "cause", "the run before has not ended")
		}
		return
	}
	before := sc.last
	sc.skipping = false
	sc.runs++
	sc.last, sc.at = r.Result, r.At
	if r.Result.Err != nil && (before.Err == nil || before.Err.Error() != r.Result.Err.Error()) {
		s.log.Error("script-not-started", "script", r.Script, "error", r.Result.Err.Error())
	}
	sc.up, sc.known = r.Up, true
	if !r.Changed {
		return
	}
	level := slog.LevelInfo
	if !r.Up {
		level = slog.LevelWarn
	}
	s.log.Log(context.Background(), level, "script", "script", r.Script, "up", r.Up, "exit", r.Result.Exit, "cause", r.Result.String())
	s.tellTracked(trackedState{Kind: plan.KindScript, Name: r.Script, Up: r.Up})
}

// spec says how to run a command of the plan.
func (s *supervisor) spec(c *plan.Command, argv []string) (process.Spec, error) {
	u, err := commandUser(s.plan, thisMachine(nil), c)
	return process.Spec{Argv: argv, User: u, Env: process.Environment(os.Environ())}, err
}

// notifier starts notification commands in order, from a goroutine of its own: the start of a program
// may take a while, and the supervisor has scripts to listen to.
type notifier struct {
	s       *supervisor
	jobs    chan notification
	ended   chan struct{}
	running chan struct{}
	ctx     context.Context
	cancel  context.CancelFunc
}

type notification struct {
	instance string
	state    plan.State
	run      notify.Run
}

func newNotifier(s *supervisor) *notifier {
	n := &notifier{s: s, jobs: make(chan notification, maxNotifications), ended: make(chan struct{}), running: make(chan struct{}, maxNotifications)}
	n.ctx, n.cancel = context.WithCancel(context.Background())
	s.helpers.Go(n.work)
	return n
}

// state queues the commands of an instance for a state.
func (n *notifier) state(instance string, state plan.State, priority uint8) {
	for i := range n.s.plan.Instances {
		inst := &n.s.plan.Instances[i]
		if inst.Name != instance {
			continue
		}
		for _, r := range notify.Runs(inst, state, priority) {
			select {
			case n.jobs <- notification{instance, state, r}:
			default:
				n.s.drops["notifications"]++
				n.s.log.Error("dropped", "notification", r.Argv[0], "instance", instance, "state", state.String())
			}
		}
	}
}

// work starts the commands one behind the other; they run side by side.
func (n *notifier) work() {
	defer close(n.ended)
	for job := range n.jobs {
		select {
		case n.running <- struct{}{}:
		case <-n.ctx.Done():
			return
		}
		spec, err := n.s.spec(job.run.Command, job.run.Argv)
		var p *process.Running
		if err == nil {
			p, err = process.Start(n.s.launcher, spec)
		}
		if err != nil {
			<-n.running
			n.s.log.Error("notify", "instance", job.instance, "state", job.state.String(), "argv", job.run.Argv, "error", err.Error())
			continue
		}
		n.s.log.Info("notify", "instance", job.instance, "state", job.state.String(), "argv", job.run.Argv)
		n.s.helpers.Go(func() {
			res := p.Wait(n.ctx, 0)
			<-n.running
			if !res.OK() {
				n.s.log.Warn("notify-failed", "instance", job.instance, "state", job.state.String(), "argv", job.run.Argv, "cause", res.String())
			}
		})
	}
}

// finish gives the commands of the stop their second, then ends what still runs.
func (n *notifier) finish() {
	close(n.jobs)
	deadline := time.NewTimer(stopScripts)
	defer deadline.Stop()
	select {
	case <-n.ended:
	case <-deadline.C:
		n.cancel()
		return
	}
	// Whoever gets all slots knows that nobody runs any more.
	for range maxNotifications {
		select {
		case n.running <- struct{}{}:
		case <-deadline.C:
			n.cancel()
			return
		}
	}
	n.cancel()
}
