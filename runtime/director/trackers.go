//go:build linux

package director

import (
	"context"
	"log/slog"

	"ka/compiler/plan"
	"ka/runtime/track"
)

// watchers are what the supervisor watches for the instances, beside scripts: files, processes and the
// carriers of interfaces. They take files and sockets, which the vrrp process must not wait for; what they
// find goes to it as messages.
type watchers struct {
	// known is what was last heard of each thing.
	known     map[trackedKey]trackedState
	files     *track.Files
	processes *track.Processes
	carriers  []*track.Carrier
	up        map[string]bool
	cancel    context.CancelFunc
}

// loadWatchers reads what is watched for the first time: the machines must not start without it.
func (s *supervisor) loadWatchers() {
	s.readWatched(true)
}

// readWatched reads what is watched. init lets files begin with their value (init_file): a reload does not.
func (s *supervisor) readWatched(init bool) {
	s.watchers = watchers{known: make(map[trackedKey]trackedState), up: make(map[string]bool)}
	w, tracked := &s.watchers, trackedThings(s.plan)
	var files []plan.TrackFile
	for _, f := range s.plan.Trackables.Files {
		if tracked[trackedKey{plan.KindFile, f.Name}] {
			files = append(files, f)
		}
	}
	if len(files) > 0 {
		w.files = track.NewFiles(files, func(name string, err error) {
			s.log.Error("tracked-file", "file", name, "error", err.Error())
		})
		if init {
			w.files.Init()
		}
		w.files.Read(func(name string, number int) {
			w.note(trackedState{Kind: plan.KindFile, Name: name, Number: number})
		})
	}
	s.loadProcesses(tracked)
	s.loadCarriers(tracked)
	for _, b := range s.plan.Trackables.BFD {
		w.note(trackedState{Kind: plan.KindBFD, Name: b.Name}) // down, until it is up
	}
}

func (s *supervisor) loadProcesses(tracked map[trackedKey]bool) {
	var list []plan.TrackProcess
	for _, p := range s.plan.Trackables.Processes {
		if tracked[trackedKey{plan.KindProcess, p.Name}] {
			list = append(list, p)
		}
	}
	if len(list) == 0 {
		return
	}
	var buffer track.ProcessBuffer
	if b := s.plan.Global.Buffers; b != nil {
		buffer = track.ProcessBuffer{Bytes: b.ProcessMonitor.Bytes, Force: b.ProcessMonitor.Force}
	}
	processes, err := track.NewProcesses(list, buffer)
	if err != nil {
		s.log.Warn("process-events", "cause", err.Error(), "instead", "/proc is read every second")
	}
	s.watchers.processes = processes
	err = processes.Read(func(name string, up bool) {
		s.watchers.note(trackedState{Kind: plan.KindProcess, Name: name, Up: up})
	})
	if err != nil {
		s.log.Error("process-events", "error", err.Error())
	}
}

// loadCarriers asks the interfaces that are polled, and that somebody uses, for the first time.
func (s *supervisor) loadCarriers(tracked map[trackedKey]bool) {
	for _, l := range polledInterfaces(s.plan, tracked) {
		c, err := track.NewCarrier(l.Interface, l.Method)
		if err != nil {
			s.log.Error("carrier", "interface", l.Interface, "error", err.Error())
			continue
		}
		s.watchers.up[l.Interface] = c.Up()
		s.watchers.carriers = append(s.watchers.carriers, c)
		if used := c.Used(); l.Method != "" && used != "" && used != l.Method {
			s.log.Warn("carrier", "interface", l.Interface, "cause", l.Method+" does not work there", "instead", used)
		}
	}
}

// polledInterfaces are those of linkbeat_interfaces that an instance is on or tracks, and those of
// instances with linkbeat_use_polling.
func polledInterfaces(p *plan.Plan, tracked map[trackedKey]bool) []plan.LinkbeatInterface {
	var out []plan.LinkbeatInterface
	seen := make(map[string]bool)
	own := make(map[string]bool)
	for i := range p.Instances {
		own[p.Instances[i].Interface] = true
	}
	for _, l := range p.Groups.Linkbeat {
		if !seen[l.Interface] && (own[l.Interface] || tracked[trackedKey{plan.KindInterface, l.Interface}]) {
			seen[l.Interface] = true
			out = append(out, l)
		}
	}
	all := p.Global.Run != nil && p.Global.Run.PollLinks
	for i := range p.Instances {
		if in := &p.Instances[i]; (all || in.Link.Polling) && !seen[in.Interface] {
			seen[in.Interface] = true
			out = append(out, plan.LinkbeatInterface{Origin: in.Origin, Interface: in.Interface})
		}
	}
	return out
}

// startWatchers lets them run until a reload watches something else, or karun ends. It comes behind
// startChildren: what they find must find the child.
func (s *supervisor) startWatchers() {
	ctx, cancel := context.WithCancel(s.helpCtx)
	s.watchers.cancel = cancel
	w := s.watchers // a reload puts others in their place
	// What they found last does not count beside those.
	post := func(f func()) {
		s.post(func() {
			if ctx.Err() == nil {
				f()
			}
		})
	}
	report := func(t trackedState) { post(func() { s.trackedReport(t) }) }
	if w.files != nil {
		s.helpers.Go(func() {
			err := w.files.Loop(ctx, func(name string, number int) {
				report(trackedState{Kind: plan.KindFile, Name: name, Number: number})
			})
			if err != nil {
				s.log.Error("tracked-file", "error", err.Error(), "cause", "no tracked file is watched any more")
			}
		})
	}
	if w.processes != nil {
		s.helpers.Go(func() {
			w.processes.Loop(ctx, func(name string, up bool) {
				report(trackedState{Kind: plan.KindProcess, Name: name, Up: up})
			})
		})
	}
	for _, c := range w.carriers {
		up := w.up[c.Interface]
		s.helpers.Go(func() {
			defer c.Close()
			c.Loop(ctx, up, func(up bool) { post(func() { s.carrierReport(c.Interface, up) }) })
		})
	}
}

func (w *watchers) note(t trackedState) { w.known[trackedKey{t.Kind, t.Name}] = t }

// trackedReport takes what was found of a tracked thing.
func (s *supervisor) trackedReport(t trackedState) {
	if s.watchers.known[trackedKey{t.Kind, t.Name}] == t {
		return
	}
	s.watchers.note(t)
	attrs := []any{"kind", t.Kind.String(), "name", t.Name, "up", t.Up}
	level := slog.LevelInfo
	switch {
	case t.Kind == plan.KindFile:
		attrs = []any{"kind", t.Kind.String(), "name", t.Name, "number", t.Number}
	case !t.Up:
		level = slog.LevelWarn
	}
	s.log.Log(context.Background(), level, "tracked", attrs...)
	s.tellTracked(t)
}

// sessionReport takes the state of a BFD session. One that is for health checks alone says nothing to
// instances: to them it stays down.
func (s *supervisor) sessionReport(t trackedState) {
	for i := range s.plan.Trackables.BFD {
		if b := &s.plan.Trackables.BFD[i]; b.Name == t.Name && b.VRRP {
			s.trackedReport(t)
		}
	}
}

// sessionsLost takes all sessions for down: their process died, and begins anew.
func (s *supervisor) sessionsLost() {
	for i := range s.plan.Trackables.BFD {
		s.trackedReport(trackedState{Kind: plan.KindBFD, Name: s.plan.Trackables.BFD[i].Name})
	}
}

// carrierReport takes the carrier of an interface that is polled.
func (s *supervisor) carrierReport(name string, up bool) {
	s.watchers.up[name] = up
	s.log.Info("carrier", "interface", name, "up", up)
	for _, c := range s.children {
		if c.role == roleVRRP {
			c.tell(msgCarrier, trackedState{Name: name, Up: up})
		}
	}
}
