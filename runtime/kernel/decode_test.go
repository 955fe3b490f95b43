//go:build linux

package kernel

import (
	"net/netip"
	"testing"
	"time"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"ka/compiler/effect"
	"ka/compiler/plan"
)

// body is what follows the netlink header of a request.
func body(req *nl.NetlinkRequest) []byte { return req.Serialize()[unix.SizeofNlMsghdr:] }

func TestDecoderReadsTheEncoder(t *testing.T) {
	name := func(int) string { return "eth0" }
	for _, a := range []effect.Address{
		effect.NewAddress(plan.Address{Prefix: netip.MustParsePrefix("192.0.2.1/24"), Interface: "eth0", Label: "eth0:1", Broadcast: netip.MustParseAddr("192.0.2.255"), Scope: 253}),
		{Prefix: netip.MustParsePrefix("192.0.2.1/32"), Peer: netip.MustParsePrefix("192.0.2.2/32"), Interface: "eth0"},
		{Prefix: netip.MustParsePrefix("2001:db8::1/64"), Interface: "eth0", NoDAD: true, Protocol: 18},
	} {
		req := nl.NewNetlinkRequest(unix.RTM_NEWADDR, 0)
		encodeAddress(req, a, 3)
		got, err := decodeAddress(body(req), name)
		if err != nil || !a.Equal(got) || got.Protocol != a.Protocol || got.NoDAD != a.NoDAD {
			t.Errorf("%s came back as %s, %v", a, got, err)
		}
	}
	for _, r := range routeSamples() {
		req := nl.NewNetlinkRequest(unix.RTM_NEWROUTE, 0)
		encodeRoute(req, r, eth0)
		if got, err := decodeRoute(body(req), name); err != nil || !r.Equal(got) || got.Protocol != r.Protocol {
			t.Errorf("%s came back as %s, %v", r, got, err)
		}
	}
	for _, r := range ruleSamples() {
		req := nl.NewNetlinkRequest(unix.RTM_NEWRULE, 0)
		encodeRule(req, r)
		if got, err := decodeRule(body(req)); err != nil || !r.Equal(got) || got.Protocol != r.Protocol {
			t.Errorf("%s came back as %s, %v", r, got, err)
		}
	}
}

// eth0 is the interface of all samples, and number 3.
func eth0(name string) int {
	if name == "" {
		return 0
	}
	return 3
}

func routeSamples() []effect.Route {
	prefix, addr := netip.MustParsePrefix, netip.MustParseAddr
	var all []effect.Route
	for _, r := range []plan.Route{
		{Destination: prefix("10.0.0.0/8"), Gateway: addr("fe80::1"), Interface: "eth0", Table: 1000, Metric: 5},
		{Destination: prefix("10.1.0.0/16"), Type: "blackhole", TOS: 8, Scope: 254},
		{
			Destination: prefix("10.2.0.0/16"), Interface: "eth0", Source: addr("192.0.2.1"), OnLink: true, Realms: &plan.Realms{From: 1, To: 2},
			Metrics: []plan.RouteMetric{{Name: "mtu", Value: 1400, Locked: true}, {Name: "rtt", Time: time.Second}, {Name: "congctl", Text: "reno"}, {Name: "features", Text: "ecn"}},
		},
		{Destination: prefix("10.3.0.0/16"), NextHops: []plan.NextHop{
			{Gateway: addr("192.0.2.2"), Weight: 3, OnLink: true, Interface: "eth0"},
			{Interface: "eth0", Weight: 256, Realms: &plan.Realms{To: 7}, Encap: &plan.Encap{Type: "mpls", Labels: []uint32{17, 18}}},
		}},
		{Destination: prefix("2001:db8::/32"), From: prefix("2001:db8:1::/48"), Gateway: addr("2001:db8::1"), Preference: "low"},
		{Destination: prefix("10.4.0.0/16"), Interface: "eth0", Encap: &plan.Encap{Type: "ip", ID: 5, Destination: addr("192.0.2.9"), TOS: 4, TTL: 9, Flags: 2}},
		{Destination: prefix("10.5.0.0/16"), Interface: "eth0", Encap: &plan.Encap{Type: "ila", Locator: 0x123456789abcdef0}},
	} {
		all = append(all, effect.NewRoute(r))
	}
	return all
}

func ruleSamples() []effect.Rule {
	prefix := netip.MustParsePrefix
	n, mask := uint32(24), uint32(0xff)
	var all []effect.Rule
	for _, r := range []plan.Rule{
		{Preference: 100, Action: "table", Table: 1000, From: prefix("10.0.0.0/8"), SuppressPrefixLength: &n, SuppressInterfaceGroup: &n},
		{IPv6: true, Preference: 101, Action: "goto", Goto: 200, To: prefix("2001:db8::/32"), Not: true, TOS: 8, Mark: &plan.Mark{Value: 1, Mask: &mask}},
		{Preference: 102, Action: "blackhole", InputInterface: "eth0", OutputInterface: "lo", TunnelID: 1 << 40, UIDs: &plan.Span{Low: 1, High: 99}},
		{Preference: 103, Action: "l3mdev", IPProtocol: "tcp", SourcePorts: &plan.Span{Low: 1, High: 2}, DestinationPorts: &plan.Span{Low: 80, High: 80}, Realms: &plan.Realms{To: 3}},
	} {
		all = append(all, effect.NewRule(r))
	}
	return all
}

func FuzzDecode(f *testing.F) {
	req := nl.NewNetlinkRequest(unix.RTM_NEWADDR, 0)
	encodeAddress(req, effect.Address{Prefix: netip.MustParsePrefix("192.0.2.1/24"), Label: "x", Protocol: 18}, 3)
	f.Add(body(req))
	for _, r := range routeSamples() {
		req := nl.NewNetlinkRequest(unix.RTM_NEWROUTE, 0)
		encodeRoute(req, r, eth0)
		f.Add(body(req))
	}
	for _, r := range ruleSamples() {
		req := nl.NewNetlinkRequest(unix.RTM_NEWRULE, 0)
		encodeRule(req, r)
		f.Add(body(req))
	}
	f.Add([]byte{2, 255, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		name := func(int) string { return "eth0" }
		if a, err := decodeAddress(b, name); err == nil && !a.Prefix.IsValid() {
			t.Error("an address without an address")
		} else if err == nil {
			_ = a.String() + a.Key()
		}
		if r, err := decodeRoute(b, name); err == nil && !r.Destination.IsValid() {
			t.Error("a route without a destination")
		} else if err == nil {
			_ = r.String() + r.Key()
		}
		_, _ = decodeRoutes(b, name)
		if r, err := decodeRule(b); err == nil {
			_ = r.String() + r.Key()
		}
		_, _ = decodeLink(b)
		if index, _, err := decodeNetconf(b); err == nil && index <= 0 {
			t.Error("forwarding of no interface")
		}
	})
}
