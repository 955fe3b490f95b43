package plan

import (
	"encoding/json"
)

// The types of plan.json. They are this file's alone: the plan that the program works with may change
// without them, and the other way round. Units are in the names.

type document struct {
	Version         version        `json:"version"`
	Node            text           `json:"node" jsonschema:"name of the node, as in messages"`
	Environment     environment    `json:"environment" jsonschema:"what the compilation took besides the text"`
	Sources         []jsonSource   `json:"sources" jsonschema:"the files that were read, main file first"`
	Global          jsonGlobal     `json:"global"`
	Scripts         []jsonScript   `json:"scripts" jsonschema:"tracking scripts"`
	Instances       []jsonInstance `json:"instances" jsonschema:"VRRP instances"`
	StaticAddresses []jsonAddress  `json:"static_addresses"`
	StaticRoutes    []jsonRoute    `json:"static_routes"`
	StaticRules     []jsonRule     `json:"static_rules,omitempty"`
	jsonGroups
	jsonTrackables
	TLS            *jsonTLS      `json:"tls,omitempty" jsonschema:"what SSL_GET connects with"`
	ServiceGroups  []jsonGroup   `json:"virtual_server_groups,omitempty"`
	VirtualServers []jsonVirtual `json:"virtual_servers"`
	Needs          []jsonNeed    `json:"needs" jsonschema:"what the machine must have"`
	LeftOut        []jsonLeftOut `json:"left_out" jsonschema:"lines that keepalived does not act on"`
}

type version struct {
	Format string `json:"format" jsonschema:"always ka-plan"`
	Major  int    `json:"major"`
	Minor  int    `json:"minor"`
}

type environment struct {
	ConfigID text   `json:"config_id,omitempty"`
	Hash     string `json:"hash" jsonschema:"SHA-256 over the whole environment, in hexadecimal digits"`
}

type jsonSource struct {
	File   text   `json:"file" jsonschema:"relative to the main file's directory"`
	SHA256 string `json:"sha256"`
}

// origin is FILE:LINE, "" where there is none.
type origin text

type jsonCommand struct {
	Origin origin `json:"origin"`
	Argv   []text `json:"argv"`
	User   text   `json:"user,omitempty"`
	Group  text   `json:"group,omitempty"`
}

type jsonScript struct {
	Origin     origin      `json:"origin"`
	Name       text        `json:"name"`
	Command    jsonCommand `json:"command"`
	IntervalMs int64       `json:"interval_ms"`
	TimeoutMs  int64       `json:"timeout_ms"`
	Weight     int         `json:"weight" jsonschema:"0 makes a failure a fault"`
	Reverse    bool        `json:"reverse"`
	Rise       int         `json:"rise"`
	Fall       int         `json:"fall"`
	InitFail   bool        `json:"init_fail"`
}

type jsonInstance struct {
	Origin           origin        `json:"origin"`
	Name             text          `json:"name"`
	Interface        text          `json:"interface"`
	Version          int           `json:"version" jsonschema:"VRRP version, 2 or 3"`
	VRID             int           `json:"vrid" jsonschema:"1 to 255"`
	Priority         int           `json:"priority" jsonschema:"1 to 255"`
	InitialState     string        `json:"initial_state" jsonschema:"MASTER or BACKUP"`
	NoPreempt        bool          `json:"nopreempt"`
	PreemptDelayUs   int64         `json:"preempt_delay_us"`
	AdvertIntervalMs int64         `json:"advert_interval_ms"`
	DownTimerAdverts int           `json:"down_timer_adverts"`
	Auth             *jsonAuth     `json:"auth,omitempty"`
	Source           addrText      `json:"source,omitempty" jsonschema:"source address of adverts; absent: the interface's first"`
	Group            addrText      `json:"group" jsonschema:"multicast group"`
	GARP             jsonGARP      `json:"garp"`
	VIPs             []jsonAddress `json:"vips" jsonschema:"advertised addresses, in order"`
	Excluded         []jsonAddress `json:"excluded" jsonschema:"addresses that are not advertised"`
	Routes           []jsonRoute   `json:"routes"`
	Rules            []jsonRule    `json:"rules,omitempty"`
	TrackScripts     []jsonTrack   `json:"track_scripts"`
	Notify           jsonNotify    `json:"notify"`

	HMAC            *jsonHMAC       `json:"hmac,omitempty" jsonschema:"signature of adverts"`
	TrackSource     bool            `json:"track_source,omitempty" jsonschema:"the loss of the source address is a fault"`
	Unicast         *jsonUnicast    `json:"unicast,omitempty" jsonschema:"adverts go to these peers, not to the group"`
	Link            *jsonLink       `json:"link,omitempty" jsonschema:"where adverts and addresses are, other than by default"`
	Deviations      *jsonDeviations `json:"deviations,omitempty" jsonschema:"what the instance does other than by default"`
	TrackInterfaces []jsonTracker   `json:"track_interfaces,omitempty"`
	TrackFiles      []jsonTracker   `json:"track_files,omitempty"`
	TrackProcesses  []jsonTracker   `json:"track_processes,omitempty"`
	TrackBFD        []jsonTracker   `json:"track_bfd,omitempty"`
}

type jsonAuth struct {
	Type     string `json:"type" jsonschema:"PASS or AH"`
	Password text   `json:"password" jsonschema:"a secret of at most 8 bytes"`
}

type jsonGARP struct {
	DelayMs              int64 `json:"delay_ms"`
	Repeat               int   `json:"repeat"`
	RefreshMs            int64 `json:"refresh_ms"`
	RefreshRepeat        int   `json:"refresh_repeat"`
	LowerPriorityDelayMs int64 `json:"lower_priority_delay_ms"`
	LowerPriorityRepeat  int   `json:"lower_priority_repeat"`
	ExtraIntervalMs      int64 `json:"extra_interval_ms,omitempty" jsonschema:"time between announcements on other interfaces with a VMAC"`
	ExtraAll             bool  `json:"extra_all,omitempty"`
}

type jsonTrack struct {
	Origin  origin `json:"origin"`
	Script  text   `json:"script"`
	Weight  int    `json:"weight"`
	Reverse bool   `json:"reverse"`
}

type jsonNotify struct {
	Master *jsonCommand `json:"master,omitempty"`
	Backup *jsonCommand `json:"backup,omitempty"`
	Fault  *jsonCommand `json:"fault,omitempty"`
	Stop   *jsonCommand `json:"stop,omitempty"`
	Any    *jsonCommand `json:"any,omitempty" jsonschema:"runs at every state, with four words appended"`

	LowerPriority   *jsonCommand `json:"lower_priority,omitempty" jsonschema:"runs when a master hears a lower priority"`
	Deleted         *jsonCommand `json:"deleted,omitempty" jsonschema:"runs when a reload takes the instance away"`
	DeletedState    bool         `json:"deleted_state,omitempty" jsonschema:"a reload that takes it away tells DELETED, not FAULT"`
	PriorityChanges bool         `json:"priority_changes,omitempty" jsonschema:"the FIFOs are told of each change of the priority"`
	Mail            bool         `json:"mail,omitempty" jsonschema:"mail at each change of state"`
}

type jsonAddress struct {
	Origin    origin     `json:"origin"`
	Prefix    prefixText `json:"prefix" jsonschema:"the address with its length"`
	Interface text       `json:"interface"`
	Label     text       `json:"label,omitempty"`
	Broadcast addrText   `json:"broadcast,omitempty"`
	Scope     int        `json:"scope" jsonschema:"the kernel's number: 0 global, 253 link, 254 host"`

	Peer          addrText `json:"peer,omitempty" jsonschema:"far end of a point-to-point address"`
	PreferredS    *int64   `json:"preferred_lft_s,omitempty" jsonschema:"4294967295 is for ever; absent: 0 for an IPv6 address of 128 bits, else for ever"`
	DAD           bool     `json:"dad,omitempty" jsonschema:"duplicate address detection stays on (-nodad)"`
	Home          bool     `json:"home,omitempty"`
	TemporaryBase bool     `json:"mngtmpaddr,omitempty"`
	NoPrefixRoute bool     `json:"noprefixroute,omitempty"`
	Autojoin      bool     `json:"autojoin,omitempty"`
	NoTrack       bool     `json:"no_track,omitempty"`
	UseVMAC       bool     `json:"use_vmac,omitempty" jsonschema:"on a VMAC of the interface"`
	TrackGroup    text     `json:"track_group,omitempty" jsonschema:"its instances watch the interface"`
}

type jsonNeed struct {
	Kind   string `json:"kind"`
	Name   text   `json:"name,omitempty"`
	Origin origin `json:"origin"`
}

type jsonLeftOut struct {
	Origin origin `json:"origin"`
	Text   text   `json:"text"`
	Reason text   `json:"reason"`
}

// Addresses are strings in the document; they are read where the path of an error is known.
type (
	addrText     string
	prefixText   string
	addrPortText string
)

// text is a string of bytes. keepalived.conf has no encoding, and JSON has one: what is not UTF-8 is
// written as {"base64": "…"}, so that a password keeps its bytes.
type text string

type base64Text struct {
	Base64 []byte `json:"base64"`
}

// UnmarshalJSON reads either form.
func (t *text) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '{' {
		var b base64Text
		if err := unmarshal(data, &b, true); err != nil {
			return err
		}
		*t = text(b.Base64)
		return nil
	}
	return json.Unmarshal(data, (*string)(t))
}

// UnmarshalJSON reads an origin as text.
func (o *origin) UnmarshalJSON(data []byte) error { return (*text)(o).UnmarshalJSON(data) }
