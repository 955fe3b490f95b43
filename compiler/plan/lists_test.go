package plan

import (
	"net/netip"
	"testing"
	"time"
)

// fullRoute is a route in which everything is set.
func fullRoute(at Origin) Route {
	gw, src := netip.MustParseAddr("192.0.2.254"), netip.MustParseAddr("192.0.2.1")
	encap := &Encap{Type: "ip", ID: 7, Destination: gw, Source: src, TOS: 4, TTL: 9, Flags: 3, Labels: []uint32{100, 1048575}, Locator: 1 << 60}
	return Route{
		Origin: at, Destination: netip.MustParsePrefix("198.51.100.0/24"), Gateway: gw, Source: src, Interface: "eth0",
		Scope: 253, Table: 100, Metric: 5, TableName: "uplink", Type: "blackhole", From: netip.MustParsePrefix("192.0.2.0/24"),
		TOS: 16, Protocol: 4, OnLink: true, Encap: encap, Expires: time.Minute,
		Metrics: []RouteMetric{{Name: "mtu", Value: 1400, Locked: true}, {Name: "rtt", Time: 200125 * time.Microsecond}, {Name: "congctl", Text: "bbr"}},
		Realms:  &Realms{From: 3, To: 255}, Preference: "high", TTLPropagate: "disabled", Add: "append",
		NextHops: []NextHop{{Gateway: gw, Interface: "eth0", Weight: 256, OnLink: true, Realms: &Realms{To: 1}, Encap: encap}},
		NoTrack:  true, TrackGroup: "TG", VRF: "red",
	}
}

// fullRule is a rule in which everything is set.
func fullRule(at Origin) Rule {
	n, mask := uint32(0), uint32(0xff)
	return Rule{
		Origin: at, IPv6: true, Preference: 100, Not: true, From: netip.MustParsePrefix("2001:db8::/64"), To: netip.MustParsePrefix("2001:db8:1::1/128"),
		TOS: 16, Mark: &Mark{Value: 5, Mask: &mask}, InputInterface: "eth0", OutputInterface: "eth1", TunnelID: 1 << 63,
		UIDs: &Span{Low: 5, High: 7}, IPProtocol: "tcp", SourcePorts: &Span{Low: 1, High: 2}, DestinationPorts: &Span{Low: 80, High: 80},
		Action: "table", Table: 10, TableName: "uplink", Goto: 200, SuppressPrefixLength: &n, SuppressInterfaceGroup: &n,
		Realms: &Realms{From: 1, To: 2}, Protocol: 4, NoTrack: true, TrackGroup: "TG",
	}
}

// fullGroups are groups in which everything is set.
func fullGroups(at Origin, cmd *Command) Groups {
	on := true
	trackers := []Tracker{{Origin: at, Name: "x", Weight: -3, Reverse: true}}
	return Groups{
		Track: []TrackGroup{{Origin: at, Name: "TG", Members: []string{"VI_1"}}},
		Sync: []SyncGroup{{
			Origin: at, Name: "G", Members: []string{"VI_1"}, TrackInterfaces: trackers, TrackScripts: trackers, TrackFiles: trackers,
			TrackProcesses: trackers, TrackBFD: trackers, MemberWeights: true,
			Notify: GroupNotify{Master: cmd, Backup: cmd, Fault: cmd, Stop: cmd, Any: cmd}, Mail: &on, PriorityChanges: true,
		}},
		GARP:     []GARPGroup{{Origin: at, Interfaces: []string{"eth0"}, ARPInterval: time.Millisecond, NAInterval: time.Second}},
		Linkbeat: []LinkbeatInterface{{Origin: at, Interface: "eth0", Method: "MII"}},
		Delays:   []InterfaceDelay{{Origin: at, Interface: "eth0", Down: time.Second, Up: 500 * time.Microsecond}},
	}
}

// fullTrackables are trackables in which everything is set.
func fullTrackables(at Origin) Trackables {
	most := uint16(3)
	watch := Watch{Weight: -5, Reverse: true}
	return Trackables{
		Files: []TrackFile{{Origin: at, Name: "F", Path: "/run/f", Watch: watch, Init: &FileInit{Value: -3, Overwrite: true}}, {Origin: at, Name: "G", Path: "/run/g"}},
		Processes: []TrackProcess{{
			Origin: at, Name: "P", Command: "nginx", Parameters: []string{"-g"}, FullCommand: true, Match: MatchPartial, Watch: watch,
			Quorum: 2, QuorumMax: &most, ForkDelay: time.Second, TerminateDelay: time.Microsecond,
		}},
		BFD: []BFDInstance{{
			Origin: at, Name: "B", Neighbor: netip.MustParseAddr("192.0.2.2"), Source: netip.MustParseAddr("192.0.2.1"), MinRx: 10 * time.Millisecond,
			MinTx: 10500 * time.Microsecond, IdleTx: time.Second, Multiplier: 5, Passive: true, TTL: 255, MaxHops: -1, Multihop: true,
			Watch: watch, VRRP: true, Checker: true,
		}},
	}
}

func TestResolve(t *testing.T) {
	named := &Plan{
		StaticRoutes: []Route{{TableName: "uplink"}, {VRF: "red"}, {TableName: "nobody's"}, {Table: 7}},
		Instances:    []Instance{{Rules: []Rule{{TableName: "uplink"}}}},
	}
	p := Resolve(named, Names{Tables: map[string]uint32{"uplink": 100}, VRFs: map[string]uint32{"red": 10}})
	for i, want := range []uint32{100, 10, 0, 7} {
		if got := p.StaticRoutes[i].Table; got != want {
			t.Errorf("route %d has table %d, want %d", i, got, want)
		}
	}
	if got := p.Instances[0].Rules[0]; got.Table != 100 || got.TableName != "uplink" {
		t.Errorf("the rule has table %d, name %q", got.Table, got.TableName)
	}
	if named.StaticRoutes[0].Table != 0 || named.Instances[0].Rules[0].Table != 0 {
		t.Error("the plan itself was changed")
	}
}
