//go:build linux

package director

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

func address(text, link string) plan.Address {
	return plan.Address{Prefix: netip.MustParsePrefix(text), Interface: link}
}

// play announces rounds over addresses at once, and says what went out when, in tenths of a second.
func play(a *announcer, inst *instance, rounds int, list ...plan.Address) []string {
	var out []string
	say := func(now vrrp.Instant, a plan.Address) {
		out = append(out, fmt.Sprintf("%d:%s", time.Duration(now)/(100*time.Millisecond), a.Prefix.Addr()))
	}
	for range rounds {
		for _, address := range list {
			if l := a.lane(address); l == nil || !l.wait(0, pendingAnnouncement{inst, address, 1}, rounds) {
				say(0, address)
			}
		}
	}
	for now := vrrp.Instant(0); now < vrrp.Instant(5*time.Second); now = now.Add(100 * time.Millisecond) {
		for _, p := range a.all {
			for _, l := range []*lane{&p.arp, &p.neighbour} {
				if due, ok := l.take(now); ok {
					say(now, due.address)
				}
			}
		}
	}
	return out
}

// Without a pause everything goes out at once; with one, each family and each interface has its own turn,
// and interfaces of a garp_group share one.
func TestPauseBetweenAnnouncements(t *testing.T) {
	one, two := address("10.0.0.1/32", "eth0"), address("10.0.0.2/32", "eth0")
	six, other := address("fd00::1/128", "eth0"), address("10.0.0.3/32", "eth1")
	group := []plan.GARPGroup{{Interfaces: []string{"eth0", "eth1"}, ARPInterval: 200 * time.Millisecond}}
	for _, c := range []struct {
		name string
		plan plan.Plan
		list []plan.Address
		want string
	}{
		{"no pause", plan.Plan{}, []plan.Address{one, six, two}, "0:10.0.0.1 0:fd00::1 0:10.0.0.2 0:10.0.0.1 0:fd00::1 0:10.0.0.2"},
		{"a pause for ARP", plan.Plan{Global: plan.Global{VRRP: &plan.VRRPGlobal{GARPInterval: 200 * time.Millisecond}}}, []plan.Address{one, two, six, other},
			"0:10.0.0.1 0:fd00::1 0:10.0.0.3 0:fd00::1 2:10.0.0.2 2:10.0.0.3 4:10.0.0.1 6:10.0.0.2"},
		{"for both", plan.Plan{Global: plan.Global{VRRP: &plan.VRRPGlobal{GARPInterval: 200 * time.Millisecond, NAInterval: 300 * time.Millisecond}}},
			[]plan.Address{one, six}, "0:10.0.0.1 0:fd00::1 2:10.0.0.1 3:fd00::1"},
		{"a group", plan.Plan{Groups: plan.Groups{GARP: group}}, []plan.Address{one, other, six}, "0:10.0.0.1 0:fd00::1 0:fd00::1 2:10.0.0.3 4:10.0.0.1 6:10.0.0.3"},
	} {
		a := newAnnouncer(&c.plan)
		if got := strings.Join(play(&a, &instance{}, 2, c.list...), " "); got != c.want {
			t.Errorf("%s:\nhave %s\nwant %s", c.name, got, c.want)
		}
	}
}

// What waits for an instance is forgotten with its addresses; of others nothing is.
func TestWaitingAnnouncementsAreDropped(t *testing.T) {
	a := newAnnouncer(&plan.Plan{Global: plan.Global{VRRP: &plan.VRRPGlobal{GARPInterval: time.Second}}})
	mine, others := &instance{}, &instance{heard: netip.MustParseAddr("10.0.0.9")}
	l := a.lane(address("10.0.0.1/32", "eth0"))
	for i, inst := range []*instance{mine, mine, others} {
		l.wait(0, pendingAnnouncement{inst, address(fmt.Sprintf("10.0.0.%d/32", i+1), "eth0"), 1}, 1)
	}
	a.drop(mine)
	if len(l.queue) != 1 || l.queue[0].inst != others {
		t.Errorf("have %+v", l.queue)
	}
}

// garp_extra_if means one address on each interface with a VMAC, or on each at all, but for that of the
// adverts.
func TestExtraAddresses(t *testing.T) {
	onVMAC := address("10.0.2.1/32", "eth2")
	onVMAC.UseVMAC = true
	p := &plan.Instance{
		Interface: "eth0", Link: plan.Link{VMAC: &plan.VMAC{Name: "vrrp.51", TransmitBase: true}},
		VIPs:     []plan.Address{address("10.0.0.1/32", "vrrp.51"), address("10.0.0.2/32", "vrrp.51"), address("10.0.0.3/32", "eth0"), address("10.0.1.1/32", "eth1")},
		Excluded: []plan.Address{onVMAC},
	}
	names := func() (out []string) {
		for _, a := range extraAddresses(p) {
			out = append(out, a.Prefix.Addr().String())
		}
		return out
	}
	if got := names(); !slices.Equal(got, []string{"10.0.0.1", "10.0.2.1"}) {
		t.Errorf("have %v", got)
	}
	p.GARP.ExtraAll = true
	if got := names(); !slices.Equal(got, []string{"10.0.0.1", "10.0.1.1", "10.0.2.1"}) {
		t.Errorf("all: have %v", got)
	}
	p.Link.VMAC.TransmitBase, p.GARP.ExtraAll = false, false
	if got := names(); !slices.Equal(got, []string{"10.0.2.1"}) {
		t.Errorf("with adverts on the VMAC: have %v", got)
	}
}

// Unicast instances that share a VRID are told apart by the sender: the one heard last, then the peers.
func TestChooseBySender(t *testing.T) {
	with := func(peers ...string) *instance {
		u := &plan.Unicast{}
		for _, p := range peers {
			u.Peers = append(u.Peers, plan.Peer{Address: netip.MustParseAddr(p)})
		}
		return &instance{plan: &plan.Instance{Unicast: u}}
	}
	one, two := with("10.0.0.1", "10.0.0.3"), with("10.0.0.2")
	two.heard = netip.MustParseAddr("10.0.0.3")
	p := &pool{}
	p.byVRID[51] = []*instance{one, two}
	p.byVRID[52] = []*instance{one}
	for _, c := range []struct {
		vrid   uint8
		source byte
		want   *instance
	}{{51, 3, two}, {51, 1, one}, {51, 2, two}, {51, 3, one}, {51, 4, nil}, {52, 4, one}, {53, 1, nil}} {
		packet := make([]byte, 28)
		packet[0], packet[12], packet[15] = 0x45, 10, c.source
		if got := p.choose(c.vrid, vrrp.PacketReceived{Packet: packet}); got != c.want {
			t.Errorf("virtual router %d from %d: have %v", c.vrid, c.source, got)
		}
	}
}
