package failover

import (
	"cmp"
	"container/heap"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// Bounds of a play.
const (
	// latency is how long a packet takes.
	latency = 100 * time.Microsecond
	// maxEvents ends a play that goes on for too long.
	maxEvents = 300_000
	// maxRuns bounds the runs of a script that are counted after a change.
	maxRuns = 1000
)

// world is a play that is going on.
type world struct {
	now   vrrp.Instant
	nodes []*node
	queue eventQueue
	// serial orders events of the same time.
	serial int
	trace  Trace
	// names writes the participants' names in place of their addresses, most of which are made up.
	names *strings.Replacer
	// ownerless is when the addresses lost their last owner, if they have none; gap adds up.
	ownerless vrrp.Instant
	hasOwner  bool
	gap       time.Duration
}

// node is a participant while it is played.
type node struct {
	Participant
	// plan has the instance first and the other members of its sync group behind it; routers says which
	// virtual router each is of.
	plan    *plan.Plan
	routers []int
	node    *vrrp.Node
	up      bool
	// deadline is the node's, if there is one.
	deadline    vrrp.Instant
	hasDeadline bool
	sources     []netip.Addr
	checks      map[Check]*check
}

// check is what a node tracks: what it finds, and how that is counted.
type check struct {
	Check
	plan.Script
	counter *vrrp.ScriptCounter
	// ok is what it finds, well what is well for the node: a reversed check is, while it fails.
	ok, well bool
	// firstRun is when the node started; runs are whole intervals after it. generation tells the
	// scheduled run from those of an earlier schedule.
	firstRun   vrrp.Instant
	generation int
	runsLeft   int
}

// event is something that is going to happen.
type event struct {
	at     vrrp.Instant
	serial int
	run    func()
}

type eventQueue []event

func (q eventQueue) Len() int { return len(q) }
func (q eventQueue) Less(i, j int) bool {
	if q[i].at != q[j].at {
		return q[i].at < q[j].at
	}
	return q[i].serial < q[j].serial
}
func (q eventQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *eventQueue) Push(x any)   { *q = append(*q, x.(event)) }
func (q *eventQueue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

func newWorld(nodes []Participant) *world {
	w := &world{}
	var names []string
	for i, p := range nodes {
		n := &node{Participant: p, plan: p.plan(), routers: []int{0}, checks: make(map[Check]*check)}
		for _, s := range p.Siblings {
			n.routers = append(n.routers, s.Router)
		}
		for _, in := range n.plan.Instances {
			source := sourceOf(in, i)
			n.sources = append(n.sources, source)
			names = append(names, source.String(), p.Name)
		}
		for _, t := range p.tracked() {
			c := &check{Check: checkOf(t), ok: !t.Reverse, well: !t.Reverse}
			if t.Kind == plan.KindScript {
				c.Script = n.findScript(t.Name)
			}
			n.checks[c.Check] = c
		}
		w.nodes = append(w.nodes, n)
	}
	w.names = replacer(names)
	return w
}

// replacer puts longer words first: 192.0.2.1 is the beginning of 192.0.2.10.
func replacer(pairs []string) *strings.Replacer {
	chunks := slices.Collect(slices.Chunk(pairs, 2))
	slices.SortStableFunc(chunks, func(a, b []string) int { return len(b[0]) - len(a[0]) })
	return strings.NewReplacer(slices.Concat(chunks...)...)
}

// findScript returns a script with a sane schedule, keepalived's defaults where it is not defined.
func (n *node) findScript(name string) plan.Script {
	found := plan.Script{Name: name, Interval: time.Second, Rise: 1, Fall: 1}
	for _, s := range n.Scripts {
		if s.Name == name {
			found = s
		}
	}
	found.Interval = max(found.Interval, time.Millisecond)
	found.Rise, found.Fall = max(found.Rise, 1), max(found.Fall, 1)
	return found
}

// steady waits until nothing changes any more, and notes who owns the addresses.
func (w *world) steady() {
	w.settle()
	s := Steady{Gap: w.gap, Lines: len(w.trace.Lines)}
	if !w.hasOwner {
		s.Gap += w.now.Sub(w.ownerless)
	}
	for i, n := range w.nodes {
		var status vrrp.Status
		if n.node != nil {
			status = n.node.Machine(0).Status()
		}
		s.Priorities = append(s.Priorities, status.Priority)
		s.Faults = append(s.Faults, status.State == plan.StateFault)
		if n.owns() {
			s.Owners = append(s.Owners, i)
		}
	}
	w.trace.Steady = append(w.trace.Steady, s)
	w.gap = 0
	w.ownerless = w.now
}

// settle lets time go on for as long as anything that was set off can take: the scripts' counting,
// the delay of a preemption, and Master_Down for a chain of three takeovers.
func (w *world) settle() {
	var counting, delay, down time.Duration
	for _, n := range w.nodes {
		for _, in := range n.plan.Instances {
			delay = max(delay, in.PreemptDelay)
			down = max(down, vrrp.MasterDown(in.Version, 1, in.AdvertInterval, in.DownTimerAdverts))
		}
		for _, s := range n.checks {
			counting = max(counting, time.Duration(min(max(s.Rise, s.Fall), maxRuns)+1)*s.Interval)
		}
	}
	w.runUntil(w.now.Add(counting + delay + 4*down))
}

// runUntil plays everything up to a time.
func (w *world) runUntil(end vrrp.Instant) {
	for !w.trace.Truncated {
		at, due := w.next()
		if due == nil || at > end {
			w.now = end
			return
		}
		if w.trace.Events++; w.trace.Events > maxEvents {
			w.trace.Truncated = true
			return
		}
		w.now = max(w.now, at)
		due()
	}
}

// next finds what is due first: an event, or the deadline of a machine.
func (w *world) next() (at vrrp.Instant, due func()) {
	var first *node
	for _, n := range w.nodes {
		if n.up && n.hasDeadline && (first == nil || n.deadline < first.deadline) {
			first = n
		}
	}
	if len(w.queue) > 0 && (first == nil || w.queue[0].at <= first.deadline) {
		return w.queue[0].at, func() { heap.Pop(&w.queue).(event).run() }
	}
	if first == nil {
		return 0, nil
	}
	return first.deadline, func() { w.tick(first) }
}

func (w *world) schedule(at vrrp.Instant, run func()) {
	w.serial++
	heap.Push(&w.queue, event{at: at, serial: w.serial, run: run})
}

// say adds a line to the trace.
func (w *world) say(n *node, instance, format string, args ...any) {
	w.trace.Lines = append(w.trace.Lines, Line{
		At: time.Duration(w.now), Node: n.Name, Instance: instance, Text: w.names.Replace(fmt.Sprintf(format, args...)),
	})
}

func (n *node) owns() bool { return n.up && n.node.Machine(0).State() == plan.StateMaster }

// start starts a node: its machines, and each script's first run.
func (w *world) start(i int) {
	n := w.nodes[i]
	n.node, n.up = vrrp.NewNode(n.plan, n.Behaviour), true
	w.say(n, "", "starts")
	checks := n.inOrder()
	for _, c := range checks {
		switch {
		case c.Kind != plan.KindScript:
			w.tell(n, c.event(c.ok))
		default:
			c.counter = vrrp.NewScriptCounter(c.Rise, c.Fall, c.InitFail)
			if c.InitFail {
				w.tell(n, c.event(false))
			}
		}
	}
	for k, source := range n.sources {
		w.step(n, k, vrrp.Start{Source: source, LinkUp: true})
	}
	for _, c := range checks {
		c.firstRun = w.now
		w.count(n, c)
	}
}

// inOrder lists the checks by kind and name.
func (n *node) inOrder() []*check {
	return slices.SortedFunc(maps.Values(n.checks), func(a, b *check) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), strings.Compare(a.Check.Name, b.Check.Name))
	})
}

func (c *check) event(up bool) vrrp.TrackedChanged {
	return vrrp.TrackedChanged{Kind: c.Kind, Name: c.Check.Name, Up: up}
}

// do makes a step of the scenario happen.
func (w *world) do(step Step) {
	n := w.nodes[step.Node]
	switch step.Kind {
	case CheckFails, CheckRecovers:
		c := n.checks[step.Check]
		if c == nil || !n.up {
			return
		}
		c.ok = c.well == (step.Kind == CheckRecovers)
		w.say(n, "", "%s", c.becomes())
		w.count(n, c)
	case Crash:
		w.say(n, "", "is gone")
		w.leave(n)
	case Stop:
		w.say(n, "", "is stopped")
		if n.up {
			w.tell(n, vrrp.Stop{})
		}
		w.leave(n)
	case Start:
		if !n.up {
			w.start(step.Node)
		}
	}
}

func (w *world) leave(n *node) {
	n.up = false
	w.watchOwners()
}

// becomes says what a check finds now.
func (c *check) becomes() string {
	if c.Kind != plan.KindScript {
		return c.event(c.ok).String()
	}
	if c.ok {
		return fmt.Sprintf("check %q succeeds again", c.Check.Name)
	}
	return fmt.Sprintf("check %q fails", c.Check.Name)
}

// count runs a script from its next turn on until its result is certain; of everything else the machines are
// told at once.
func (w *world) count(n *node, c *check) {
	if c.Kind != plan.KindScript {
		w.tell(n, c.event(c.ok))
		return
	}
	c.generation++
	c.runsLeft = min(max(c.Rise, c.Fall), maxRuns)
	turns := (w.now.Sub(c.firstRun) + c.Interval - 1) / c.Interval
	w.scheduleRun(n, c, c.firstRun.Add(turns*c.Interval))
}

func (w *world) scheduleRun(n *node, c *check, at vrrp.Instant) {
	generation := c.generation
	w.schedule(at, func() {
		if !n.up || c.generation != generation {
			return
		}
		if changed, up := c.counter.Result(c.ok); changed {
			w.tell(n, c.event(up))
		}
		if c.runsLeft--; c.runsLeft > 0 {
			w.scheduleRun(n, c, at.Add(c.Interval))
		}
	})
}

// tell gives an event to all instances of a node.
func (w *world) tell(n *node, ev vrrp.Event) {
	for k := range n.plan.Instances {
		w.step(n, k, ev)
	}
}

// tick wakes the instances of a node that are due.
func (w *world) tick(n *node) {
	if k, due := n.node.Due(w.now); due {
		w.step(n, k, vrrp.Tick{})
	}
}

// step gives an event to an instance and does what its node says.
func (w *world) step(n *node, instance int, ev vrrp.Event) {
	for _, o := range n.node.Step(w.now, instance, ev) {
		name := n.plan.Instances[o.Instance].Name
		switch a := o.Action.(type) {
		case vrrp.SendAdvert:
			w.send(n, o.Instance, a.Received())
		case vrrp.Transition:
			w.say(n, name, "%v→%v priority %d: %s", a.From, a.To, a.Priority, a.Cause)
			w.trace.Lines[len(w.trace.Lines)-1].Owner = a.To == plan.StateMaster && o.Instance == 0
			w.watchOwners()
		case vrrp.PriorityChanged:
			w.say(n, name, "priority %d→%d: %s", a.From, a.To, a.Cause)
		case vrrp.Ignored:
			if a.First && a.Reason != vrrp.DropLowerPriority && a.Reason != vrrp.DropNotListening {
				w.say(n, name, "drops adverts from %v: %s", a.Source, a.Detail)
			}
		}
	}
	n.deadline, n.hasDeadline = n.node.NextDeadline()
}

// send takes a packet to the instances of the same virtual router on all other nodes that are there when
// it arrives.
func (w *world) send(from *node, instance int, packet vrrp.PacketReceived) {
	router := from.routers[instance]
	w.schedule(w.now.Add(latency), func() {
		for _, to := range w.nodes {
			k := slices.Index(to.routers, router)
			if to != from && to.up && k >= 0 {
				w.trace.Events++
				w.step(to, k, packet)
			}
		}
	})
}

// watchOwners keeps the account of the time without an owner.
func (w *world) watchOwners() {
	has := slices.ContainsFunc(w.nodes, (*node).owns)
	switch {
	case has && !w.hasOwner:
		w.gap += w.now.Sub(w.ownerless)
	case !has && w.hasOwner:
		w.ownerless = w.now
	}
	w.hasOwner = has
}
