package vrrp

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"ka/compiler/plan"
)

// Machine is the state machine of one instance. It is not for use by several goroutines.
type Machine struct {
	inst       plan.Instance
	behaviour  Behaviour
	acceptance *Acceptance

	// state and step belong together; only the become functions (become.go) set them.
	state       plan.State
	step        func(*Machine, Instant, Event)
	since       Instant
	transitions uint64

	// now is the time of the latest Step: time never goes back.
	now     Instant
	started bool
	// wantMaster is what the instance would be without a fault; it decides for an owner.
	wantMaster bool

	// deadline counts if armed: the next advert of a master, the death of a backup's master, the first
	// step of an owner.
	deadline      Instant
	armed         bool
	announcements []announcement
	// lastAdvert is when a master sent its latest advert.
	lastAdvert Instant
	// notBefore ends the delay of the start, in which adverts are neither heard nor sent.
	notBefore Instant

	// base is the configured priority (an owner's may be demoted for ever, by behaviour), priority the
	// effective one.
	base, priority uint8
	// masterInterval is the advert interval that Master_Down counts with: version 3 learns the master's.
	masterInterval time.Duration
	master         netip.Addr
	masterPriority uint8
	// doubt says what was heard since the last accepted advert that makes a backup take over; "" is
	// nothing.
	doubt string
	// preemptAt is when the preemption delay is over, if it is running.
	preemptAt      Instant
	preemptRunning bool
	conflict       ownerConflict
	// lowerUntil is up to when another lower advert says nothing new to a master.
	lowerUntil Instant

	source netip.Addr
	// spoke is the source of the latest advert: a master whose source is gone says goodbye from it.
	spoke  netip.Addr
	linkUp bool
	// tracked is what counts, in order.
	tracked []tracked

	// sender makes packets; it shares its memory with acceptance.
	sender *Sender
	// wallOffset is what the wall clock is ahead of the machine's; a node has one for all.
	wallOffset *WallTime
	counters   map[string]uint64
	// seen holds the reasons that were reported since the state or the master changed.
	seen map[DropReason]bool

	// group is the sync group, nil for none. index is the machine's in its node; out is where all actions
	// of the node go, in order.
	group *group
	index int
	out   *[]Output
	// due and place are the node's: the deadline that its queue knows, and where in it the machine is.
	due   Instant
	place int
	// notified says that a state of the instance was notified before.
	notified bool
}

// NewMachine makes a machine in StateInit. The instance is the compiler's work: its values are taken
// as they are, except that intervals, counts and the priority have a minimum, so that time always
// goes on.
func NewMachine(inst plan.Instance, b Behaviour) *Machine {
	inst = bounded(inst)
	sender := NewSender(inst)
	m := &Machine{
		inst:           inst,
		behaviour:      b,
		sender:         sender,
		acceptance:     newAcceptance(inst, b, sender.session),
		step:           (*Machine).stepInit,
		wantMaster:     inst.InitialState == plan.StateMaster,
		base:           inst.Priority,
		priority:       inst.Priority,
		masterInterval: inst.AdvertInterval,
		counters:       make(map[string]uint64),
		seen:           make(map[DropReason]bool),
		place:          notQueued,
		out:            new([]Output),
		wallOffset:     new(WallTime),
	}
	m.Track(inst.Tracked())
	return m
}

// Supported returns an error that says what of the instance karun does not run in this release.
func Supported(inst plan.Instance) error {
	if inst.Version != 2 && inst.Version != 3 {
		return fmt.Errorf("VRRP version %d is not run by this release", inst.Version)
	}
	rest := notRunOf(inst)
	if settings := rest.Settings(); len(settings) > 0 {
		return notRun(settings)
	}
	return nil
}

// notRunOf is the instance without the settings that are run.
func notRunOf(inst plan.Instance) plan.Instance {
	inst.Unicast, inst.HMAC, inst.TrackSource = nil, nil, false
	inst.Link.VRF, inst.Link.ReceiveBufferBytes = "", 0
	inst.Link.UntrackedInterface, inst.Link.Polling = false, false
	inst.Link.VMAC, inst.Link.IPVLAN, inst.Link.PromoteSecondaries, inst.Link.VMACForAddresses = nil, nil, false, false
	inst.GARP.ExtraInterval, inst.GARP.ExtraAll = 0, false
	d := &inst.Deviations
	d.Strict, d.NoVIPs, d.NoAccept, d.SkipAddressCheck, d.ChecksumWithoutHeader = false, false, false, false, false
	d.LowerPriorityNoAdvert, d.HigherPrioritySendAdvert, d.OwnerIgnoreAdverts = false, false, false
	d.TimerExpiredBackup = 0
	return inst
}

// notRun names settings once each.
func notRun(settings []plan.Setting) error {
	var names []string
	for _, s := range settings {
		if name := strconv.Quote(s.Keyword); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	verb := "is"
	if len(names) > 1 {
		verb = "are"
	}
	return fmt.Errorf("%s %s not run by this release", strings.Join(names, ", "), verb)
}

// Step takes what happened at now and returns what to do, in order. Deadlines that have passed are
// handled before the event, but never because of a packet: what was in the socket before counts before
// the deadline, and a process that overslept must not take over from a master that it has already been
// told of. So a caller hands over all packets that wait, and only then the [Tick] that NextDeadline
// asks for. A now before that of the previous Step counts as that one. A member of a [Node] is moved by
// its Step, not by this one.
func (m *Machine) Step(now Instant, ev Event) []Action {
	*m.out = (*m.out)[:0]
	m.advance(now, ev)
	var actions []Action
	for _, o := range *m.out {
		actions = append(actions, o.Action)
	}
	return actions
}

// advance is Step, whose actions are in m.out.
func (m *Machine) advance(now Instant, ev Event) {
	if now < m.now {
		m.count(ignoredClockWent)
		now = m.now
	}
	m.now = now
	m.fallBehind(now)
	if _, packet := ev.(PacketReceived); !packet {
		m.fireDeadlines(now)
	}
	switch ev := ev.(type) {
	case Reload:
		m.reload(now, ev)
	case Delete:
		m.becomeDeleted(now)
	default:
		m.step(m, now, ev)
	}
}

// Status returns a copy of what the machine knows.
func (m *Machine) Status() Status {
	s := Status{
		Name: m.inst.Name, State: m.state,
		Priority: m.priority, BasePriority: m.base,
		Source: m.source, Master: m.master, MasterPriority: m.masterPriority,
		Since: m.since, Transitions: m.transitions,
		Faults: m.allFaults(), Pending: m.pending(), Tracked: m.trackedStatus(),
		Counters: maps.Clone(m.counters),
	}
	if m.owning() {
		s.Master, s.MasterPriority = m.source, m.priority
	}
	return s
}

// State returns the state alone: Status copies everything.
func (m *Machine) State() plan.State { return m.state }

// owning reports whether the addresses are ours.
func (m *Machine) owning() bool { return m.state == plan.StateMaster }

func (m *Machine) emit(a Action) { *m.out = append(*m.out, Output{m.index, a}) }

func (m *Machine) count(name string) { m.counters[name]++ }

// ignore counts and reports a packet that had no effect.
func (m *Machine) ignore(reason DropReason, source netip.Addr, detail string) {
	m.count(string(reason))
	first := !m.seen[reason]
	m.seen[reason] = true
	m.emit(Ignored{Reason: reason, Source: source, Detail: detail, First: first})
}
