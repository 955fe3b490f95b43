//go:build linux

package director

import (
	"ka/compiler/plan"
	"ka/runtime/track"
)

// otherScripts are the scripts of a new plan that had the name of another one before: what is known of
// that does not count (reference vrrp 3.9, step 7: name, words and user are the same, or it is another).
func otherScripts(old, p *plan.Plan) []trackedState {
	before := make(map[string]*plan.Script, len(old.Scripts))
	for i := range old.Scripts {
		before[old.Scripts[i].Name] = &old.Scripts[i]
	}
	var out []trackedState
	for i := range p.Scripts {
		sc := &p.Scripts[i]
		if was := before[sc.Name]; was != nil && !sameScript(old, was, p, sc) {
			out = append(out, trackedState{Kind: plan.KindScript, Name: sc.Name})
		}
	}
	return out
}

// sameScript reports whether a script does the same for the same user; when, and what counts, is no part
// of that.
func sameScript(old *plan.Plan, a *plan.Script, p *plan.Plan, b *plan.Script) bool {
	return same(a.Command.Argv, b.Command.Argv) && userOf(old, &a.Command) == userOf(p, &b.Command) &&
		groupOf(old, &a.Command) == groupOf(p, &b.Command)
}

// reloadScripts goes on with the scripts of a new plan: one that is wholly the same does not notice, one
// that is only run or counted otherwise keeps its state, others begin anew or end.
func (s *supervisor) reloadScripts(old *plan.Plan) {
	before := make(map[string]*script, len(s.scripts))
	for _, sc := range s.scripts {
		before[sc.plan.Name] = sc
	}
	s.scripts = nil
	s.loadScripts()
	for i, sc := range s.scripts {
		was := before[sc.plan.Name]
		if was == nil || !sameScript(old, was.plan, s.plan, sc.plan) {
			s.startScript(sc, track.State{})
			continue
		}
		if same(was.plan, sc.plan) {
			was.plan = sc.plan
			s.scripts[i] = was
			delete(before, sc.plan.Name)
			continue
		}
		if was.known { // else init_fail may stand for a result
			sc.known, sc.up = true, was.up
		}
		s.startScript(sc, was.state())
	}
	for _, was := range before {
		if was.job != nil {
			was.job.Stop()
		}
	}
}

// watched is what of a plan the watchers depend on.
type watched struct {
	files     []plan.TrackFile
	processes []plan.TrackProcess
	carriers  []plan.LinkbeatInterface
	buffers   any
}

func watchedOf(p *plan.Plan) watched {
	tracked := trackedThings(p)
	return watched{
		files:     filter(p.Trackables.Files, func(f *plan.TrackFile) bool { return tracked[trackedKey{plan.KindFile, f.Name}] }),
		processes: filter(p.Trackables.Processes, func(x *plan.TrackProcess) bool { return tracked[trackedKey{plan.KindProcess, x.Name}] }),
		carriers:  polledInterfaces(p, tracked),
		buffers:   p.Global.Buffers,
	}
}

// reloadWatchers goes on with what a new plan watches. All is read again where anything is otherwise.
func (s *supervisor) reloadWatchers(old *plan.Plan) {
	a, b := watchedOf(old), watchedOf(s.plan)
	before := s.watchers
	if !same(a.files, b.files) || !same(a.processes, b.processes) || !same(a.carriers, b.carriers) || !same(a.buffers, b.buffers) {
		before.cancel()
		s.readWatched(false)
		s.startWatchers()
	}
	known := s.watchers.known
	for _, b := range s.plan.Trackables.BFD {
		key := trackedKey{plan.KindBFD, b.Name}
		state, ok := before.known[key]
		if !ok {
			state = trackedState{Kind: plan.KindBFD, Name: b.Name}
		}
		known[key] = state
	}
}
