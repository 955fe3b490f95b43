package vrrp_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// reloads is a node through its reloads, as a director does them.
type reloads struct {
	t    *testing.T
	node *vrrp.Node
	plan *plan.Plan
	now  vrrp.Instant
	// groups are the states that sync groups were notified in.
	groups []string
}

// newReloads starts the instances of a plan.
func newReloads(t *testing.T, p *plan.Plan) *reloads {
	r := &reloads{t: t, plan: p, node: vrrp.NewNode(p, vrrp.Karun())}
	for i := range p.Instances {
		r.step(i, vrrp.Start{Source: vectorSource4, LinkUp: true})
	}
	return r
}

func (r *reloads) step(i int, ev vrrp.Event) { r.note(r.node.Step(r.now, i, ev)) }

func (r *reloads) note(list []vrrp.Output) {
	for _, o := range list {
		if a, ok := o.Action.(vrrp.NotifyState); ok && a.Group != "" {
			r.groups = append(r.groups, a.Group+" "+a.State.String())
		}
	}
}

// advance lets time go on.
func (r *reloads) advance(d time.Duration) {
	end := r.now.Add(d)
	for {
		at, ok := r.node.NextDeadline()
		if !ok || at > end {
			r.now = end
			return
		}
		r.now = max(r.now, at)
		for i, due := r.node.Due(r.now); due; i, due = r.node.Due(r.now) {
			r.step(i, vrrp.Tick{})
		}
	}
}

// reload goes on with another plan: only instances whose own lines are others are told of it.
func (r *reloads) reload(p *plan.Plan) {
	from := make([]int, len(p.Instances))
	for i := range p.Instances {
		from[i] = slices.IndexFunc(r.plan.Instances, func(in plan.Instance) bool { return in.VRID == p.Instances[i].VRID })
	}
	for i := range r.plan.Instances {
		if !slices.Contains(from, i) {
			r.step(i, vrrp.Delete{})
		}
	}
	r.node.Rearrange(p, vrrp.Karun(), from)
	for i := range p.Instances {
		in := &p.Instances[i]
		switch {
		case from[i] < 0:
			r.step(i, vrrp.Start{Source: vectorSource4, LinkUp: true})
		case in.Priority != r.plan.Instances[from[i]].Priority:
			r.step(i, vrrp.Reload{Instance: *in, Tracked: p.Tracked(in)})
		}
	}
	r.note(r.node.Gather(r.now))
	r.plan = p
}

func (r *reloads) states(want ...plan.State) {
	r.t.Helper()
	for i, s := range want {
		if got := r.node.Machine(i).State(); got != s {
			r.t.Errorf("%s is %v, want %v", r.plan.Instances[i].Name, got, s)
		}
	}
}

// routersOf is a plan of instances of virtual routers 1, 2 and so on, in a group of those whose numbers are given.
func routersOf(names string, change func(*plan.Instance), members ...string) *plan.Plan {
	p := &plan.Plan{}
	for _, name := range names {
		in := testInstance()
		in.Name, in.VRID = string(name), uint8(name-'A'+1)
		if change != nil {
			change(&in)
		}
		p.Instances = append(p.Instances, in)
	}
	if len(members) > 0 {
		p.Groups.Sync = []plan.SyncGroup{{Name: "G", Members: members}}
	}
	return p
}

// Who is in FAULT because of another member alone leaves it when a reload takes that one away, or the group.
func TestReloadTakesFaultAway(t *testing.T) {
	for name, next := range map[string]*plan.Plan{
		"the member is gone":         routersOf("BC", nil, "B", "C"),
		"the member is in no group":  routersOf("BCA", nil, "B", "C"),
		"the group is gone":          routersOf("BCA", nil),
		"only the last one is there": routersOf("C", nil),
	} {
		t.Run(name, func(t *testing.T) {
			r := newReloads(t, routersOf("ABC", nil, "A", "B", "C"))
			r.step(0, vrrp.LinkChanged{Up: false})
			r.states(plan.StateFault, plan.StateFault, plan.StateFault)
			r.reload(next)
			want := []plan.State{plan.StateBackup, plan.StateBackup, plan.StateFault}
			r.states(want[:len(next.Instances)]...)
			r.advance(4 * time.Second)
			want = []plan.State{plan.StateMaster, plan.StateMaster, plan.StateFault}
			r.states(want[:len(next.Instances)]...)
		})
	}
}

// A member that scripts hold back holds the others back only as long as it is there.
func TestReloadTakesPendingAway(t *testing.T) {
	pending := func(in *plan.Instance) {
		if in.Name == "A" {
			in.TrackScripts = []plan.TrackScript{{Script: "web"}}
		}
	}
	r := newReloads(t, routersOf("AB", pending, "A", "B"))
	r.states(plan.StateInit, plan.StateInit)
	r.reload(routersOf("B", nil))
	r.states(plan.StateBackup)
}

// A new member of a group in FAULT is in FAULT, and says so.
func TestReloadAddsToFault(t *testing.T) {
	r := newReloads(t, routersOf("AB", nil, "A", "B"))
	r.step(0, vrrp.LinkChanged{Up: false})
	r.reload(routersOf("ABC", nil, "A", "B", "C"))
	r.states(plan.StateFault, plan.StateFault, plan.StateFault)
	r.step(0, vrrp.LinkChanged{Up: true})
	r.states(plan.StateBackup, plan.StateBackup, plan.StateBackup)
}

// One that comes out of FAULT with a reload follows the master of its new group, told of it or not.
func TestReloadTakesAlong(t *testing.T) {
	for _, priority := range []uint8{100, 120} {
		r := newReloads(t, routersOf("ABC", nil, "A", "B"))
		r.advance(4 * time.Second)
		r.step(0, vrrp.LinkChanged{Up: false})
		r.states(plan.StateFault, plan.StateFault, plan.StateMaster)
		r.reload(routersOf("BC", func(in *plan.Instance) {
			if in.Name == "B" {
				in.Priority = priority
			}
		}, "B", "C"))
		r.states(plan.StateMaster, plan.StateMaster)
		if want := []string{"G BACKUP", "G MASTER", "G FAULT", "G MASTER"}; !slices.Equal(r.groups, want) {
			t.Errorf("the group was told %v, want %v", r.groups, want)
		}
	}
}

// A group that a reload makes of instances that run is told its state, once.
func TestReloadTellsNewGroup(t *testing.T) {
	r := newReloads(t, routersOf("AB", nil))
	r.reload(routersOf("AB", nil, "A", "B"))
	r.reload(routersOf("AB", func(in *plan.Instance) { in.Priority = 120 }, "A", "B"))
	if want := []string{"G BACKUP"}; !slices.Equal(r.groups, want) {
		t.Errorf("the group was told %v, want %v", r.groups, want)
	}
}

// "state MASTER" gives nobody a head start, also where a reload comes while scripts hold the group back.
func TestReloadBeforeStart(t *testing.T) {
	first := func(in *plan.Instance) {
		in.InitialState, in.TrackScripts = plan.StateMaster, []plan.TrackScript{{Script: "web"}}
	}
	higher := func(in *plan.Instance) { first(in); in.Priority = 120 }
	r := newReloads(t, routersOf("AB", first, "A", "B"))
	r.reload(routersOf("AB", higher, "A", "B"))
	for i := range 2 {
		r.step(i, vrrp.TrackedChanged{Kind: plan.KindScript, Name: "web", Up: true})
	}
	r.advance(3 * time.Second)
	r.states(plan.StateBackup, plan.StateBackup)
	r.advance(time.Second)
	r.states(plan.StateMaster, plan.StateMaster)
}

// Nor does it make a member want what its own router does not: A's master is gone, that of B is there.
func TestReloadKeepsMemberBack(t *testing.T) {
	wish := func(priority uint8) func(in *plan.Instance) {
		return func(in *plan.Instance) {
			in.InitialState, in.Priority = plan.StateMaster, priority
			if in.Name == "A" {
				in.Version, in.AdvertInterval = 3, 100*time.Millisecond
			}
		}
	}
	r := newReloads(t, routersOf("AB", wish(100), "A", "B"))
	better := routersOf("AB", wish(200))
	hear := func() {
		list, err := vrrp.NewSender(better.Instances[1]).Adverts(netip.MustParseAddr("10.9.0.9"), 200, 0)
		if err != nil {
			t.Fatal(err)
		}
		r.step(1, list[0].Received())
	}
	hear()
	r.reload(routersOf("AB", wish(120), "A", "B"))
	r.advance(900 * time.Millisecond)
	r.states(plan.StateBackup, plan.StateBackup)
	hear()
	r.advance(3 * time.Second)
	r.states(plan.StateBackup, plan.StateBackup)
}

// Announcements on interfaces without adverts (garp_extra_if) go on behind a reload.
func TestReloadKeepsExtraAnnouncements(t *testing.T) {
	extra := func(priority uint8) *plan.Plan {
		return routersOf("A", func(in *plan.Instance) { in.Priority, in.GARP.ExtraInterval = priority, 10*time.Second })
	}
	r := newReloads(t, extra(100))
	r.advance(4 * time.Second)
	r.reload(extra(120))
	count := 0
	for range 200 {
		at, ok := r.node.NextDeadline()
		if !ok {
			break
		}
		r.now = at
		for _, o := range r.node.Step(r.now, 0, vrrp.Tick{}) {
			if _, ok := o.Action.(vrrp.AnnounceExtra); ok {
				count++
			}
		}
	}
	if count < 15 {
		t.Errorf("%d in 200 s, every 10 s one is asked for", count)
	}
}

// A clock that is set counts for all machines of a node at once, whichever is moved.
func TestNodeHasOneWallClock(t *testing.T) {
	p := routersOf("AB", func(in *plan.Instance) { recipes(v3, signed(1, keyOfBytes))(in) })
	p.Instances[1].VRID = 2
	node := vrrp.NewNode(p, vrrp.Karun())
	node.SetWallClock(vrrp.WallTime(1000 * time.Hour))
	for i := range 2 {
		node.Step(0, i, vrrp.Start{Source: vectorSource4, LinkUp: true})
	}
	node.SetWallClock(vrrp.WallTime(2000 * time.Hour))
	at, _ := node.NextDeadline()
	for i, due := node.Due(at); due; i, due = node.Due(at) {
		for _, o := range node.Step(at, i, vrrp.Tick{}) {
			if send, ok := o.Action.(vrrp.SendAdvert); ok {
				c, err := vrrp.ReadPacket(send.Packet)
				if want := uint64((2000*time.Hour + time.Duration(at)) / time.Second); err != nil || c.Signature.Sequence>>32 != want {
					t.Errorf("instance %d signs with %d, want %d (%v)", i, c.Signature.Sequence>>32, want, err)
				}
			}
		}
	}
}

// A reload that takes one fault away and brings another one, which is known already, is no recovery.
func TestReloadBringsAnotherFault(t *testing.T) {
	r := newReloads(t, routersOf("A", func(in *plan.Instance) { in.TrackBFD = []plan.Tracker{{Name: "old"}} }))
	r.step(0, vrrp.TrackedChanged{Kind: plan.KindBFD, Name: "old"})
	next := routersOf("A", func(in *plan.Instance) { in.TrackBFD = []plan.Tracker{{Name: "new"}, {Name: "load", Weight: -20}} })
	in := next.Instances[0]
	known := []vrrp.TrackedChanged{{Kind: plan.KindBFD, Name: "new"}, {Kind: plan.KindBFD, Name: "load"}, {Kind: plan.KindBFD, Name: "other"}}
	for _, o := range r.node.Step(r.now, 0, vrrp.Reload{Instance: in, Tracked: next.Tracked(&in), Known: known}) {
		switch a := o.Action.(type) {
		case vrrp.Transition, vrrp.NotifyState:
			t.Errorf("%+v", a)
		case vrrp.PriorityChanged:
			if a.To != 80 {
				t.Errorf("the priority becomes %d", a.To)
			}
		}
	}
	r.states(plan.StateFault)
}
