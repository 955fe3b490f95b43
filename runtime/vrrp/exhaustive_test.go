package vrrp_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// ways leads a machine into each state; "held" is INIT with a script that has not reported.
var ways = map[string][]string{
	"fresh":      {},
	"held":       {"start"},
	"backup":     {"start", "script web up"},
	"challenged": {"start", "script web up", "receive prio=50"},
	"master":     {"start", "script web up", "advance 4s"},
	"fault":      {"start", "script web down"},
	"stopped":    {"start", "script web up", "stop"},
}

// events are all kinds of events, in all their shapes.
var events = []string{
	"tick", "start", "start link=down", "start source=none", "stop", "unknown",
	"script web up", "script web down", "script load up", "script load down", "script other up",
	"link up", "link down", "source none", "source 10.9.0.1", "source 10.9.0.9", "lost 10.9.0.100",
	"receive prio=0", "receive prio=50", "receive prio=100 src=10.9.0.0", "receive prio=100 src=10.9.0.1",
	"receive prio=100 src=10.9.0.2", "receive prio=255", "reload same", "reload owner", "reload fewer", "delete", "receive vrid=52", "receive bad-checksum", "garbage",
}

// TestEveryEventInEveryState leads a machine into each state and does everything to it, in pairs, with
// each behaviour: whatever happens, what is true of every machine stays true.
func TestEveryEventInEveryState(t *testing.T) {
	for _, b := range []struct {
		version  string // "" is karun
		priority int
	}{{"", 100}, {"2.4.3", 100}, {"2.2.7", 255}} {
		for way, steps := range ways {
			for _, first := range events {
				for _, second := range events {
					o := newObserved(t, b.version, b.priority)
					for _, step := range append(slices.Clone(steps), first, "advance 10s", second, "advance 10s") {
						o.do(t, step)
					}
					if t.Failed() {
						t.Fatalf("behaviour %q, priority %d, %s: %s, %s", b.version, b.priority, way, first, second)
					}
				}
			}
		}
	}
}

// observed is a machine whose promises are checked from outside at each step.
type observed struct {
	session
	state plan.State
	// addresses says whether they were added, by the actions alone.
	addresses bool
	ipID      uint16
}

func newObserved(t *testing.T, behaviour string, priority int) *observed {
	t.Helper()
	args := map[string]string{"priority": fmt.Sprint(priority), "track": "web:0,load:-20", "refresh": "3s"}
	if behaviour != "" {
		args["behaviour"] = behaviour
	}
	o := &observed{}
	if err := o.instance(args); err != nil {
		t.Fatal(err)
	}
	return o
}

// step moves the one machine.
func (o *observed) step(ev vrrp.Event) (actions []vrrp.Action) {
	for _, out := range o.node.Step(o.now, 0, ev) {
		actions = append(actions, out.Action)
	}
	return actions
}

// do takes one step as a script would write it, and checks.
func (o *observed) do(t *testing.T, line string) {
	t.Helper()
	ev, err := o.event(line)
	if err != nil {
		t.Fatal(err)
	}
	if ev != nil {
		o.check(t, line, o.step(ev))
		return
	}
	end := o.now.Add(10 * time.Second)
	for range 10_000 {
		at, ok := o.node.NextDeadline()
		if !ok || at > end {
			o.now = end
			return
		}
		o.now = max(o.now, at)
		o.check(t, line, o.step(vrrp.Tick{}))
		if next, ok := o.node.NextDeadline(); ok && next <= o.now {
			t.Errorf("%s: a deadline stays behind: %v at %v", line, next, o.now)
		}
	}
	t.Errorf("%s: the machine does not let time go on", line)
}

// event reads a step; nil: time goes on.
func (o *observed) event(line string) (vrrp.Event, error) {
	var a, b, c string
	_, _ = fmt.Sscan(line, &a, &b, &c) // lines have one to three words
	args := options([]string{b, c})
	switch a {
	case "advance":
		return nil, nil
	case "tick":
		return vrrp.Tick{}, nil
	case "unknown":
		return unknownEvent{}, nil
	case "garbage":
		return vrrp.PacketReceived{Packet: []byte{0x45, 1, 2}}, nil
	case "start":
		source := o.members[0].source
		if args["source"] == "none" {
			source = netip.Addr{}
		}
		return vrrp.Start{Source: source, LinkUp: args["link"] != "down"}, nil
	case "script":
		return vrrp.TrackedChanged{Kind: plan.KindScript, Name: b, Up: c == "up"}, nil
	case "link":
		return vrrp.LinkChanged{Up: b == "up"}, nil
	case "source":
		address, _ := netip.ParseAddr(b)
		return vrrp.SourceChanged{Source: address}, nil
	case "lost":
		return vrrp.AddressLost{Address: netip.MustParseAddr(b)}, nil
	case "stop":
		return vrrp.Stop{}, nil
	case "delete":
		return vrrp.Delete{}, nil
	case "reload":
		return o.reload(b), nil
	}
	delete(args, "")
	packet, err := o.packet(0, args)
	return vrrp.PacketReceived{Packet: packet}, err
}

// reload is an event of a configuration that is the same, has priority 255, or tracks less.
func (o *observed) reload(kind string) vrrp.Event {
	inst := o.members[0].inst
	switch kind {
	case "owner":
		inst.Priority = 255
	case "fewer":
		inst.TrackScripts = inst.TrackScripts[1:]
		inst.AdvertInterval *= 2
	}
	return vrrp.Reload{Instance: inst, Tracked: inst.Tracked()}
}

// unknownEvent embeds a real one, as no other package can make an event.
type unknownEvent struct{ vrrp.Event }

// check holds what is true of every machine, at every step:
// transitions link up and are notified; addresses are there exactly in a master; the first thing a new
// master does is to send; nothing but the master sends more than its farewell; IP ids go up.
func (o *observed) check(t *testing.T, line string, actions []vrrp.Action) {
	t.Helper()
	wasMaster := o.state == plan.StateMaster
	for i, action := range actions {
		switch a := action.(type) {
		case vrrp.Transition:
			if a.From != o.state || a.From == a.To && a.To != plan.StateStopped {
				t.Errorf("%s: transition %v→%v in %v", line, a.From, a.To, o.state)
			}
			if a.Cause == "" {
				t.Errorf("%s: transition without a cause", line)
			}
			if send, ok := precedes(actions, i).(vrrp.SendAdvert); a.To == plan.StateMaster && (!ok || send.Priority == 0) {
				t.Errorf("%s: becomes master without a word", line)
			}
			o.state = a.To
		case vrrp.AddAddresses:
			if o.addresses || o.state != plan.StateMaster {
				t.Errorf("%s: adds addresses in %v", line, o.state)
			}
			o.addresses = true
		case vrrp.RemoveAddresses:
			if !o.addresses {
				t.Errorf("%s: removes addresses that are not there", line)
			}
			o.addresses = false
		case vrrp.ChangeAddresses:
			if !o.addresses {
				t.Errorf("%s: changes addresses that are not there", line)
			}
		case vrrp.AnnounceAddresses:
			if !o.addresses || a.Rounds < 1 {
				t.Errorf("%s: announces addresses that are not there", line)
			}
		case vrrp.NotifyState:
			if a.State != o.state && (o.state != plan.StateStopped || a.State != plan.StateFault) { // deleted: FAULT
				t.Errorf("%s: notifies %v in %v", line, a.State, o.state)
			}
		case vrrp.SendAdvert:
			o.checkAdvert(t, line, a, wasMaster || o.becomesMaster(actions[i:]))
		}
	}
	if o.addresses != (o.state == plan.StateMaster) {
		t.Errorf("%s: in %v, addresses there: %v", line, o.state, o.addresses)
	}
	status := o.node.Machine(0).Status()
	if status.State != o.state || o.node.Machine(0).State() != o.state {
		t.Errorf("%s: status %v, transitions say %v", line, status.State, o.state)
	}
	if o.state == plan.StateFault && len(status.Faults)+len(status.Pending) == 0 {
		t.Errorf("%s: in fault without one", line)
	}
	if o.state == plan.StateMaster && len(status.Faults) > 0 {
		t.Errorf("%s: master with faults %v", line, status.Faults)
	}
	clear(status.Counters)
	if status.Counters != nil && len(o.node.Machine(0).Status().Counters) == 0 && len(actions) > 0 && o.ipID > 0 {
		t.Errorf("%s: the status is not a copy", line)
	}
}

func (o *observed) becomesMaster(rest []vrrp.Action) bool {
	return slices.ContainsFunc(rest, func(a vrrp.Action) bool {
		tr, ok := a.(vrrp.Transition)
		return ok && tr.To == plan.StateMaster
	})
}

func precedes(actions []vrrp.Action, i int) vrrp.Action {
	if i == 0 {
		return nil
	}
	return actions[i-1]
}

func (o *observed) checkAdvert(t *testing.T, line string, a vrrp.SendAdvert, allowed bool) {
	t.Helper()
	h, advert, err := vrrp.ParseIPv4Packet(a.Packet)
	if err != nil || advert.Priority != a.Priority {
		t.Errorf("%s: sends %x: %v", line, a.Packet, err)
	}
	if !allowed {
		t.Errorf("%s: sends in %v", line, o.state)
	}
	if h.ID <= o.ipID {
		t.Errorf("%s: IP id %d behind %d", line, h.ID, o.ipID)
	}
	o.ipID = h.ID
}

// The identification wraps without 0, which would let the kernel choose.
func TestIPIDWraps(t *testing.T) {
	m := vrrp.NewMachine(testInstance(), vrrp.Karun())
	m.Step(0, vrrp.Start{Source: netip.MustParseAddr("10.9.0.1"), LinkUp: true})
	var last uint16
	for range 70_000 {
		at, _ := m.NextDeadline()
		for _, action := range m.Step(at, vrrp.Tick{}) {
			send, ok := action.(vrrp.SendAdvert)
			if !ok {
				continue
			}
			h, err := vrrp.ParseIPv4Header(send.Packet)
			if err != nil {
				t.Fatal(err)
			}
			if want := max(last+1, 1); h.ID != want {
				t.Fatalf("have %d behind %d", h.ID, last)
			}
			last = h.ID
		}
	}
}

// Time that goes back is counted, and has no effect.
func TestClockGoesBack(t *testing.T) {
	m := vrrp.NewMachine(testInstance(), vrrp.Karun())
	start := vrrp.Instant(time.Hour)
	m.Step(start, vrrp.Start{Source: netip.MustParseAddr("10.9.0.1"), LinkUp: true})
	if actions := m.Step(0, vrrp.Tick{}); len(actions) > 0 {
		t.Errorf("have %v", actions)
	}
	if n := m.Status().Counters["clock-went-back"]; n != 1 {
		t.Errorf("counted %d times", n)
	}
	if at, _ := m.NextDeadline(); at != start.Add(3609375*time.Microsecond) {
		t.Errorf("deadline %v", at)
	}
}

// Nonsense that no compiler makes does not stop time.
func TestNonsenseInstance(t *testing.T) {
	m := vrrp.NewMachine(plan.Instance{}, vrrp.Karun())
	m.Step(0, vrrp.Start{Source: netip.MustParseAddr("10.9.0.1"), LinkUp: true})
	var now vrrp.Instant
	for range 100 {
		at, ok := m.NextDeadline()
		if ok && at <= now {
			t.Fatalf("deadline %v at %v", at, now)
		}
		now = max(at, now)
		m.Step(now, vrrp.Tick{})
	}
}

func TestSupported(t *testing.T) {
	for kind, change := range advertVectors {
		inst := vectorInstance(change)
		if err := vrrp.Supported(inst); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	inst := testInstance()
	inst.Version = 4
	if vrrp.Supported(inst) == nil {
		t.Error("version 4 is supported")
	}
}
