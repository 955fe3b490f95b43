//go:build linux

package kernel

import (
	"testing"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"ka/compiler/effect"
	"ka/compiler/plan"
	"net/netip"
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
	r := effect.Route{Destination: netip.MustParsePrefix("10.0.0.0/8"), Gateway: netip.MustParseAddr("fe80::1"), Interface: "eth0", Table: 1000, Metric: 5, Type: 1, Protocol: 18}
	req := nl.NewNetlinkRequest(unix.RTM_NEWROUTE, 0)
	encodeRoute(req, r, 3)
	if got, err := decodeRoute(body(req), name); err != nil || !r.Equal(got) {
		t.Errorf("%s came back as %s, %v", r, got, err)
	}
}

func FuzzDecode(f *testing.F) {
	req := nl.NewNetlinkRequest(unix.RTM_NEWADDR, 0)
	encodeAddress(req, effect.Address{Prefix: netip.MustParsePrefix("192.0.2.1/24"), Label: "x", Protocol: 18}, 3)
	f.Add(body(req))
	req = nl.NewNetlinkRequest(unix.RTM_NEWROUTE, 0)
	encodeRoute(req, effect.Route{Destination: netip.MustParsePrefix("10.0.0.0/8"), Gateway: netip.MustParseAddr("fe80::1"), Table: 1000}, 3)
	f.Add(body(req))
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
		_, _ = decodeLink(b)
	})
}
