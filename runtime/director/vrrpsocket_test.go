//go:build linux

package director

import (
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"

	"ka/compiler/plan"
	"ka/runtime/kernel"
	"ka/runtime/vrrp"
)

// The receive buffer is what the instances of a socket ask for together (reference vrrp 4.1).
func TestReceiveBuffer(t *testing.T) {
	own, other := testPlan(100).Instances[0], testPlan(100).Instances[0]
	own.Link.ReceiveBufferBytes = 5000
	for _, c := range []struct {
		name    string
		buffers *plan.Buffers
		want    int
	}{
		{"an instance's own alone", nil, 5000},
		{"bytes", &plan.Buffers{AdvertBytes: 3000, AdvertMultiplier: 3}, 8000},
		{"MTU", &plan.Buffers{AdvertMTU: true, AdvertMultiplier: 3}, 5000 + 3*1400},
		{"adverts", &plan.Buffers{AdvertMessages: true, AdvertMultiplier: 3}, 5000 + 3*40},
	} {
		v := &vrrpProcess{plan: &plan.Plan{Global: plan.Global{Buffers: c.buffers}}, mirror: mirror{seen: newSeen()}}
		v.mirror.links["eth0"] = kernel.Link{Name: "eth0", MTU: 1400}
		p := &pool{instances: []*instance{{plan: &own}, {plan: &other}}}
		if got := v.bufferBytes(p); got != c.want {
			t.Errorf("%s: have %d, want %d", c.name, got, c.want)
		}
	}
}

// What the kernel is told of an IPv6 packet is read as it was written, in whatever order.
func TestAncillary(t *testing.T) {
	source := netip.MustParseAddr("fd09::1")
	b := ancillaryOf(vrrp.SendAdvert{Source: source, HopLimit: 33}, 7, false)
	var p vrrp.PacketReceived
	readAncillary(b, &p)
	if p.Destination != source || p.HopLimit != 33 {
		t.Errorf("have %+v", p)
	}
	messages, err := unix.ParseSocketControlMessage(b)
	if err != nil || len(messages) != 2 || len(messages[0].Data) != unix.SizeofInet6Pktinfo || messages[0].Data[16] != 7 && messages[0].Data[19] != 7 {
		t.Errorf("have %+v, %v", messages, err)
	}
	for _, multicast := range []bool{true, false} {
		a := vrrp.SendAdvert{Source: source, HopLimit: 33}
		if !multicast {
			a.HopLimit = vrrp.HopLimitKernel
		}
		if got := ancillaryOf(a, 7, multicast); len(got) != unix.CmsgSpace(unix.SizeofInet6Pktinfo) {
			t.Errorf("multicast %v: %d bytes", multicast, len(got))
		}
	}
	for cut := range b {
		readAncillary(b[:cut], new(vrrp.PacketReceived)) // must not panic
	}
}
