//go:build linux

package director

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime/debug"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"ka/compiler/effect"
	"ka/compiler/plan"
	"ka/runtime/kernel"
	"ka/runtime/process"
	"ka/runtime/vrrp"
)

const (
	// stopDrain is how long a child waits at its end for a supervisor that does not read.
	stopDrain = 500 * time.Millisecond
	// workSlice is how long kernel writes and announcements go on before packets and deadlines are
	// looked at again.
	workSlice = 500 * time.Microsecond
	// listLimit is how long the first list of interfaces and addresses may take.
	listLimit = 10 * time.Second
	// slowSupervisor is how long a message waits for a supervisor that does not read, in milliseconds.
	slowSupervisor = 10
	// putOffPart is the part of the timer's time that has to be over before it is put off.
	putOffPart = 8
	// vrrpMemory is the soft limit of the heap, in bytes: far above what it needs.
	vrrpMemory = 256 << 20
)

// instance is a VRRP instance with what it does to the kernel, worked out at load.
type instance struct {
	plan *plan.Instance
	// index is the instance's in the node; m is its machine, for its status only.
	index int
	m     *vrrp.Machine
	pool  *pool
	changes
	// tracked is all that is tracked for it.
	tracked []plan.Tracked
	// pending are the changes that a reload brings, diff turns what is held into what they want; both are
	// set while the machine takes its new configuration.
	pending *changes
	diff    []effect.Change
	// held holds the wanted objects by key while they are ours, but for those that may go; uses are the keys
	// of all.
	held map[string]effect.Change
	uses []string
	// queued counts the steps of work with changes of it, repairs paces what is put back; failed says that
	// something could not be added, refused that an address could not.
	queued          int
	repairs         repairs
	failed, refused bool
	// announcing counts the announcements of all its addresses that wait.
	announcing int
	// since is the wall clock at the latest transition, cause why.
	since  time.Time
	cause  string
	source sourceState
	// lacks says that the supervisor was asked for the address of its VMAC.
	lacks bool
	// sendErrs are the latest errors of sending, by destination; they are logged when they change.
	sendErrs map[netip.Addr]error
	// heard is the latest sender, where several instances share a VRID.
	heard netip.Addr
}

// vrrpProcess is the state of the vrrp process. All of it belongs to one goroutine.
type vrrpProcess struct {
	link      *childLink
	plan      *plan.Plan
	kernel    *kernel.Handle
	kept      map[string]bool
	untracked map[string]bool // keys of what is not put back
	node      *vrrp.Node
	signs     bool         // some instance signs its adverts: the machines need the wall clock
	startAt   vrrp.Instant // when the delay of the start ends; 0: there is none
	// made are the interfaces that the supervisor makes, with those below them.
	made      map[string]string
	instances []*instance
	static    *instance // holds the static objects; it has no machine
	pools     []*pool
	late      []*pool // reused by listenIfLate
	mirror    mirror
	work      []step
	// answers are the parts of answers to status requests.
	answers []func()
	// repairs says when the next look at what is missing is due; holders counts who holds an object; sourced
	// are the keys of held routes by the source address that they give, parts those of routes with several next
	// hops by the key of one.
	repairs map[*instance]vrrp.Instant
	holders map[string]int
	sourced map[netip.Addr][]string
	parts   map[string]string
	// lists counts the lists of the kernel.
	lists     uint64
	trackers  trackers
	announcer announcer
	// known is what was last told of each tracked thing.
	known map[trackedKey]trackedState
	// reloads hands over plans that were read beside the loop; cancelWatch ends the watch of the kernel.
	reload      reloadState
	reloads     chan *newPlan
	cancelWatch context.CancelFunc
	ctx         context.Context

	busy busy
	told told

	poller *process.Poller
	writer writer
	// reading is a reload whose plan is being read, before what the loop does about that.
	reading bool
	before  before
	timer   int
	// armed is when the timer goes off, armedAt when it was set to that.
	armed, armedAt vrrp.Instant
	arp            int
	events         *eventQueue
	// again is when sockets that could not be opened, and a watch that could not begin, are tried again; 0: there
	// are none.
	again     vrrp.Instant
	unwatched bool
	ready     bool
	stopping  bool
	keep      bool
}

// runVRRP runs until the supervisor says stop, or has gone.
func runVRRP(link *childLink, p *plan.Plan, s setup) error {
	process.OwnProcessor(2) // one writes to the kernel, also while another one reads a plan
	debug.SetGCPercent(collectAt(len(p.Instances)))
	debug.SetMemoryLimit(vrrpMemory)
	soonAwake()
	v := &vrrpProcess{
		link: link, plan: p, keep: s.Keep, kept: make(map[string]bool), mirror: newMirror(p), announcer: newAnnouncer(p),
		repairs: make(map[*instance]vrrp.Instant), holders: make(map[string]int), sourced: make(map[netip.Addr][]string), parts: make(map[string]string),
		known: make(map[trackedKey]trackedState), reloads: make(chan *newPlan, 1),
	}
	v.untracked, v.made = effect.Untracked(p), madeLinks(p)
	for _, k := range s.Kept {
		v.kept[k] = true
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if err := v.open(ctx); err != nil {
		return err
	}
	defer close(v.writer.steps)
	v.load()
	v.loadTrackers(s.Carriers)
	if err := v.waitForList(); err != nil {
		return err
	}
	if err := v.openPools(); err != nil {
		return err
	}
	debug.FreeOSMemory() // loading is over, and nothing of it is needed again
	v.start(s.Tracked, vrrp.Instant(s.StartAt))
	v.busy = newBusy(p, s.Limit)
	return v.loop()
}

// collectAt says by how many percent the heap grows before garbage is collected: seldom where it is small, as
// collecting takes time from the adverts, and by less where many instances make it large.
func collectAt(instances int) int {
	const seldom, often, large = 400, 100, 500
	return max(seldom-(seldom-often)*instances/large, often)
}

// endOfDelay is when a start that is delayed may go on: the longer of vrrp_startup_delay and what is left of
// vrrp_delay_after_boot counts. It holds for every vrrp process of this start.
func endOfDelay(g *plan.VRRPGlobal, now vrrp.Instant, uptime time.Duration) vrrp.Instant {
	if g == nil {
		return 0
	}
	delay := max(g.StartupDelay, g.AfterBoot-uptime)
	if delay <= 0 {
		return 0
	}
	return now.Add(delay)
}

// uptime is for how long the machine runs.
func uptime() time.Duration {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts) // cannot fail for this clock
	return time.Duration(ts.Nano())
}

// open makes the descriptors that the loop waits for.
func (v *vrrpProcess) open(ctx context.Context) (err error) {
	if v.kernel, err = kernel.Open(); err != nil {
		return err
	}
	if v.poller, err = process.NewPoller(); err != nil {
		return err
	}
	if v.timer, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK); err != nil {
		return fmt.Errorf("timer: %w", err)
	}
	if v.arp, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0); err != nil {
		return fmt.Errorf("packet socket for gratuitous ARP: %w", err)
	}
	v.ctx = ctx
	if v.events, err = newEventQueue(); err != nil {
		return err
	}
	v.writer = newWriter(v.kernel, v.events.wake)
	if err := v.watchAgain(); err != nil {
		return err
	}
	for _, fd := range []int{v.link.fd, v.events.fd} {
		if err := v.poller.Add(fd, unix.EPOLLIN); err != nil {
			return err
		}
	}
	// Setting the timer forgets that it went off: with edges nobody has to read it.
	return v.poller.Add(v.timer, unix.EPOLLIN|unix.EPOLLET)
}

// load makes the machines, with what they do to the kernel.
func (v *vrrpProcess) load() {
	v.node = vrrp.NewNode(v.plan, vrrp.Karun())
	static, all := changesOf(v.plan, v.kept)
	for i := range v.plan.Instances {
		inst := newInstance(&v.plan.Instances[i], i, v.node.Machine(i))
		inst.changes = all[i]
		v.signs = v.signs || inst.plan.HMAC != nil
		v.instances = append(v.instances, inst)
	}
	v.static = &instance{plan: &plan.Instance{}, changes: static, held: make(map[string]effect.Change)}
}

func newInstance(p *plan.Instance, index int, m *vrrp.Machine) *instance {
	return &instance{plan: p, index: index, m: m, held: make(map[string]effect.Change), since: time.Now()}
}

// start adds the static objects and starts the machines. It waits for no change of the kernel: the machines listen
// already, and the stop may come.
func (v *vrrpProcess) start(known []trackedState, startAt vrrp.Instant) {
	v.startAt = startAt
	v.queueChanges(v.static, true)
	v.queueCall(func() { v.link.send(message{Type: msgReady}) })
	v.startTrackers(known)
	for _, inst := range v.instances {
		inst.source = v.source(inst.plan)
		v.startMachine(inst)
	}
	v.ready = true
}

// startMachine starts the machine of an instance, behind the delay of the start where that is not over.
func (v *vrrpProcess) startMachine(inst *instance) {
	v.step(inst, vrrp.Start{Source: inst.source.address, LinkUp: inst.source.up, Delay: max(v.startAt.Sub(monotonic()), 0)})
}

// loop is the life of the process: packets and messages first, then deadlines, then a slice of work.
func (v *vrrpProcess) loop() error {
	for {
		if v.stopping && v.finished() {
			v.link.send(message{Type: msgStopped})
			return nil
		}
		due := v.arm()
		from := monotonic()
		v.busy.breathe(from)
		events, err := v.await()
		if err != nil {
			return err
		}
		now := monotonic()
		slept := v.busy.waited(from, now)
		if err := v.turn(due, now, events, slept); err != nil {
			return err
		}
		v.link.flush()
		v.doWork(monotonic().Add(workSlice))
		v.answerOne()
	}
}

// turn handles what a wait has brought, and what was due at its end. What becomes due while packets are handled is the
// next turn's, which listens before.
func (v *vrrpProcess) turn(due, now vrrp.Instant, events []unix.EpollEvent, slept bool) error {
	v.listenIfLate(due, now)
	for _, ev := range events {
		if err := v.handle(int(ev.Fd), slept); err != nil {
			return err
		}
	}
	v.fire(now)
	return nil
}

// await waits for descriptors, and only looks at them where there is something else to do.
func (v *vrrpProcess) await() ([]unix.EpollEvent, error) {
	switch {
	case !v.idle() || len(v.answers) > 0:
		return v.poller.Wait(0)
	case len(v.link.queue) > 0:
		return v.poller.Wait(slowSupervisor)
	case v.reading:
		return v.poller.Wait(process.ForEver)
	}
	return v.poller.WaitPatiently()
}

// listenIfLate reads the sockets of instances whose deadline has passed: a process that slept too long has
// the master's adverts waiting there, and must not take over from a living master because it looked at the clock, or
// at anything else that makes a machine look at the clock, before it listened.
func (v *vrrpProcess) listenIfLate(due, now vrrp.Instant) {
	if due == 0 || due > now {
		return
	}
	if v.busy.late(due, now) {
		v.link.send(message{Type: msgLate})
	}
	v.late = v.late[:0]
	v.node.Late(now, func(i int) {
		if p := v.instances[i].pool; p != nil && !slices.Contains(v.late, p) {
			v.late = append(v.late, p)
		}
	})
	for _, p := range v.late {
		v.readPackets(p, readsWhenLate)
	}
}

// fire gives a tick to every machine whose deadline has passed, and puts back what was removed.
func (v *vrrpProcess) fire(now vrrp.Instant) {
	for !v.stopping {
		i, due := v.node.Due(now)
		if !due {
			break
		}
		v.step(v.instances[i], vrrp.Tick{})
	}
	v.fireLinks(now)
	v.fireAnnouncements(now)
	if v.again != 0 && v.again <= now {
		v.tryResources()
	}
	for inst, at := range v.repairs {
		if at <= now {
			delete(v.repairs, inst)
			v.repair(inst)
		}
	}
}

// tryResources tries what the machine lacked the means for.
func (v *vrrpProcess) tryResources() {
	v.again = 0
	v.updateSources()
	if v.unwatched && v.watchAgain() != nil {
		v.again = monotonic().Add(againPause)
	}
}

// next is the earliest deadline; 0 for none.
func (v *vrrpProcess) next() vrrp.Instant {
	if v.stopping {
		return 0
	}
	next, _ := v.node.NextDeadline()
	if at := v.trackers.next; at != 0 && (next == 0 || at < next) {
		next = at
	}
	if at := v.nextAnnouncement(); at != 0 && (next == 0 || at < next) {
		next = at
	}
	if at := v.again; at != 0 && (next == 0 || at < next) {
		next = at
	}
	for _, at := range v.repairs {
		if next == 0 || at < next {
			next = at
		}
	}
	return next
}

// arm sets the timer to the next deadline, and returns that; 0 for none. Each advert that a backup hears puts a
// deadline off. A timer that goes off for nothing costs as much as many such calls, and less than one for each of a
// thousand instances: so it is put off a few times in its time, and with one instance by every advert.
func (v *vrrpProcess) arm() vrrp.Instant {
	next := v.next()
	if next == v.armed || next == 0 {
		return next
	}
	now := monotonic()
	if v.armed != 0 && v.armed < next && now.Sub(v.armedAt) < v.armed.Sub(v.armedAt)/putOffPart {
		return next
	}
	v.armed, v.armedAt = next, now
	setTimer(v.timer, next)
	return next
}

// handle reads what has come on a descriptor. Behind a sleep that is a single advert, as a rule: the first look at
// what else has come is the next wait's.
func (v *vrrpProcess) handle(fd int, slept bool) error {
	switch fd {
	case v.timer:
		v.armed = 0
		return nil
	case v.link.fd:
		return v.hearSupervisor()
	case v.events.fd:
		v.events.awake()
		v.takeWritten()
		v.takeReload()
		v.events.each(v.kernelEvent)
		return nil
	}
	limit := readsPerWake
	if slept {
		limit = 1
	}
	for _, p := range v.pools {
		if p.receive == fd {
			v.readPackets(p, limit)
		}
	}
	return nil
}

// hearSupervisor takes a bounded number of the messages that have come; what is left wakes the loop again.
func (v *vrrpProcess) hearSupervisor() error {
	for range readsPerWake {
		m, ok, err := v.link.receive()
		if errors.Is(err, errLinkClosed) {
			v.orphaned()
			return nil
		}
		if err != nil || !ok {
			return err
		}
		switch m.Type {
		case msgTracked:
			v.hearTracked(m.Tracked)
		case msgCarrier:
			v.hearCarrier(m.Tracked)
		case msgTableMade:
			v.fillTable(m.Text)
		case msgStatus:
			v.sendStatus(m.ID)
		case msgReload:
			v.beginReload(m.ID, m.file)
		case msgStop:
			v.stop(m.Keep)
		}
	}
	return nil
}

// stop ends all machines: priority 0 goes out at once, then the addresses and the static objects go.
func (v *vrrpProcess) stop(keep bool) {
	if v.stopping {
		return
	}
	v.stopping = true
	clear(v.repairs)
	if keep {
		v.work = nil
		return
	}
	// A reload goes no further: what it would start now nobody would stop, and the supervisor may be gone.
	v.work = slices.DeleteFunc(v.work, func(s step) bool { return s.call != nil })
	for _, inst := range v.instances {
		v.step(inst, vrrp.Stop{})
	}
	v.queueChanges(v.static, false)
}

// step tells an instance of an event, and does what it and its sync group say.
func (v *vrrpProcess) step(inst *instance, ev vrrp.Event) {
	now := monotonic()
	if v.signs {
		v.node.SetWallClock(vrrp.WallTime(time.Now().UnixNano()) - vrrp.WallTime(now))
	}
	for _, o := range v.node.Step(now, inst.index, ev) {
		v.do(v.instances[o.Instance], o.Action)
	}
}

// warn logs a failure of the machine's.
func (v *vrrpProcess) warn(text string, attrs ...any) { v.link.log(slog.LevelWarn, text, attrs...) }
