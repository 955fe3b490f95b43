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
	// interface has none, a fault); LinkUp says that the interface is up and running. Pending are the
	// tracked scripts without weight that have not reported yet: they hold the machine back.
	Start struct {
		Source netip.Addr
		LinkUp bool
	}
	// PacketReceived is a whole IPv4 packet as a raw socket hands it over.
	PacketReceived struct{ Packet []byte }
	// ScriptChanged is a tracked script that went up or down (rise and fall counted: [ScriptCounter]).
	ScriptChanged struct {
		Script string
		Up     bool
	}
	// LinkChanged is the interface going up (and running) or down.
	LinkChanged struct{ Up bool }
	// SourceChanged is a new source address; not valid: the interface lost its last one.
	SourceChanged struct{ Source netip.Addr }
	// Tick says only that time has passed: every Step looks at the deadlines first.
	Tick struct{}
	// Stop ends the machine.
	Stop struct{}
)

func (Start) event()          {}
func (PacketReceived) event() {}
func (ScriptChanged) event()  {}
func (LinkChanged) event()    {}
func (SourceChanged) event()  {}
func (Tick) event()           {}
func (Stop) event()           {}

// Action is something that the caller has to do, in the order given.
type Action interface{ action() }

// The actions.
type (
	// SendAdvert sends a whole IPv4 packet to its destination.
	SendAdvert struct {
		Packet   []byte
		Priority uint8
	}
	// AddAddresses adds the instance's addresses and routes; RemoveAddresses takes them away.
	AddAddresses    struct{}
	RemoveAddresses struct{}
	// AnnounceAddresses sends gratuitous ARP: Rounds times over all addresses in turn.
	AnnounceAddresses struct{ Rounds int }
	// NotifyState runs the notification commands for State.
	NotifyState struct {
		State    plan.State
		Priority uint8
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
	// Ignored reports a packet that had no effect, and why. It is counted by its Reason.
	Ignored struct {
		Reason DropReason
		Source netip.Addr
		Detail string
	}
)

func (SendAdvert) action()        {}
func (AddAddresses) action()      {}
func (RemoveAddresses) action()   {}
func (AnnounceAddresses) action() {}
func (NotifyState) action()       {}
func (Transition) action()        {}
func (PriorityChanged) action()   {}
func (Ignored) action()           {}

// DropReason names why a packet had no effect. The strings are stable: they are metric labels.
type DropReason string

// Behaviour is a table of named differences between implementations: karun runs with its own, kalint
// judges each node with that of its target.
type Behaviour struct {
	// Name is "karun" or "keepalived 2.4.3".
	Name string
	// RejectedPacketRestartsAdvertTimer: a master that received any packet of its VRID, even one that
	// it rejects, sends its next advert one interval later (reference: the deadline quirk).
	RejectedPacketRestartsAdvertTimer bool
	// VIPListMismatchRejects: an advert with another list of addresses is dropped (up to 2.3.2).
	VIPListMismatchRejects bool
	// PaddingAccepted: bytes behind the packet that Ethernet's minimum length explains are ignored (2.3.2 on).
	PaddingAccepted bool
}
