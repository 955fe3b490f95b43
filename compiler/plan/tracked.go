package plan

import "slices"

// TrackedKind is a kind of thing that instances and sync groups track.
type TrackedKind uint8

// The kinds.
const (
	KindScript TrackedKind = iota
	KindInterface
	KindFile
	KindProcess
	KindBFD
)

// String names the kind for people.
func (k TrackedKind) String() string {
	names := [...]string{"script", "interface", "file", "process", "BFD session"}
	if int(k) >= len(names) {
		return "unknown"
	}
	return names[k]
}

// Tracked is one thing that an instance tracks, with what counts of it.
type Tracked struct {
	Kind TrackedKind
	Tracker
	// Implied says that no line's weight counts: it is the interface of an address, a route or a rule.
	Implied bool
}

// Tracked lists what an instance of the plan tracks: its own lines, the interfaces of what it brings
// along and of the static objects of its track_group, and what its sync group tracks for all members.
// Each thing is listed once. An interface that an address, route or rule is on counts without a weight,
// whatever its line says; the group's weight takes the place of the instance's, unless that has none
// (reference vrrp 6, 7.2). The instance's own interface, whose state every machine is told, is listed
// only where it is not tracked by itself (dont_track_primary) and something else tracks it.
func (p *Plan) Tracked(in *Instance) []Tracked {
	l := in.tracked()
	for _, name := range p.staticInterfaces(in.Name) {
		l.add(in, Tracked{Kind: KindInterface, Tracker: name, Implied: true})
	}
	for i := range p.Groups.Sync {
		g := &p.Groups.Sync[i]
		if !slices.Contains(g.Members, in.Name) {
			continue
		}
		l.addAll(in, KindScript, g.TrackScripts)
		l.addAll(in, KindInterface, g.TrackInterfaces)
		l.addAll(in, KindFile, g.TrackFiles)
		l.addAll(in, KindProcess, g.TrackProcesses)
		l.addAll(in, KindBFD, g.TrackBFD)
	}
	return l.list
}

// Tracked lists what the instance tracks by itself, without its groups.
func (in *Instance) Tracked() []Tracked { return in.tracked().list }

func (in *Instance) tracked() *trackedList {
	l := &trackedList{at: make(map[trackedKey]int)}
	for _, t := range in.TrackScripts {
		l.add(in, Tracked{Kind: KindScript, Tracker: Tracker{Origin: t.Origin, Name: t.Script, Weight: t.Weight, Reverse: t.Reverse}})
	}
	l.addAll(in, KindInterface, in.TrackInterfaces)
	in.impliedInterfaces(func(t Tracker) { l.add(in, Tracked{Kind: KindInterface, Tracker: t, Implied: true}) })
	l.addAll(in, KindFile, in.TrackFiles)
	l.addAll(in, KindProcess, in.TrackProcesses)
	l.addAll(in, KindBFD, in.TrackBFD)
	return l
}

// impliedInterfaces visits those of addresses, routes and rules. With dont_track_primary an address does
// not make the instance track its own interface; a route does.
func (in *Instance) impliedInterfaces(visit func(Tracker)) {
	add := func(name string, untracked bool, origin Origin) {
		if name != "" && !untracked {
			visit(Tracker{Origin: origin, Name: name})
		}
	}
	for _, list := range [][]Address{in.VIPs, in.Excluded} {
		for i := range list {
			a := &list[i]
			add(a.Interface, a.NoTrack || a.Interface == in.Interface, a.Origin)
		}
	}
	for i := range in.Routes {
		add(in.Routes[i].Interface, in.Routes[i].NoTrack, in.Routes[i].Origin)
	}
	for i := range in.Rules {
		r := &in.Rules[i]
		add(r.InputInterface, r.NoTrack, r.Origin)
		add(r.OutputInterface, r.NoTrack, r.Origin)
	}
}

// staticInterfaces are the interfaces of the static objects that name a track_group of the instance.
func (p *Plan) staticInterfaces(instance string) []Tracker {
	groups := make(map[string]bool)
	for _, g := range p.Groups.Track {
		groups[g.Name] = slices.Contains(g.Members, instance)
	}
	var out []Tracker
	add := func(group, name string, untracked bool, origin Origin) {
		if groups[group] && name != "" && !untracked {
			out = append(out, Tracker{Origin: origin, Name: name})
		}
	}
	for i := range p.StaticAddresses {
		a := &p.StaticAddresses[i]
		add(a.TrackGroup, a.Interface, a.NoTrack, a.Origin)
	}
	for i := range p.StaticRoutes {
		r := &p.StaticRoutes[i]
		add(r.TrackGroup, r.Interface, r.NoTrack, r.Origin)
	}
	for i := range p.StaticRules {
		r := &p.StaticRules[i]
		add(r.TrackGroup, r.InputInterface, r.NoTrack, r.Origin)
	}
	return out
}

type trackedKey struct {
	kind TrackedKind
	name string
}

type trackedList struct {
	list []Tracked
	at   map[trackedKey]int
}

func (l *trackedList) addAll(in *Instance, kind TrackedKind, trackers []Tracker) {
	for _, t := range trackers {
		l.add(in, Tracked{Kind: kind, Tracker: t})
	}
}

// add adds a thing. What is listed already keeps a weight of 0; another takes the later weight. An
// interface that is the instance's own, or made for it, is not listed.
func (l *trackedList) add(in *Instance, t Tracked) {
	if t.Kind == KindInterface && (in.madeFor(t.Name) || t.Name == in.Interface && !in.Link.UntrackedInterface) {
		return
	}
	key := trackedKey{t.Kind, t.Name}
	i, listed := l.at[key]
	if !listed {
		l.at[key] = len(l.list)
		l.list = append(l.list, t)
		return
	}
	if old := &l.list[i]; old.Weight != 0 {
		old.Weight, old.Reverse, old.Implied = t.Weight, t.Reverse, t.Implied
	}
}

// madeFor reports whether the interface is one that the instance makes.
func (in *Instance) madeFor(name string) bool {
	return in.Link.VMAC != nil && in.Link.VMAC.Name == name || in.Link.IPVLAN != nil && in.Link.IPVLAN.Name == name
}
