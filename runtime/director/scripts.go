//go:build linux

package director

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"

	"ka/compiler/plan"
	"ka/runtime/process"
	"ka/runtime/track"
)

// script is a tracking script with what is known of it.
type script struct {
	plan      *plan.Script
	known, up bool
	// job is nil until it runs.
	job *track.Job
}

// state is what is known of the script, for status and for another one that goes on from it.
func (sc *script) state() track.State {
	var st track.State
	if sc.job != nil {
		st = sc.job.State()
	}
	st.Known, st.Up = sc.known, sc.up
	return st
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
		s.startScript(sc, track.State{})
	}
}

// startScript runs a script until its job is stopped, or karun ends. One whose state is known goes on from it.
func (s *supervisor) startScript(sc *script, before track.State) {
	if s.runner == nil {
		runner, err := track.NewScripts(scriptSettings(s.opt.Plan))
		if err != nil {
			s.fatal = err
			s.stop("scripts cannot run")
			return
		}
		s.runner = runner
		s.helpers.Go(func() { runner.Loop(s.helpCtx) })
	}
	spec, err := commandSpec(s.plan, &sc.plan.Command, scriptWords(&sc.plan.Command))
	before.Known, before.Up = sc.known, sc.up
	sc.job = s.runner.Start(track.Script{Plan: *sc.plan, Spec: spec, Err: err, Before: before, Report: func(r track.Report) {
		s.post(func() { s.scriptReport(sc, r) })
	}})
}

// scriptSettings are those that scripts inherit.
func scriptSettings(p *plan.Plan) process.Settings {
	set := process.Inherited()
	set.Umask = umaskOf(p)
	return set
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
			c.tell(msgTracked, t)
		}
	}
}

// scriptReport takes what a run has brought about.
func (s *supervisor) scriptReport(sc *script, r track.Report) {
	if !slices.Contains(s.scripts, sc) {
		return // a reload took it away
	}
	if r.Result.Err != nil {
		s.log.Error("script-not-started", "script", r.Script, "error", r.Result.Err.Error())
	} else if r.Skipped {
		s.log.Warn("script-skipped", "script", r.Script, "cause", "the run before has not ended")
	}
	if r.Skipped {
		return
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
