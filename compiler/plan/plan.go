// Package plan holds the typed plan: everything that a director will do, decided.
//
// A [Plan] is made by the compiler from the text and an explicit Environment, written to plan.json,
// and executed by karun. It alone decides: what belongs to the machine (interfaces, users, kernel
// features) is listed in Needs, and resolved once before anything is touched. Every object carries
// its Origin. The types here are the program's; plan.json has types of its own (json.go).
//
//	data, err := plan.Encode(p)        // deterministic bytes, secrets included: write with mode 0600
//	q, err := plan.Decode(data)        // bounded, never panics; *plan.VersionError for another major
package plan

import (
	"net/netip"
	"strings"
	"time"
)

// Plan is one node's configuration, compiled.
type Plan struct {
	// Node is the name of the node, as in messages: the main file's name unless it was given.
	Node string
	// Environment names what the compilation took besides the text.
	Environment Environment
	// Sources are the files that were read, main file first, with the SHA-256 of their bytes.
	Sources []Source

	Global          Global
	Scripts         []Script
	Instances       []Instance
	StaticAddresses []Address
	StaticRoutes    []Route
	StaticRules     []Rule
	// Groups are what belongs together among instances and interfaces, Trackables what instances watch.
	Groups     Groups
	Trackables Trackables
	// TLS is what SSL_GET connects with; nil without an SSL block.
	TLS *TLS
	// VirtualServerGroups are those that a virtual server uses.
	VirtualServerGroups []VirtualServerGroup
	VirtualServers      []VirtualServer

	// Needs is what the machine must have; karun checks all of it before it touches anything.
	Needs []Need
	// LeftOut is what --as-keepalived left out of the text, because keepalived would.
	LeftOut []LeftOut
}

// Environment is the summary of the compiler's Environment.
type Environment struct {
	// ConfigID is the id that @id conditions compare with.
	ConfigID string
	// Hash is the SHA-256 (hex) over all that the Environment gave.
	Hash string
}

// Source is a file that was read.
type Source struct {
	// File is relative to the main file's directory.
	File   string
	SHA256 string
}

// Origin is the place of the text that an object comes from.
type Origin struct {
	// File is relative to the main file's directory; Line counts from 1.
	File string
	Line int
}

// Command is a program with its words, split as keepalived splits them.
type Command struct {
	Origin Origin
	Argv   []string
	// User and Group are names; "" is the default user.
	User, Group string
}

// OpensFile returns the path of a command "</path": it runs nothing, and succeeds where the file opens.
func (c *Command) OpensFile() (path string, ok bool) {
	if len(c.Argv) == 0 {
		return "", false
	}
	rest, ok := strings.CutPrefix(c.Argv[0], "<")
	path = strings.TrimLeft(rest, " \t")
	return path, ok && strings.HasPrefix(path, "/")
}

// Script is a vrrp_script.
type Script struct {
	Origin  Origin
	Name    string
	Command Command
	// Interval is the time from one start to the next, Timeout how long a run may take.
	Interval, Timeout time.Duration
	// Weight is the default for instances that track the script; 0 makes a failure a fault.
	Weight  int
	Reverse bool
	// Rise and Fall are how many results in a row change the state.
	Rise, Fall int
	// InitFail starts the script as failed.
	InitFail bool
}

// State is a state of a VRRP instance, by keepalived's names.
type State uint8

// The states. A machine starts in StateInit; StateStopped is behind a stop. StateDeleted is for
// notifications alone: a reload took the instance away.
const (
	StateInit State = iota
	StateBackup
	StateMaster
	StateFault
	StateStopped
	StateDeleted
)

// String gives keepalived's word ("MASTER"; INIT and STOP for the ends).
func (s State) String() string {
	return [...]string{"INIT", "BACKUP", "MASTER", "FAULT", "STOP", "DELETED"}[min(s, StateDeleted)]
}

// AuthType is the authentication of VRRP version 2.
type AuthType uint8

// The types of RFC 2338; the number is the one on the wire. AuthHeader is AH, IP protocol 51.
const (
	AuthNone   AuthType = 0
	AuthPass   AuthType = 1
	AuthHeader AuthType = 2
)

// Auth is the authentication block.
type Auth struct {
	Type AuthType
	// Password holds at most 8 bytes, as on the wire. It is a secret: never printed.
	Password string
}

// Instance is a vrrp_instance.
type Instance struct {
	Origin    Origin
	Name      string
	Interface string
	// Version is the VRRP version, 2 or 3.
	Version int
	// VRID is 1..255, Priority the base priority 1..255 (255: the owner).
	VRID, Priority uint8
	// InitialState is the wish written as "state": StateMaster or StateBackup.
	InitialState State
	NoPreempt    bool
	// PreemptDelay is how long a backup lets a lower master live.
	PreemptDelay time.Duration
	// AdvertInterval is whole seconds in version 2.
	AdvertInterval time.Duration
	// DownTimerAdverts is how many intervals of silence make a master dead (3).
	DownTimerAdverts int
	Auth             Auth
	// HMAC signs adverts (keepalived 2.4 and later); nil: it is off.
	HMAC *HMAC
	// Source is the source address of adverts; not valid: the interface's first address. TrackSource
	// makes its loss a fault.
	Source      netip.Addr
	TrackSource bool
	// Group is the multicast group, 224.0.0.18 unless set; its family is that of the adverts. With
	// Unicast nothing is sent to it.
	Group netip.Addr
	// Unicast holds the peers that adverts are sent to one by one; nil: multicast.
	Unicast *Unicast
	GARP    GARP
	// Link is where the adverts and addresses are; the zero value: on Interface, and as they are.
	Link Link
	// Deviations are what the instance does other than by default.
	Deviations Deviations

	// VIPs are advertised, in order; Excluded are added with them and not advertised.
	VIPs, Excluded []Address
	Routes         []Route
	Rules          []Rule
	TrackScripts   []TrackScript
	// The other things that are tracked, by the names of their definitions.
	TrackInterfaces                      []Tracker
	TrackFiles, TrackProcesses, TrackBFD []Tracker
	Notify                               Notify
}

// GARP holds when a master announces its addresses.
type GARP struct {
	// Delay is the time to the second burst (0: none), Repeat the rounds of a burst.
	Delay  time.Duration
	Repeat int
	// Refresh is the time between later bursts (0: none), RefreshRepeat their rounds.
	Refresh       time.Duration
	RefreshRepeat int
	// LowerPriorityDelay and LowerPriorityRepeat are the same for a burst after a lower advert.
	LowerPriorityDelay  time.Duration
	LowerPriorityRepeat int
	// ExtraInterval is the time between single announcements on interfaces other than the instance's
	// own that carry a VMAC of it (0: none); ExtraAll has them on every interface with a VMAC.
	ExtraInterval time.Duration
	ExtraAll      bool
}

// TrackScript ties an instance to a Script.
type TrackScript struct {
	Origin Origin
	Script string
	// Weight is what counts (the line's own or the script's); 0 makes a failure a fault.
	Weight  int
	Reverse bool
}

// Notify holds the notification commands of an instance; nil where there is none.
type Notify struct {
	Master, Backup, Fault, Stop *Command
	// Any runs at every state with four words appended: INSTANCE, name, state, priority.
	Any *Command
	// LowerPriority runs when a master hears an advert of a lower priority.
	LowerPriority *Command
	// Deleted runs when a reload takes the instance away. DeletedState says that the others are then told
	// DELETED; without it they are told FAULT.
	Deleted      *Command
	DeletedState bool
	// PriorityChanges writes each change of the priority to the notification FIFOs; Mail sends mail at
	// each change of state.
	PriorityChanges, Mail bool
}

// Address is an IP address on an interface.
type Address struct {
	Origin Origin
	// Prefix is the address with its length, host bits kept.
	Prefix    netip.Prefix
	Interface string
	Label     string
	// Broadcast is not valid where none is set.
	Broadcast netip.Addr
	// Scope is the kernel's number: 0 global, 253 link, 254 host.
	Scope uint8
	// Peer is the far end of a point-to-point address; not valid: there is none.
	Peer netip.Addr
	// PreferredLifetime is in seconds, LifetimeForever without an end; nil is the default: 0 for an IPv6
	// address of 128 bits, so that no connection chooses it as its source, for ever for all others.
	PreferredLifetime *uint32
	// DAD leaves duplicate address detection of an IPv6 address on: keepalived switches it off unless
	// the line says "-nodad".
	DAD bool
	// Home, TemporaryBase (mngtmpaddr), NoPrefixRoute and Autojoin are flags of the kernel.
	Home, TemporaryBase, NoPrefixRoute, Autojoin bool
	// NoTrack lets the address go without a failover when somebody else removes it.
	NoTrack bool
	// UseVMAC puts the address on a VMAC of Interface.
	UseVMAC bool
	// TrackGroup names the track_group whose instances watch the interface of a static address.
	TrackGroup string
}

// LifetimeForever is the kernel's number for a lifetime without an end.
const LifetimeForever = 1<<32 - 1

// NeedKind is a kind of thing that a machine must have.
type NeedKind string

// The kinds of needs. Name of a NeedScheduler is the kernel's scheduler name.
const (
	NeedInterface  NeedKind = "interface"
	NeedUser       NeedKind = "user"
	NeedGroup      NeedKind = "group"
	NeedExecutable NeedKind = "executable"
	NeedIPVS       NeedKind = "ipvs"
	NeedScheduler  NeedKind = "ipvs-scheduler"
	// NeedTable is a routing table by its name in the machine's own tables of names.
	NeedTable NeedKind = "routing-table"
	// NeedFile is a file that is read at the start.
	NeedFile NeedKind = "file"
)

// Need is one thing that the machine must have, with the first place that needs it.
type Need struct {
	Kind   NeedKind
	Name   string
	Origin Origin
}

// LeftOut is a line that keepalived would not act on, and that --as-keepalived left out.
type LeftOut struct {
	Origin Origin
	// Text is the line; Reason is the diagnostic that it would have been.
	Text, Reason string
}
