package plan

import (
	"net/netip"
	"time"
)

// IPv6 reports whether the adverts of the instance are IPv6.
func (in *Instance) IPv6() bool { return in.Group.Is6() }

// Unicast is how adverts are sent to peers one by one (reference vrrp 4.2).
type Unicast struct {
	// Peers get one copy each, in order. None: the instance is in FAULT (unicast_fault_no_peer).
	Peers []Peer
	// TTL is the time to live, in IPv6 the hop limit, of what is sent; TTLKernel leaves it to the kernel.
	TTL int
	// CheckSource drops adverts whose source is no peer, or whose TTL is not within the peer's bounds.
	CheckSource bool
	// Checksum is how the checksum of version 3 over IPv4 is made.
	Checksum ChecksumMode
}

// TTLKernel leaves the hop limit to the kernel (64 unless it is told otherwise).
const TTLKernel = -1

// Peer is a node that gets adverts by unicast.
type Peer struct {
	Origin  Origin
	Address netip.Addr
	// MinTTL and MaxTTL bound the TTL of what is heard from it: 0 and 255 unless given.
	MinTTL, MaxTTL uint8
}

// ChecksumMode says which destination the checksum of a unicast advert of version 3 covers.
type ChecksumMode string

// The modes: the real destination, but what an old peer sends is accepted and copied; the multicast
// group, as keepalived up to 1.3.6 did; the real destination, whatever the peer does.
const (
	ChecksumAuto  ChecksumMode = "auto"
	ChecksumOld   ChecksumMode = "old"
	ChecksumNever ChecksumMode = "never-old"
)

// HMAC is the signature of adverts (reference vrrp 1.7).
type HMAC struct {
	Origin Origin
	Keys   []HMACKey
	// ActiveKey is the id of the key that signs; it is one of Keys.
	ActiveKey uint8
	// TimeWindow is how far the clocks may be apart, whole seconds; ReplayTime only.
	TimeWindow time.Duration
	Replay     ReplayMode
	Mode       HMACMode
}

// HMACKey is a key. Exactly one of Secret and File is set.
type HMACKey struct {
	Origin Origin
	// ID is 1..255, as on the wire.
	ID uint8
	// Secret holds 32 to 64 bytes: never printed.
	Secret string
	// File is where the key is read from at the start.
	File string
}

// ReplayMode is how an advert that was recorded is told from a new one.
type ReplayMode string

// The modes: by the clock within the time window, or by the counter alone.
const (
	ReplayTime      ReplayMode = "time"
	ReplayMonotonic ReplayMode = "monotonic"
)

// HMACMode says what happens to adverts without a signature.
type HMACMode string

// The modes: they are dropped; they are accepted; they are accepted, and none is sent with one.
const (
	HMACEnforce     HMACMode = "enforce"
	HMACPermissive  HMACMode = "permissive"
	HMACReceiveOnly HMACMode = "receive-only"
)

// Link is where the adverts and the addresses of an instance are.
type Link struct {
	// VMAC is an interface with a virtual MAC; IPVLAN one with its own address. At most one is set.
	VMAC   *VMAC
	IPVLAN *IPVLAN
	// VMACForAddresses puts the addresses on other interfaces onto VMACs of those (use_vmac_addr).
	VMACForAddresses bool
	// AddressVMACs are VMACs for addresses that are not on the instance's own, made for this instance; one
	// that another instance has made already is shared.
	AddressVMACs []AddressVMAC
	// VRF is the routing domain of unicast adverts without an interface.
	VRF string
	// UntrackedInterface keeps the instance going while its interface is down (dont_track_primary).
	UntrackedInterface bool
	// Polling asks the interface for its carrier once a second, in place of the kernel's messages.
	Polling bool
	// PromoteSecondaries keeps secondary addresses when the first of their network goes.
	PromoteSecondaries bool
	// ReceiveBufferBytes is the size of the socket's buffer; 0 is the default.
	ReceiveBufferBytes uint32
}

// AddressVMAC is a VMAC that addresses are on, and no adverts.
type AddressVMAC struct {
	Origin Origin
	Name   string
	// Base is the interface below it.
	Base string
	// IPv6 is the family of the addresses.
	IPv6 bool
	MAC  [6]byte
}

// VMAC is a macvlan interface with a virtual MAC (reference vrrp 11).
type VMAC struct {
	Origin Origin
	// Name is the interface's name; GeneratedName says that the text gives none, so that another free
	// one of its kind may be taken.
	Name          string
	GeneratedName bool
	// MAC is 00:00:5e:00:01:VRID (IPv4), 00:00:5e:00:02:VRID (IPv6), or that of the text.
	MAC [6]byte
	// Group is the interface group, a number or a name of /etc/iproute2/group; "" is the base's.
	Group string
	// TransmitBase sends and hears adverts on the base interface, with its MAC.
	TransmitBase bool
	// NetlinkNotify tells the kernel to announce the interface's changes.
	NetlinkNotify bool
}

// IPVLAN is an ipvlan interface of layer 2.
type IPVLAN struct {
	Origin        Origin
	Name          string
	GeneratedName bool
	// Mode is bridge, private or vepa.
	Mode string
	// Group is as with VMAC.
	Group string
	// Address is the interface's own address; not valid: none.
	Address netip.Prefix
}

// Deviations are what an instance does other than by default.
type Deviations struct {
	// Strict holds to the RFC; what does not go with it is settled in the other fields.
	Strict bool
	// NoAccept drops what is sent to the virtual addresses.
	NoAccept bool
	// SkipAddressCheck takes the address list of a master that was heard before as checked.
	SkipAddressCheck bool
	// ChecksumWithoutHeader leaves the pseudo header out of version 3's checksum over IPv4.
	ChecksumWithoutHeader bool
	// LowerPriorityNoAdvert: a master does not answer an advert of a lower priority.
	LowerPriorityNoAdvert bool
	// HigherPrioritySendAdvert: a master sends once more before it yields to a higher priority.
	HigherPrioritySendAdvert bool
	// OwnerIgnoreAdverts: an owner (priority 255) drops every advert.
	OwnerIgnoreAdverts bool
	// TimerExpiredBackup is the number of timer_expired_backup, 1..254: a master whose timer was that
	// late becomes backup; 0 is off.
	TimerExpiredBackup uint8
	// NoVIPs says that the instance is meant to have no address.
	NoVIPs bool
}
