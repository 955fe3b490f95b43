package plan

import (
	"time"
)

// Groups are what belongs together among instances and interfaces.
type Groups struct {
	Track []TrackGroup
	Sync  []SyncGroup
	GARP  []GARPGroup
	// Linkbeat are the interfaces that are asked for their carrier, in place of the kernel's messages.
	Linkbeat []LinkbeatInterface
	// Delays hold back what interfaces do.
	Delays []InterfaceDelay
}

// TrackGroup is a track_group: instances that watch the interfaces of static addresses, routes and rules.
type TrackGroup struct {
	Origin  Origin
	Name    string
	Members []string
}

// SyncGroup is a vrrp_sync_group: instances that change state together (reference vrrp 6).
type SyncGroup struct {
	Origin  Origin
	Name    string
	Members []string
	// The lists of what all members watch; a weight of 0 makes a failure a fault of all.
	TrackInterfaces, TrackScripts, TrackFiles, TrackProcesses, TrackBFD []Tracker
	// MemberWeights lets the weights of what members watch by themselves count.
	MemberWeights bool
	Notify        GroupNotify
	// Mail says whether mail is sent at each change of state; nil: as the node's settings say.
	Mail *bool
	// PriorityChanges writes each change of a priority to the notification FIFOs.
	PriorityChanges bool
}

// GroupNotify holds the notification commands of a sync group; nil where there is none.
type GroupNotify struct {
	Master, Backup, Fault, Stop *Command
	// Any runs at every state with four words appended: GROUP, name, state, 0.
	Any *Command
}

// commands are the notification commands with the fields of the document.
func (n *GroupNotify) commands(j *jsonGroupNotify) []struct {
	field string
	plan  **Command
	json  **jsonCommand
} {
	return []struct {
		field string
		plan  **Command
		json  **jsonCommand
	}{
		{"master", &n.Master, &j.Master}, {"backup", &n.Backup, &j.Backup}, {"fault", &n.Fault, &j.Fault},
		{"stop", &n.Stop, &j.Stop}, {"any", &n.Any, &j.Any},
	}
}

// GARPGroup is a garp_group: a pause between the gratuitous ARP frames of its interfaces together.
type GARPGroup struct {
	Origin     Origin
	Interfaces []string
	// ARPInterval is the pause between gratuitous ARPs, NAInterval that between neighbour advertisements.
	ARPInterval, NAInterval time.Duration
}

// LinkbeatInterface is a line of linkbeat_interfaces.
type LinkbeatInterface struct {
	Origin    Origin
	Interface string
	// Method is MII, ETHTOOL or IOCTL; "" tries them in that order.
	Method string
}

// InterfaceDelay is a line of interface_up_down_delays.
type InterfaceDelay struct {
	Origin    Origin
	Interface string
	// Down and Up are how long the interface must be so before it counts.
	Down, Up time.Duration
}

// LongestDelay is the longest that a change of an interface may be held back below an instance: longer, and the
// instance would take a lost link for a lost master (reference vrrp 3.7). It is in whole microseconds, as keepalived
// counts and as the plan is written.
func LongestDelay(downTimerAdverts int, masterInterval time.Duration) time.Duration {
	if downTimerAdverts < 2 {
		return 0
	}
	return max(0, time.Duration(downTimerAdverts-1)*masterInterval-(masterInterval/256).Truncate(time.Microsecond))
}

type jsonGroups struct {
	TrackGroups []jsonTrackGroup `json:"track_groups,omitempty" jsonschema:"instances that watch the interfaces of static objects"`
	SyncGroups  []jsonSyncGroup  `json:"sync_groups,omitempty" jsonschema:"instances that change state together"`
	GARPGroups  []jsonGARPGroup  `json:"garp_groups,omitempty" jsonschema:"interfaces with a pause between their announcements"`
	Linkbeat    []jsonLinkbeat   `json:"linkbeats,omitempty" jsonschema:"interfaces that are asked for their carrier"`
	Delays      []jsonDelay      `json:"interface_delays,omitempty" jsonschema:"how long interfaces must be up or down before it counts"`
}

type jsonTrackGroup struct {
	Origin  origin `json:"origin"`
	Name    text   `json:"name"`
	Members []text `json:"members"`
}

type jsonSyncGroup struct {
	Origin          origin          `json:"origin"`
	Name            text            `json:"name"`
	Members         []text          `json:"members"`
	TrackInterfaces []jsonTracker   `json:"track_interfaces,omitempty"`
	TrackScripts    []jsonTracker   `json:"track_scripts,omitempty"`
	TrackFiles      []jsonTracker   `json:"track_files,omitempty"`
	TrackProcesses  []jsonTracker   `json:"track_processes,omitempty"`
	TrackBFD        []jsonTracker   `json:"track_bfd,omitempty"`
	MemberWeights   bool            `json:"member_weights" jsonschema:"the weights of what members watch by themselves count"`
	Notify          jsonGroupNotify `json:"notify"`
	Mail            *bool           `json:"mail,omitempty" jsonschema:"absent: as the node's settings say"`
	PriorityChanges bool            `json:"priority_changes,omitempty" jsonschema:"the FIFOs are told of each change of a priority"`
}

type jsonGroupNotify struct {
	Master *jsonCommand `json:"master,omitempty"`
	Backup *jsonCommand `json:"backup,omitempty"`
	Fault  *jsonCommand `json:"fault,omitempty"`
	Stop   *jsonCommand `json:"stop,omitempty"`
	Any    *jsonCommand `json:"any,omitempty" jsonschema:"runs at every state, with four words appended"`
}

type jsonGARPGroup struct {
	Origin        origin `json:"origin"`
	Interfaces    []text `json:"interfaces"`
	ARPIntervalUs int64  `json:"arp_interval_us"`
	NAIntervalUs  int64  `json:"na_interval_us"`
}

type jsonLinkbeat struct {
	Origin    origin `json:"origin"`
	Interface text   `json:"interface"`
	Method    text   `json:"method,omitempty" jsonschema:"MII, ETHTOOL or IOCTL; absent: the first that works"`
}

type jsonDelay struct {
	Origin    origin `json:"origin"`
	Interface text   `json:"interface"`
	DownUs    int64  `json:"down_us"`
	UpUs      int64  `json:"up_us"`
}

func toGroups(g *Groups) jsonGroups {
	return jsonGroups{
		TrackGroups: each(g.Track, func(t *TrackGroup) jsonTrackGroup {
			return jsonTrackGroup{toOrigin(t.Origin), text(t.Name), texts(t.Members)}
		}),
		SyncGroups: each(g.Sync, toSyncGroup),
		GARPGroups: each(g.GARP, func(g *GARPGroup) jsonGARPGroup {
			return jsonGARPGroup{toOrigin(g.Origin), texts(g.Interfaces), g.ARPInterval.Microseconds(), g.NAInterval.Microseconds()}
		}),
		Linkbeat: each(g.Linkbeat, func(l *LinkbeatInterface) jsonLinkbeat {
			return jsonLinkbeat{toOrigin(l.Origin), text(l.Interface), text(l.Method)}
		}),
		Delays: each(g.Delays, func(d *InterfaceDelay) jsonDelay {
			return jsonDelay{toOrigin(d.Origin), text(d.Interface), d.Down.Microseconds(), d.Up.Microseconds()}
		}),
	}
}

func toSyncGroup(g *SyncGroup) jsonSyncGroup {
	out := jsonSyncGroup{
		Origin: toOrigin(g.Origin), Name: text(g.Name), Members: texts(g.Members),
		TrackInterfaces: each(g.TrackInterfaces, toTracker), TrackScripts: each(g.TrackScripts, toTracker),
		TrackFiles: each(g.TrackFiles, toTracker), TrackProcesses: each(g.TrackProcesses, toTracker),
		TrackBFD: each(g.TrackBFD, toTracker), MemberWeights: g.MemberWeights, Mail: g.Mail, PriorityChanges: g.PriorityChanges,
	}
	for _, c := range g.Notify.commands(&out.Notify) {
		*c.json = toCommand(*c.plan)
	}
	return out
}

func (r *reader) groups(g *jsonGroups) Groups {
	return Groups{
		Track: read(r, "track_groups", g.TrackGroups, maxEntries, func(path string, t *jsonTrackGroup) TrackGroup {
			return TrackGroup{r.origin(path+".origin", t.Origin), r.name(path+".name", t.Name), r.words(path+".members", t.Members, maxEntries)}
		}),
		Sync: read(r, "sync_groups", g.SyncGroups, maxEntries, r.syncGroup),
		GARP: read(r, "garp_groups", g.GARPGroups, maxEntries, func(path string, g *jsonGARPGroup) GARPGroup {
			return GARPGroup{
				Origin: r.origin(path+".origin", g.Origin),
				Interfaces: read(r, path+".interfaces", g.Interfaces, maxEntries, func(path string, t *text) string {
					return r.iface(path, *t, true)
				}),
				ARPInterval: r.duration(path+".arp_interval_us", g.ARPIntervalUs, time.Microsecond),
				NAInterval:  r.duration(path+".na_interval_us", g.NAIntervalUs, time.Microsecond),
			}
		}),
		Linkbeat: read(r, "linkbeats", g.Linkbeat, maxEntries, func(path string, l *jsonLinkbeat) LinkbeatInterface {
			return LinkbeatInterface{r.origin(path+".origin", l.Origin), r.iface(path+".interface", l.Interface, true), r.word(path+".method", l.Method)}
		}),
		Delays: read(r, "interface_delays", g.Delays, maxEntries, func(path string, d *jsonDelay) InterfaceDelay {
			return InterfaceDelay{
				Origin: r.origin(path+".origin", d.Origin), Interface: r.iface(path+".interface", d.Interface, true),
				Down: r.duration(path+".down_us", d.DownUs, time.Microsecond), Up: r.duration(path+".up_us", d.UpUs, time.Microsecond),
			}
		}),
	}
}

func (r *reader) syncGroup(path string, g *jsonSyncGroup) SyncGroup {
	list := func(key string, in []jsonTracker) []Tracker { return read(r, path+key, in, maxEntries, r.tracker) }
	out := SyncGroup{
		Origin: r.origin(path+".origin", g.Origin), Name: r.name(path+".name", g.Name),
		Members:         r.words(path+".members", g.Members, maxEntries),
		TrackInterfaces: list(".track_interfaces", g.TrackInterfaces), TrackScripts: list(".track_scripts", g.TrackScripts),
		TrackFiles: list(".track_files", g.TrackFiles), TrackProcesses: list(".track_processes", g.TrackProcesses),
		TrackBFD: list(".track_bfd", g.TrackBFD), MemberWeights: g.MemberWeights, Mail: g.Mail, PriorityChanges: g.PriorityChanges,
	}
	for _, c := range out.Notify.commands(&g.Notify) {
		*c.plan = r.command(path+".notify."+c.field, *c.json)
	}
	return out
}
