package vrrp

import (
	"net/netip"
	"time"

	"ka/compiler/plan"
)

// Instant is a point on the caller's monotonic clock: the time since an epoch of the caller's choice.
type Instant time.Duration

// Add returns the instant d later.
func (t Instant) Add(d time.Duration) Instant { return t + Instant(d) }

// Sub returns the time from u to t.
func (t Instant) Sub(u Instant) time.Duration { return time.Duration(t - u) }

// Event is something that happened to an instance.
type Event interface{ event() }

// The events.
type (
	// Start begins the machine. Source is the address that adverts are sent from (not valid: the
	// interface has none, a fault); LinkUp says that the interface is up and running. Tracked scripts
	// without weight hold the machine back, silently, until each has reported with a TrackedChanged;
	// those known beforehand (init_fail, a reload) may report before the Start. Until Delay is over no
	// advert is heard or sent, and a backup's Master_Down begins behind it (vrrp_startup_delay). The
	// members of a sync group go on when the last of them was started.
	Start struct {
		Source netip.Addr
		LinkUp bool
		Delay  time.Duration
	}
	// PacketReceived is a packet as a raw socket hands it over: of IPv4 the whole packet, of IPv6 what is
	// behind the header, and what the kernel tells of the header: Source, Destination and HopLimit
	// (reference vrrp 4.1). The three are for IPv6 alone; without a source the packet is IPv4.
	PacketReceived struct {
		Packet              []byte
		Source, Destination netip.Addr
		HopLimit            uint8
	}
	// TrackedChanged is a tracked thing that went up or down, or what is first known of it. What was
	// never told has no effect.
	TrackedChanged struct {
		Kind plan.TrackedKind
		Name string
		// Up: the script succeeds (rise and fall counted: [ScriptCounter]), the interface is up and running,
		// the processes are as many as they should be, the BFD session is up.
		Up bool
		// Number is what stands in a file.
		Number int
	}
	// LinkChanged is the interface going up (and running) or down.
	LinkChanged struct{ Up bool }
	// SourceChanged is a new source address; not valid: the interface lost its last one.
	SourceChanged struct{ Source netip.Addr }
	// AddressLost is one of the instance's addresses or routes that somebody else removed while the
	// instance was master.
	AddressLost struct{ Address netip.Addr }
	// Tick says only that time has passed: every Step looks at the deadlines.
	Tick struct{}
	// Stop ends the machine.
	Stop struct{}
	// Reload gives the machine another configuration of the same virtual router (reference vrrp 3.9), and
	// all that is tracked for it. What is known of a thing that stays is kept, unless Forget names it: a
	// script with other words is another script. Known is what others have found of what is tracked: a fault
	// that gives way to another one is no recovery. DelayEnds, where it is not 0, is when the delay of the start
	// ends from now on. Delete ends the machine: a reload took its instance away.
	Reload struct {
		Instance        plan.Instance
		Tracked, Forget []plan.Tracked
		Known           []TrackedChanged
		DelayEnds       Instant
	}
	Delete struct{}
)

func (Start) event()          {}
func (PacketReceived) event() {}
func (TrackedChanged) event() {}
func (LinkChanged) event()    {}
func (SourceChanged) event()  {}
func (AddressLost) event()    {}
func (Tick) event()           {}
func (Stop) event()           {}
func (Reload) event()         {}
func (Delete) event()         {}

// Action is something that the caller has to do, in the order given.
type Action interface{ action() }

// The actions.
type (
	// SendAdvert sends a packet to its destination. Of IPv4 it is the whole packet; of IPv6 what is behind
	// the header, which the kernel makes from Source, Destination and HopLimit (HopLimitKernel: its own
	// choice). An advert to several unicast peers is as many of these, one behind the other.
	SendAdvert struct {
		Packet              []byte
		Source, Destination netip.Addr
		HopLimit            int
		Priority            uint8
	}
	// AddAddresses adds the instance's addresses and routes; RemoveAddresses takes them away.
	AddAddresses    struct{}
	RemoveAddresses struct{}
	// ChangeAddresses turns those that are there into those of the configuration that a reload brought.
	ChangeAddresses struct{}
	// AnnounceAddresses sends gratuitous ARP: Rounds times over all addresses in turn, or over those in
	// Only, where it is set.
	AnnounceAddresses struct {
		Rounds int
		Only   []plan.Address
	}
	// AnnounceExtra announces one address on each interface with a VMAC that sends no adverts
	// (garp_extra_if), AnnounceSource the source of adverts, once.
	AnnounceExtra  struct{}
	AnnounceSource struct{ Source netip.Addr }
	// NotifyState runs the notification commands for State: those of the instance, or, where Group names
	// one, those of the sync group, whose Priority is 0.
	NotifyState struct {
		State    plan.State
		Priority uint8
		Group    string
	}
	// HeardLower tells of an advert of a lower priority that a master heard and answered; Priority is the
	// master's own, Heard that of the advert. First says that none was heard for the time after which a
	// master counts as gone: the one to log.
	HeardLower struct {
		Priority, Heard uint8
		Source          netip.Addr
		First           bool
	}
	// Transition reports a change of state with its cause, for logs, status and timelines.
	Transition struct {
		From, To plan.State
		Priority uint8
		Cause    string
	}
	// PriorityChanged reports a new effective priority.
	PriorityChanged struct {
		From, To uint8
		Cause    string
	}
	// Ignored reports a packet that had no effect, and why. It is counted by its Reason. First says
	// that it is the first for this reason since the state or the master changed: the one to log.
	Ignored struct {
		Reason DropReason
		Source netip.Addr
		Detail string
		First  bool
	}
	// Noticed reports something odd about a packet that was accepted all the same, once for each
	// reason until the state or the master changes.
	Noticed struct {
		Reason DropReason
		Source netip.Addr
		Detail string
	}
)

func (SendAdvert) action()        {}
func (AddAddresses) action()      {}
func (RemoveAddresses) action()   {}
func (ChangeAddresses) action()   {}
func (AnnounceAddresses) action() {}
func (AnnounceExtra) action()     {}
func (AnnounceSource) action()    {}
func (NotifyState) action()       {}
func (HeardLower) action()        {}
func (Transition) action()        {}
func (PriorityChanged) action()   {}
func (Ignored) action()           {}
func (Noticed) action()           {}

// DropReason names why a packet had no effect. The strings are stable: they are metric labels.
type DropReason string

// Status is what a machine knows of itself, for people and programs.
type Status struct {
	Name  string
	State plan.State
	// Priority is the effective priority, BasePriority that of the configuration.
	Priority, BasePriority uint8
	// Source is the address that adverts are sent from; not valid: none.
	Source netip.Addr
	// Master is the sender of the last accepted advert, Source itself in a master; not valid: none yet.
	Master         netip.Addr
	MasterPriority uint8
	// Since is when State was entered, Transitions how often a state was.
	Since       Instant
	Transitions uint64
	// Faults says why the instance is in fault, Pending which scripts it waits for, Tracked what is known
	// of each tracked thing.
	Faults, Pending []string
	Tracked         []TrackedStatus
	// Counters counts adverts, transitions, and by its reason every packet and event that was ignored.
	Counters map[string]uint64
}
