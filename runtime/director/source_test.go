//go:build linux

package director

import (
	"net/netip"
	"testing"

	"ka/compiler/plan"
)

// unicastPlan sends to a peer, from the interface's first address.
func unicastPlan(priority uint8, peer string) *plan.Plan {
	p := testPlan(priority)
	p.Instances[0].Unicast = &plan.Unicast{
		TTL: 255, Checksum: plan.ChecksumAuto, CheckSource: true,
		Peers: []plan.Peer{{Address: netip.MustParseAddr(peer), MaxTTL: 255}},
	}
	return p
}

// A unicast instance follows its interface's address: it is in fault without one, and hears and sends
// from the new one, which its sockets are bound to.
func TestUnicastFollowsItsAddress(t *testing.T) {
	w := newWire(t)
	a := w.start("a", unicastPlan(150, "10.77.0.2"), "")
	a.logged(`"msg":"transition"`, `"to":"MASTER"`)
	w.In("a", "ip", "addr", "del", "10.77.0.1/24", "dev", "eth0")
	a.logged(`"msg":"transition"`, `"to":"FAULT"`)
	w.In("a", "ip", "addr", "add", "10.77.0.9/24", "dev", "eth0")
	a.logged(`"msg":"transition"`, `"from":"FAULT"`, `"to":"BACKUP"`)
	b := w.start("b", unicastPlan(200, "10.77.0.9"), "")
	b.logged(`"msg":"transition"`, `"to":"MASTER"`)
	until(t, "a hears b", func() bool { return a.status().Instances[0].Master == "10.77.0.2" })
	if n := b.status().Instances[0].Counters["unicast-source"]; n != 0 {
		t.Errorf("b does not know the sender of %d adverts", n)
	}
}

// Without an interface of its own an instance sends by what the routes say, and without a peer it stays
// in fault.
func TestUnicastWithoutInterface(t *testing.T) {
	w := newWire(t)
	far := func(priority uint8, from, to string) *plan.Plan {
		p := unicastPlan(priority, to)
		p.Instances[0].Interface, p.Instances[0].Source = "", netip.MustParseAddr(from)
		return p
	}
	a := w.start("a", far(150, "10.77.0.1", "10.77.0.2"), "")
	a.logged(`"msg":"transition"`, `"to":"MASTER"`)
	b := w.start("b", far(100, "10.77.0.2", "10.77.0.1"), "")
	b.logged(`"msg":"ready"`)
	until(t, "b hears a", func() bool { return b.status().Instances[0].Master == "10.77.0.1" })
	b.kill()
	lonely := far(100, "10.77.0.2", "10.77.0.1")
	lonely.Instances[0].Unicast.Peers = nil
	b = w.start("b", lonely, "")
	b.logged(`"msg":"transition"`, `"to":"FAULT"`, "no unicast peer")
}

// An address of the link that the kernel still examines is no source: the instance waits for it, and no
// advert fails.
func TestTentativeAddressIsNoSource(t *testing.T) {
	w := newWire(t)
	p := testPlan(255)
	in := &p.Instances[0]
	in.Version, in.Group, in.InitialState = 3, netip.MustParseAddr("ff02::12"), plan.StateMaster
	in.VIPs = []plan.Address{{Prefix: netip.MustParsePrefix("fd09::100/128"), Interface: "eth0"}}
	w.In("a", "ip", "link", "set", "eth0", "down")
	w.In("a", "sh", "-c", "echo 2 > /proc/sys/net/ipv6/conf/eth0/dad_transmits")
	w.In("a", "ip", "link", "set", "eth0", "up")
	a := w.start("a", p, "")
	a.logged(`"msg":"transition"`, `"to":"FAULT"`, "no address to send from")
	a.logged(`"msg":"transition"`, `"to":"MASTER"`)
	a.logged(`"msg":"address"`, "fd09::100/128")
	if a.has(`"msg":"advert-not-sent"`) {
		t.Errorf("an advert failed")
	}
}
