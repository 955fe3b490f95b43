package plan

import (
	"net/netip"
	"time"
)

// Route is a route of static_routes or virtual_routes (reference keywords, lines of routes).
type Route struct {
	Origin Origin
	// Destination has its host bits cleared; the default route is 0.0.0.0/0 or ::/0.
	Destination netip.Prefix
	// Gateway and Source are not valid where not given.
	Gateway, Source netip.Addr
	Interface       string
	// Scope is the kernel's number; Table is 254 (main) unless given; Metric 0 is the kernel's default.
	Scope         uint8
	Table, Metric uint32

	// TableName is the table where it is given by a name that is not well known; Table is then 0 until the
	// machine's own tables of names have decided (a need, see Resolve).
	TableName string
	// Type is "" for unicast, else keepalived's word ("blackhole") or the kernel's number.
	Type string
	// From is the source prefix that an IPv6 route is for; not valid: any.
	From netip.Prefix
	// TOS is the type of service, 0 for any.
	TOS uint8
	// Protocol is the kernel's number of who added the route; 0 means keepalived's own (18).
	Protocol uint8
	// OnLink says that the gateway is reached without a route to it.
	OnLink bool
	Encap  *Encap
	// Expires is how long an IPv6 route lives after it was added; 0: for ever.
	Expires time.Duration
	Metrics []RouteMetric
	Realms  *Realms
	// Preference is that of an IPv6 router: low, medium, high, or the kernel's number; "": not set.
	Preference string
	// TTLPropagate says whether MPLS takes the TTL over: "enabled", "disabled", or "" for the default.
	TTLPropagate string
	// Add says how the route is put beside others: "" before them (prepend), "append", or "add" where none
	// may be there.
	Add      string
	NextHops []NextHop
	// NoTrack lets the route go without a failover when somebody else removes it, and takes its interface
	// out of what the instance watches.
	NoTrack bool
	// TrackGroup names the track_group whose instances watch the interface of a static route.
	TrackGroup string
	// VRF is the VRF interface whose table the route belongs to.
	VRF string
}

// RouteMetric is one metric of a route; which field counts depends on its name.
type RouteMetric struct {
	// Name is keepalived's word: "mtu", "rtt", "congctl" …
	Name string
	// Value is a number: bytes (mtu, advmss, window), packets (cwnd, initcwnd …), or 0 and 1 for a switch.
	Value uint32
	// Time is that of rtt, rttvar and rto_min.
	Time time.Duration
	// Text is the name behind congctl and features.
	Text string
	// Locked says that the kernel may not change it.
	Locked bool
}

// Realms are the routing realms of a route or a rule, numbers from 0 to 255.
type Realms struct {
	From, To uint8
}

// NextHop is one of several next hops of a route.
type NextHop struct {
	// Gateway is not valid where only an interface is given.
	Gateway   netip.Addr
	Interface string
	// Weight is the share, 1..256.
	Weight int
	OnLink bool
	Realms *Realms
	Encap  *Encap
}

// Encap is a lightweight tunnel of a route.
type Encap struct {
	// Type is "ip", "ip6", "mpls" or "ila".
	Type string
	// ID is the tunnel key; Destination and Source are its ends; TOS, TTL (hop limit) and Flags those of
	// its packets (ip, ip6).
	ID                  uint64
	Destination, Source netip.Addr
	TOS, TTL            uint8
	Flags               uint16
	// Labels are those of MPLS, the outermost first.
	Labels []uint32
	// Locator is that of ILA.
	Locator uint64
}

type jsonRealms struct {
	From int `json:"from"`
	To   int `json:"to"`
}

type jsonMetric struct {
	Name   text  `json:"name" jsonschema:"keepalived's word"`
	Value  int64 `json:"value,omitempty" jsonschema:"bytes, packets, or 0 and 1 for a switch"`
	TimeUs int64 `json:"time_us,omitempty"`
	Text   text  `json:"text,omitempty"`
	Locked bool  `json:"locked,omitempty"`
}

type jsonEncap struct {
	Type        text     `json:"type" jsonschema:"ip, ip6, mpls or ila"`
	ID          uint64   `json:"id,omitempty" jsonschema:"tunnel key"`
	Destination addrText `json:"destination,omitempty"`
	Source      addrText `json:"source,omitempty"`
	TOS         int      `json:"tos,omitempty"`
	TTL         int      `json:"ttl,omitempty"`
	Flags       int      `json:"flags,omitempty"`
	Labels      []int64  `json:"labels,omitempty" jsonschema:"the outermost first"`
	Locator     uint64   `json:"locator,omitempty"`
}

type jsonNextHop struct {
	Gateway   addrText    `json:"gateway,omitempty"`
	Interface text        `json:"interface,omitempty"`
	Weight    int         `json:"weight" jsonschema:"1 to 256"`
	OnLink    bool        `json:"onlink,omitempty"`
	Realms    *jsonRealms `json:"realms,omitempty"`
	Encap     *jsonEncap  `json:"encap,omitempty"`
}

type jsonRoute struct {
	Origin      origin     `json:"origin"`
	Destination prefixText `json:"destination"`
	Gateway     addrText   `json:"gateway,omitempty"`
	Source      addrText   `json:"source,omitempty"`
	Interface   text       `json:"interface,omitempty"`
	Scope       int        `json:"scope"`
	Table       int64      `json:"table" jsonschema:"254 is the main table; 0 where table_name says it"`
	Metric      int64      `json:"metric"`

	TableName    text          `json:"table_name,omitempty" jsonschema:"a name of the machine's own tables"`
	Type         text          `json:"type,omitempty" jsonschema:"absent: unicast"`
	From         prefixText    `json:"from,omitempty"`
	TOS          int           `json:"tos,omitempty"`
	Protocol     int           `json:"protocol,omitempty" jsonschema:"absent: 18, keepalived's"`
	OnLink       bool          `json:"onlink,omitempty"`
	Encap        *jsonEncap    `json:"encap,omitempty"`
	ExpiresS     int64         `json:"expires_s,omitempty" jsonschema:"absent: never"`
	Metrics      []jsonMetric  `json:"metrics,omitempty"`
	Realms       *jsonRealms   `json:"realms,omitempty"`
	Preference   text          `json:"preference,omitempty"`
	TTLPropagate text          `json:"ttl_propagate,omitempty"`
	Add          text          `json:"add,omitempty" jsonschema:"absent: before other routes"`
	NextHops     []jsonNextHop `json:"next_hops,omitempty"`
	NoTrack      bool          `json:"no_track,omitempty"`
	TrackGroup   text          `json:"track_group,omitempty"`
	VRF          text          `json:"vrf,omitempty"`
}
