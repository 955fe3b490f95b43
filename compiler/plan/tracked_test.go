package plan

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

// TestTracked: each thing once; what an address, route or rule is on has no weight; the group's weight takes
// the place of the instance's, unless that has none (tried with keepalived 2.4.3).
func TestTracked(t *testing.T) {
	track := func(name string, weight int) Tracker { return Tracker{Name: name, Weight: weight} }
	address := func(dev string, noTrack bool) Address {
		return Address{Prefix: netip.MustParsePrefix("192.0.2.1/24"), Interface: dev, NoTrack: noTrack}
	}
	in := Instance{
		Name: "V", Interface: "eth0",
		TrackScripts:    []TrackScript{{Script: "a", Weight: -10}, {Script: "b"}},
		TrackInterfaces: []Tracker{track("eth1", 5), track("eth2", 7), track("eth5", 9)},
		VIPs:            []Address{address("eth0", false), address("eth1", false)},
		Excluded:        []Address{address("eth3", true)},
		Routes:          []Route{{Interface: "eth4"}, {Interface: "eth6", NoTrack: true}},
		Rules:           []Rule{{InputInterface: "eth7", OutputInterface: "eth8"}},
		TrackFiles:      []Tracker{track("f", 1)},
	}
	p := &Plan{
		Instances: []Instance{in},
		Groups: Groups{
			Track: []TrackGroup{{Name: "T", Members: []string{"V"}}},
			Sync: []SyncGroup{{Name: "G", Members: []string{"V", "W"}, TrackScripts: []Tracker{track("a", -30), track("b", -30), track("c", 4)},
				TrackInterfaces: []Tracker{track("eth0", 3), track("eth2", 0), track("eth5", 11)}, TrackFiles: []Tracker{track("f", 3)},
				TrackProcesses: []Tracker{track("p", 0)}, TrackBFD: []Tracker{track("s", 0)}}},
		},
		StaticAddresses: []Address{{Interface: "eth9", TrackGroup: "T"}, {Interface: "eth10"}},
	}
	text := func(list []Tracked) string {
		var out []string
		for _, t := range list {
			word := fmt.Sprintf("%s:%d", t.Name, t.Weight)
			if t.Implied {
				word += "!"
			}
			out = append(out, word)
		}
		return strings.Join(out, " ")
	}
	for _, tt := range []struct{ got, want string }{
		{text(in.Tracked()), "a:-10 b:0 eth1:0! eth2:7 eth5:9 eth4:0! eth7:0! eth8:0! f:1"},
		{text(p.Tracked(&in)), "a:-30 b:0 eth1:0! eth2:0 eth5:11 eth4:0! eth7:0! eth8:0! f:3 eth9:0! c:4 p:0 s:0"},
	} {
		if tt.got != tt.want {
			t.Errorf("got  %s\nwant %s", tt.got, tt.want)
		}
	}
	in.Link.UntrackedInterface = true
	in.TrackInterfaces = nil
	if got := text(p.Tracked(&in)); !strings.Contains(got, "eth0:3") {
		t.Errorf("the group tracks what the instance does not: %s", got)
	}
	in.Link.VMAC = &VMAC{Name: "vrrp.1"}
	in.VIPs[1].Interface = "vrrp.1"
	if got := text(in.Tracked()); strings.Contains(got, "vrrp.1") {
		t.Errorf("the interface that is made for the instance is tracked: %s", got)
	}
}
