//go:build linux

package director

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"ka/compiler/plan"
	"ka/runtime/process"
	"ka/runtime/track"
)

// script is a tracking script with what is known of it.
type script struct {
	plan          *plan.Script
	known, up     bool
	last          process.Result
	at            time.Time
	runs, skipped uint64
	skipping      bool
	// cancel ends its loop.
	cancel context.CancelFunc
}

// knownTracked gives the states that a new vrrp process begins with.
func (s *supervisor) knownTracked() []trackedState {
	var out []trackedState
	for _, sc := range s.scripts {
		if sc.known {
			out = append(out, trackedState{Kind: plan.KindScript, Name: sc.plan.Name, Up: sc.up})
		}
	}
	return append(out, slices.SortedFunc(maps.Values(s.watchers.known), func(a, b trackedState) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})...)
}

// startScripts starts every script that an instance tracks. It comes behind startChildren: a result
// must find the child.
func (s *supervisor) startScripts() {
	for _, sc := range s.scripts {
		s.startScript(sc)
	}
}

// startScript runs a script until its context ends. One whose state is known goes on from there.
func (s *supervisor) startScript(sc *script) {
	ctx := s.scriptContext(sc)
	spec, err := commandSpec(s.plan, &sc.plan.Command, scriptWords(&sc.plan.Command))
	t := track.Script{Plan: *sc.plan, Run: func(ctx context.Context) process.Result {
		if err != nil {
			return process.Result{Exit: -1, Err: err}
		}
		return process.Run(ctx, s.launcher, spec, sc.plan.Timeout)
	}}
	if sc.known {
		t.Known, t.Up = true, sc.up
	}
	s.helpers.Go(func() { t.Loop(ctx, func(r track.Report) { s.post(func() { s.scriptReport(sc, r) }) }) })
}

// scriptWords are the words that run a script. One that only opens a file does so as its user: a shell does.
func scriptWords(c *plan.Command) []string {
	if path, ok := c.OpensFile(); ok {
		return []string{"/bin/sh", "-c", `exec <"$1"`, "sh", path}
	}
	return c.Argv
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
	if !slices.Contains(s.scripts, sc) {
		return // a reload took it away
	}
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
