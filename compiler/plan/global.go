package plan

import (
	"net/netip"
	"time"
)

// Global holds global_defs and the words of the top level that are about the whole node. A group that
// is nil has none of its keywords in the text; in one that is there every default is resolved.
type Global struct {
	RouterID string
	// ScriptUser and ScriptGroup run scripts that name no user of their own; "" is the default user.
	ScriptUser, ScriptGroup string
	ScriptSecurity          bool
	// Mail is carried for later releases; this one sends no mail.
	Mail *Mail

	// Startup runs before the director starts, Shutdown after it has stopped.
	Startup, Shutdown *HookScript
	Processes         *Processes
	FIFOs             *FIFOs
	VRRP              *VRRPGlobal
	LVS               *LVSGlobal
	Firewall          *Firewall
	Buffers           *Buffers
	SNMP              *SNMP
	DBus              *DBus
	Files             *Files
	Run               *Run
}

// Mail holds the mail settings of global_defs.
type Mail struct {
	Origin     Origin
	Recipients []string
	From       string
	Server     string
	// ConnectTimeout is how long a connection to Server may take.
	ConnectTimeout time.Duration
	// HELO is the name that the mail server is greeted with; "" is the host's name.
	HELO string
	// VRRPAlerts is what holds for instances and sync groups that say nothing, VirtualServerAlerts and
	// RealServerAlerts for virtual and real servers (smtp_alert, smtp_alert_vrrp, smtp_alert_checker).
	VRRPAlerts, VirtualServerAlerts, RealServerAlerts bool
	// NoFaults sends no mail about FAULT, NoChecks none about health checks.
	NoFaults, NoChecks bool
}

// HookScript is startup_script or shutdown_script.
type HookScript struct {
	Command Command
	// Timeout is how long the script may run.
	Timeout time.Duration
}

// Processes says how keepalived's processes are called and scheduled.
type Processes struct {
	Origin Origin
	// Name is the parent's; "" is the program's.
	Name              string
	VRRP, Checks, BFD Process
	// MaxAutoPriority is the highest real-time priority that a late process may give itself (-1 and 0:
	// none), MinAutoPriorityDelay how late it must have been.
	MaxAutoPriority      int
	MinAutoPriorityDelay time.Duration
}

// Process is how one process is scheduled.
type Process struct {
	// Name is the process's; "" is the program's.
	Name string
	// Nice is -20..19; 0 leaves it as it is.
	Nice int
	// NoSwap locks its memory.
	NoSwap bool
	// RealTimePriority is the SCHED_RR priority, 1..99; 0: none.
	RealTimePriority int
	// RealTimeLimit is how long it may run without a system call that blocks (RLIMIT_RTTIME); 0: no bound.
	RealTimeLimit time.Duration
	// CPUs are those that it may run on; none given: all.
	CPUs []int
}

// FIFOs are the pipes that notifications are written to; nil where there is none.
type FIFOs struct {
	Origin         Origin
	All, VRRP, LVS *FIFO
	// PriorityChanges writes changes of the effective priority too, StatesOnReload all states behind a reload.
	PriorityChanges, StatesOnReload bool
}

// FIFO is one pipe, with the script that reads it.
type FIFO struct {
	Origin Origin
	// Path is where the pipe is; "" where only a script is given, which then never starts.
	Path string
	// User and Group own it; "" is the default user of scripts.
	User, Group string
	// Script is started with the path as its last word; nil: none.
	Script *Command
}

// VRRPGlobal holds the settings of global_defs for all instances. What an instance can set for itself is
// the default of those that do not.
type VRRPGlobal struct {
	Origin Origin
	// Strict holds to the letter of the RFC.
	Strict bool
	// NoAdvertToLower does not answer an advert of lower priority, AdvertToHigher answers one of higher.
	NoAdvertToLower, AdvertToHigher bool
	// CheckUnicastSource drops adverts of unicast senders that are no peers.
	CheckUnicastSource bool
	// SkipAddressCheck does not look at the addresses again while adverts come from the same master.
	SkipAddressCheck bool
	// ChecksumAsV2 leaves the pseudo-header out of version 3's checksum over IPv4.
	ChecksumAsV2 bool
	// OwnerIgnoresAdverts lets an address owner read over what others send.
	OwnerIgnoresAdverts bool
	// LogUnknownVRIDs logs adverts of virtual routers that are not configured.
	LogUnknownVRIDs bool
	// DynamicInterfaces allows interfaces that are not there yet, ChangingInterfaces also those that
	// come back as something else.
	DynamicInterfaces, ChangingInterfaces bool
	// NoLocalIGMP switches the kernel's reports for link-local groups off.
	NoLocalIGMP bool
	// GARPInterval and NAInterval are the least times between two messages on one interface.
	GARPInterval, NAInterval time.Duration
	// ExtraInterfaces announces addresses on other interfaces than the instance's, every ExtraInterval;
	// ExtraAll does so on all of them, not only on virtual MAC interfaces. 0: off.
	ExtraInterval time.Duration
	ExtraAll      bool
	// StartupDelay is how long instances wait before they start, AfterBoot the same counted from the
	// start of the machine.
	StartupDelay, AfterBoot time.Duration
	// MACPrefix begins the names of virtual MAC interfaces, AddressMACPrefix of those for addresses.
	MACPrefix, AddressMACPrefix string
}

// LVSGlobal holds the settings of global_defs for IPVS.
type LVSGlobal struct {
	Origin Origin
	// TCP, TCPFIN and UDP are the timeouts of connections; 0 leaves the kernel's.
	TCP, TCPFIN, UDP time.Duration
	// FlushOnStart removes all virtual servers of the machine before the own ones are made.
	FlushOnStart bool
	// FlushOnStop removes at the end: nothing ("none"), the own virtual servers at once ("own"), or all
	// of the machine ("all").
	FlushOnStop string
	Sync        *SyncDaemon
	// LogAllFailures logs every failed try of a check, NotifyAtStart runs the notifications of real
	// servers for their first state.
	LogAllFailures, NotifyAtStart bool
}

// SyncDaemon is the kernel's exchange of connections between directors.
type SyncDaemon struct {
	Origin    Origin
	Interface string
	// Instance is the instance whose master sends; "" where both directions run at all times.
	Instance string
	// ID tells exchanges on one wire apart, 0..255.
	ID uint8
	// MaxLength is the size of a message in bytes, TTL that of its packets; 0 leaves the kernel's.
	MaxLength uint16
	Port      uint16
	TTL       uint8
	Group     netip.Addr
}

// Firewall holds what keepalived puts into the machine's packet filter.
type Firewall struct {
	Origin   Origin
	IPTables *IPTables
	NFTables *NFTables
	// IPVS is the table that marks packets of groups of virtual servers.
	IPVS *NFTablesIPVS
	// Counters count in the rules of nftables.
	Counters bool
}

// IPTables are the chains for addresses that do not accept packets; "" is no rule for the direction.
type IPTables struct {
	Input, Output string
	// Sets are the names of the six ipsets: IPv4, IPv6, IPv6 of interfaces, IGMP, MLD, neighbour
	// discovery. None: no sets are used.
	Sets []string
}

// NFTables is the table for addresses that do not accept packets.
type NFTables struct {
	Table    string
	Priority int32
	// ByIndex matches interfaces by index, not by name.
	ByIndex bool
}

// NFTablesIPVS is a table of nftables for IPVS; marks are given from FirstMark on.
type NFTablesIPVS struct {
	Table     string
	Priority  int32
	FirstMark uint32
}

// Buffers are the receive buffers of sockets.
type Buffers struct {
	Origin                    Origin
	VRRPCommand, VRRPMonitor  Buffer
	LVSCommand, LVSMonitor    Buffer
	ProcessMonitor            Buffer
	AdvertMTU, AdvertMessages bool
	// AdvertBytes is the size for sockets of adverts by number; 0: AdvertMTU (the interface's MTU) or
	// AdvertMessages (the longest advert) choose it, times AdvertMultiplier, or nothing does.
	AdvertBytes, AdvertMultiplier uint32
}

// Buffer is one receive buffer. Force goes beyond the system's bound; 0 bytes leave the system's size.
type Buffer struct {
	Bytes uint32
	Force bool
}

// SNMP says what is told to an SNMP agent.
type SNMP struct {
	Origin Origin
	// Socket is the agent's; "" is the library's default.
	Socket string
	// Traps, VRRP, RFC2, RFC3 and Checks switch the parts on.
	Traps, VRRP, RFC2, RFC3, Checks bool
	// VirtualServerInterval and RealServerInterval are how old statistics may be.
	VirtualServerInterval, RealServerInterval time.Duration
}

// DBus is the interface on the system bus.
type DBus struct {
	Origin  Origin
	Enabled bool
	// Service is the name on the bus, NoInterface stands for an instance without an interface.
	Service, NoInterface string
}

// Files are the files that keepalived reads and writes beside its configuration.
type Files struct {
	Origin Origin
	// StateDump, StatsDump and JSONDump are where signals make it write; "" is the default place.
	StateDump, StatsDump, JSONDump string
	// JSONVersion is the form of the JSON, 1 or 2.
	JSONVersion int
	// InstanceInNames puts the name of the run into the names of dumps.
	InstanceInNames bool
	// ConfigCopies is a folder for copies of the configuration, TemporaryConfig one in place of memory.
	ConfigCopies, TemporaryConfig string
	// CheckReload tries the configuration before a reload; its messages go to CheckReloadLog.
	CheckReload    bool
	CheckReloadLog string
	// ReloadTime is a file that says when to reload, ReloadRepeat does so each day, Reload is a file
	// that allows a reload. ReloadInPID is its default place in the folder of process ids.
	ReloadTime   string
	ReloadRepeat bool
	Reload       string
	ReloadInPID  bool
	// Umask is that of all files; -1 where it is not set.
	Umask int
	// KeepSymlinks names scripts as they are written, not as links resolve.
	KeepSymlinks bool
	// IPRouteDefaults and IPRouteSettings are folders with the names of routing tables.
	IPRouteDefaults, IPRouteSettings string
	// IncludeChecks is what a missing include must not be: read, match, wildcard_match, brace_match.
	IncludeChecks []string
}

// Run holds the words of the top level: how the program itself runs.
type Run struct {
	Origin Origin
	// Namespace is the network namespace that it runs in; "" is its own.
	Namespace string
	// IPVSNamespace is the one of its IPVS; IPVSElsewhere says that it is given, "" then being the
	// one that the program was started in.
	IPVSNamespace string
	IPVSElsewhere bool
	// IPSetsInNamespace uses ipsets in a namespace on old kernels.
	IPSetsInNamespace bool
	// PIDFolder puts the files of process ids into a folder, Instance into their names.
	PIDFolder bool
	Instance  string
	// ChildWait is how long the parent waits for its processes at the end.
	ChildWait time.Duration
	// PollLinks asks interfaces for their carrier.
	PollLinks bool
}
