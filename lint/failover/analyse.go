package failover

import (
	"maps"
	"slices"
	"time"

	"ka/compiler/plan"
)

// Cause is why a failed check moves nothing.
type Cause uint8

// The causes. NoPreempt: the healthy node is told never to take over from a lower master. Owner: the
// priority 255 takes no weights. Weight: the weight is too small for the distance of the priorities.
const (
	Weight Cause = iota
	Owner
	NoPreempt
)

// Stuck is a check of an owner whose failure moves nothing, although a healthy node is there.
type Stuck struct {
	// Owner is the participant that owns the addresses and whose Check fails, or succeeds if that is Reversed;
	// Heir is the healthy participant with the highest priority.
	Owner, Heir int
	Check       Check
	Reversed    bool
	// Before and After are the owner's effective priorities, HeirPriority that of the heir.
	Before, After, HeirPriority uint8
	Cause                       Cause
	// Repair is the weight nearest zero with which the same play moves the addresses, if HasRepair;
	// it takes the place of the old one on every participant that tracks the script with that weight.
	Repair    int
	HasRepair bool
	// First is the participant that starts first, for the owner to be owner (-1: it is anyway).
	First int
	// Story is the play: for NoPreempt with how it comes to it, if the owner is not the owner anyway.
	Story Trace
}

// Analyse plays the failure of each tracked check of each participant that can be the owner in steady
// state, and returns those that move nothing. It returns nil where nothing follows: participants that
// cannot be played, or that do not agree on one owner in the first place.
func Analyse(nodes []Participant) []Stuck {
	tracks := func(p Participant) bool { return len(p.tracked()) > 0 }
	if len(nodes) < 2 || !slices.ContainsFunc(nodes, tracks) || !Playable(nodes) {
		return nil
	}
	owners := possibleOwners(nodes)
	var list []Stuck
	for _, owner := range slices.Sorted(maps.Keys(owners)) {
		for _, t := range nodes[owner].tracked() {
			if s, ok := analyseCheck(nodes, owner, owners[owner], t); ok {
				list = append(list, s)
			}
		}
	}
	return list
}

// possibleOwners maps each participant that can own the addresses in steady state to the one that has
// to start first for that, -1 if all may start together. Nil: some start does not end with one owner.
func possibleOwners(nodes []Participant) map[int]int {
	owners := make(map[int]int)
	for first := -1; first < len(nodes); first++ {
		trace := Play(nodes, Scenario{First: first})
		owner, ok := trace.Last().Sole()
		if !ok || trace.Truncated {
			return nil
		}
		if _, known := owners[owner]; !known {
			owners[owner] = first
		}
	}
	return owners
}

// analyseCheck plays the failure of one check of the owner.
func analyseCheck(nodes []Participant, owner, first int, t plan.Tracked) (Stuck, bool) {
	scenario := Scenario{First: first, Steps: []Step{{Kind: CheckFails, Node: owner, Check: checkOf(t)}}}
	trace := Play(nodes, scenario)
	if !stays(trace, owner) {
		return Stuck{}, false
	}
	after := trace.Last()
	heir := -1
	for i := range nodes {
		if i != owner && !after.Faults[i] && (heir < 0 || after.Priorities[i] > after.Priorities[heir]) {
			heir = i
		}
	}
	if heir < 0 {
		return Stuck{}, false
	}
	s := Stuck{
		Owner: owner, Heir: heir, Check: checkOf(t), Reversed: t.Reverse, First: first,
		Before: trace.Steady[0].Priorities[owner], After: after.Priorities[owner],
		HeirPriority: after.Priorities[heir],
		Story:        trace,
	}
	switch {
	case moves(Play(withoutNoPreempt(nodes), scenario), owner):
		s.Cause = NoPreempt
		s.Story = story(nodes, s)
	case nodes[owner].Instance.Priority == ownerPriority:
		s.Cause = Owner
	default:
		s.Repair, s.HasRepair = repair(nodes, s)
	}
	return s, true
}

// stays reports whether the owner owned the addresses before the last step and does so after it.
func stays(t Trace, owner int) bool {
	n := len(t.Steady)
	if t.Truncated || n < 2 {
		return false
	}
	before, ok := t.Steady[n-2].Sole()
	after, still := t.Steady[n-1].Sole()
	return ok && still && before == owner && after == owner
}

// moves reports whether somebody else owns the addresses after the last step.
func moves(t Trace, owner int) bool {
	after, ok := t.Last().Sole()
	return ok && !t.Truncated && after != owner
}

func withoutNoPreempt(nodes []Participant) []Participant {
	changed := slices.Clone(nodes)
	for i := range changed {
		changed[i].Instance.NoPreempt = false
		changed[i].Siblings = slices.Clone(changed[i].Siblings)
		for j := range changed[i].Siblings {
			changed[i].Siblings[j].Instance.NoPreempt = false
		}
	}
	return changed
}

// story looks for how the owner becomes owner in ordinary life: another one is it first, its check
// fails and recovers. Without such a story it is the play that there is.
func story(nodes []Participant, s Stuck) Trace {
	start := Play(nodes, Scenario{First: -1})
	usual, ok := start.Last().Sole()
	if !ok || usual == s.Owner {
		return s.Story
	}
	for _, t := range nodes[usual].tracked() {
		told := Play(nodes, Scenario{First: -1, Steps: []Step{
			{Kind: CheckFails, Node: usual, Check: checkOf(t)},
			{Kind: CheckRecovers, Node: usual, Check: checkOf(t)},
			{Kind: CheckFails, Node: s.Owner, Check: s.Check},
		}})
		taken, ok := told.Steady[1].Sole()
		if ok && taken == s.Owner && stays(told, s.Owner) {
			return told
		}
	}
	return s.Story
}

// ownerPriority is that of an owner of the addresses.
const ownerPriority = 255

// The weights that keepalived reads.
const (
	lowestWeight  = -253
	highestWeight = 253
)

// maxRepairEvents bounds the search for a repair.
const maxRepairEvents = 3_000_000

// repair finds the weight nearest zero, of the same sign if there is one, with which the failure moves
// the addresses. Arithmetic proposes, the play decides; where it disagrees, each weight is played.
func repair(nodes []Participant, s Stuck) (int, bool) {
	old := nodes[s.Owner].weightOf(s.Check)
	if old == 0 {
		return 0, false
	}
	sign, bound := 1, highestWeight
	if old < 0 {
		sign, bound = -1, -lowestWeight
	}
	// While all is well a positive weight counts, of a reversed check a negative one.
	guess := int(s.Before) - int(s.HeirPriority) + 1
	if old > 0 != s.Reversed {
		guess = int(s.After) - (int(s.HeirPriority) - sign*old) + 1
	}
	budget := maxRepairEvents
	works := func(weight int) bool {
		moved, events := playWeight(nodes, s, old, weight)
		budget -= events
		return moved
	}
	if guess > 1 && guess <= bound && works(guess*sign) && !works((guess-1)*sign) {
		return guess * sign, true
	}
	for _, sign := range []int{sign, -sign} {
		for size := 1; size <= highestWeight && budget > 0; size++ {
			if works(size * sign) {
				return size * sign, true
			}
		}
	}
	return 0, false
}

// weightOf is the weight with which the instance tracks a thing, by itself or with its group.
func (p Participant) weightOf(c Check) int {
	all := p.plan()
	for _, t := range all.Tracked(&all.Instances[0]) {
		if checkOf(t) == c {
			return t.Weight
		}
	}
	return 0
}

// weigh returns the participant with another weight of a thing, wherever it has the old one.
func (p Participant) weigh(c Check, old, weight int) Participant {
	p.Instance = weighInstance(p.Instance, c, old, weight)
	p.Siblings = slices.Clone(p.Siblings)
	for i := range p.Siblings {
		p.Siblings[i].Instance = weighInstance(p.Siblings[i].Instance, c, old, weight)
	}
	if p.Group != nil {
		group := *p.Group
		if list := trackersOf(c.Kind, &group.TrackScripts, &group.TrackInterfaces, &group.TrackProcesses, &group.TrackBFD); list != nil {
			*list = weighAll(*list, c.Name, old, weight)
		}
		p.Group = &group
	}
	return p
}

func weighInstance(in plan.Instance, c Check, old, weight int) plan.Instance {
	in.TrackScripts = slices.Clone(in.TrackScripts)
	for i := range in.TrackScripts {
		if t := &in.TrackScripts[i]; c.Kind == plan.KindScript && t.Script == c.Name && t.Weight == old {
			t.Weight = weight
		}
	}
	if list := trackersOf(c.Kind, nil, &in.TrackInterfaces, &in.TrackProcesses, &in.TrackBFD); list != nil {
		*list = weighAll(*list, c.Name, old, weight)
	}
	return in
}

// trackersOf picks the list of a kind; nil: there is none.
func trackersOf(kind plan.TrackedKind, scripts, interfaces, processes, sessions *[]plan.Tracker) *[]plan.Tracker {
	switch kind {
	case plan.KindScript:
		return scripts
	case plan.KindInterface:
		return interfaces
	case plan.KindProcess:
		return processes
	case plan.KindBFD:
		return sessions
	}
	return nil
}

func weighAll(list []plan.Tracker, name string, old, weight int) []plan.Tracker {
	list = slices.Clone(list)
	for i := range list {
		if list[i].Name == name && list[i].Weight == old {
			list[i].Weight = weight
		}
	}
	return list
}

// playWeight plays the failure with another weight, on all participants that have the old one. It
// reports whether the addresses moved, and how long the play was.
func playWeight(nodes []Participant, s Stuck, old, weight int) (moved bool, events int) {
	changed := slices.Clone(nodes)
	for i := range changed {
		changed[i] = changed[i].weigh(s.Check, old, weight)
	}
	trace := Play(changed, Scenario{
		First: s.First, Steps: []Step{{Kind: CheckFails, Node: s.Owner, Check: s.Check}},
	})
	before, ok := trace.Steady[0].Sole()
	return ok && before == s.Owner && moves(trace, s.Owner), trace.Events
}

// restless is for how long a cluster that was started together is watched.
const restless = 2 * time.Minute

// Flaps starts all participants together and reports how often the addresses find a new owner in the time
// that follows the first election, and the play.
func Flaps(nodes []Participant) (changes int, t Trace) {
	if !Playable(nodes) {
		return 0, Trace{}
	}
	w := newWorld(nodes)
	for i := range nodes {
		w.start(i)
	}
	w.steady()
	w.runUntil(w.now.Add(restless))
	w.steady()
	for _, line := range w.trace.Lines[w.trace.Steady[0].Lines:] {
		if line.Owner {
			changes++
		}
	}
	return changes, w.trace
}
