package vrrp_test

import (
	"bytes"
	"net/netip"
	"testing"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// Whatever the kernel hands over of IPv6: no panic, and what is accepted is of this virtual router and
// signed where it must be.
func FuzzIPv6(f *testing.F) {
	for _, packet := range vectors(f) {
		if r := receivedOf(packet); r.Source.IsValid() {
			f.Add(r.Packet, r.Source.AsSlice(), r.HopLimit, true)
			f.Add(r.Packet, r.Source.AsSlice(), r.HopLimit, false)
		}
	}
	inst := vectorInstance(v6(53, 120))
	sealed := vectorInstance(advertVectors["hmac-v3-v6"])
	f.Fuzz(func(t *testing.T, packet, source []byte, hopLimit uint8, multicast bool) {
		from, _ := netip.AddrFromSlice(source)
		r := vrrp.PacketReceived{Packet: packet, Source: from, Destination: vectorSource6, HopLimit: hopLimit}
		if multicast {
			r.Destination = inst.Group
		}
		if v := vrrp.NewAcceptance(inst, vrrp.Karun()).Judge(r, vrrp.Context{}); v.Accepted() &&
			(v.Advert.VRID != inst.VRID || v.Advert.Version != 3 || hopLimit != 255 || !multicast) {
			t.Fatalf("accepted %+v, hop limit %d", v.Advert, hopLimit)
		}
		ctx := vrrp.Context{Wall: wallOf(sealed, append(make([]byte, 40), packet...))}
		if v := vrrp.NewAcceptance(sealed, vrrp.Karun()).Judge(r, ctx); v.Accepted() {
			known := false
			for _, vector := range vectors(t) {
				known = known || bytes.HasSuffix(vector, packet)
			}
			if !known {
				t.Fatalf("accepted %x without its key", packet)
			}
		}
		if vrid, ok := vrrp.VRIDOf(r); ok && from.IsValid() && vrid != packet[1] {
			t.Fatalf("virtual router %d", vrid)
		}
	})
}

// AH over IPv4: nothing but what a peer with the password sent is accepted.
func FuzzAH(f *testing.F) {
	known := make(map[string]bool)
	for _, packet := range vectors(f) {
		f.Add(packet, true)
		f.Add(packet, false)
		known[string(packet)] = true
	}
	f.Fuzz(func(t *testing.T, packet []byte, unicast bool) {
		inst := vectorInstance(authHeader)
		if unicast {
			peers4(&inst)
		}
		v := vrrp.NewAcceptance(inst, vrrp.Karun()).Judge(vrrp.PacketReceived{Packet: packet}, vrrp.Context{})
		if !v.Accepted() || known[string(packet)] {
			return
		}
		// What routers may change is not covered: type of service, flags, TTL, the header's checksum.
		changed := bytes.Clone(packet)
		changed[1] = 0xc0
		changed[6], changed[7] = 0, 0
		changed[8] = 255
		for vector := range known {
			same := len(vector) == len(changed) && vector[:8] == string(changed[:8]) && vector[9:10] == string(changed[9:10]) && vector[12:] == string(changed[12:])
			if same {
				return
			}
		}
		t.Fatalf("accepted %x without the password", packet)
	})
}

// A signature that is read is written again as it was.
func FuzzTrailer(f *testing.F) {
	for id, packet := range vectors(f) {
		if len(packet) > 28 && id[:4] == "hmac" {
			f.Add(packet[len(packet)-28:])
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		trailer, err := vrrp.ParseTrailer(b)
		if err != nil {
			return
		}
		if again, err := trailer.AppendBinary(nil); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("have %x, %v\nwant %x", again, err, b)
		}
	})
}

// Whatever a plan says, a sender fails or sends what its own kind accepts.
func FuzzSender(f *testing.F) {
	f.Add(uint8(2), uint8(51), uint8(100), uint8(3), false, false, false)
	f.Add(uint8(3), uint8(1), uint8(255), uint8(0), true, true, true)
	f.Fuzz(func(t *testing.T, version, vrid, priority, vips uint8, ipv6, unicast, sign bool) {
		inst := testInstance()
		inst.VIPs = manyVIPs(int(vips))
		source := vectorSource4
		if ipv6 {
			v6(vrid, priority)(&inst)
			source = vectorSource6
		}
		inst.Version, inst.VRID, inst.Priority = int(version), vrid, priority
		if unicast {
			peers4(&inst)
			if ipv6 {
				peers6(plan.TTLKernel)(&inst)
			}
		}
		if sign {
			signed(1, keyOfBytes)(&inst)
		}
		list, err := vrrp.NewSender(inst).Adverts(source, priority, 0)
		if err != nil {
			if version == 2 || version == 3 {
				t.Fatalf("%+v: %v", inst, err)
			}
			return
		}
		for _, a := range list {
			if v := vrrp.NewAcceptance(receiverOf(inst, source), vrrp.Karun()).Judge(a.Received(), vrrp.Context{}); !v.Accepted() || len(v.Notices) > 0 {
				t.Fatalf("%+v: %s %s %v", a, v.Reason, v.Detail, v.Notices)
			}
		}
	})
}

// Whatever is captured: no panic, and an accepted packet can be read.
func FuzzReadPacket(f *testing.F) {
	for _, packet := range vectors(f) {
		f.Add(packet)
		f.Add(packet[:len(packet)-1])
	}
	f.Fuzz(func(t *testing.T, packet []byte) {
		_, readErr := vrrp.ReadPacket(packet)
		if _, _, err := vrrp.ParseIPv4Packet(packet); err == nil && readErr != nil {
			t.Fatalf("%x: %v", packet, readErr)
		}
	})
}
