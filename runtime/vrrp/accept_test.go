package vrrp_test

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// peerPacket is a packet that the instance accepts, before change spoils the advert.
func peerPacket(t *testing.T, inst plan.Instance, change func(*vrrp.Advert)) []byte {
	t.Helper()
	a := vrrp.NewAdvert(inst, netip.MustParseAddr("10.9.0.2"), 150)
	change(&a)
	packet, err := vrrp.AppendIPv4Packet(nil, a, 7)
	if err != nil {
		t.Fatal(err)
	}
	return packet
}

// TestAcceptance goes down the ladder of reference section 5: each case fails one check and all those
// behind it that it can, so that the order shows.
func TestAcceptance(t *testing.T) {
	inst := testInstance()
	inst.Auth = plan.Auth{Type: plan.AuthPass, Password: "secret"}
	wrongChecksum := func(p []byte) []byte { p[26] ^= 0x55; return p }
	ttl := func(p []byte) []byte { p[8] = 254; return wrongChecksum(p) }
	keep := func(p []byte) []byte { return p }
	none := func(*vrrp.Advert) {}
	everything := func(a *vrrp.Advert) {
		a.AuthType, a.Interval, a.Addresses = 0, 2*time.Second, nil
		a.Destination = netip.MustParseAddr("10.9.0.1")
	}
	cases := []struct {
		name   string
		advert func(*vrrp.Advert)
		packet func([]byte) []byte
		want   vrrp.DropReason
	}{
		{"accepted", none, keep, ""},
		{"empty", none, func([]byte) []byte { return nil }, vrrp.DropTooShort},
		{"header only", none, func(p []byte) []byte { return p[:20] }, vrrp.DropTooShort},
		{"IPv6", none, func(p []byte) []byte { p[0] = 0x65; return p }, vrrp.DropTooShort},
		{"header length beyond the packet", none, func(p []byte) []byte { p[0] = 0x4f; return p[:30] }, vrrp.DropTooShort},
		{"AH", everything, func(p []byte) []byte { p[9] = 51; return slices.Insert(p, 20, make([]byte, 24)...) }, vrrp.DropAuthHeader},
		{"TCP", everything, func(p []byte) []byte { p[9] = 6; return p }, vrrp.DropProtocol},
		{"VRID", func(a *vrrp.Advert) { a.VRID = 52; everything(a) }, ttl, vrrp.DropOtherVRID},
		{"too long", everything, func(p []byte) []byte { return ttl(append(p, 0)) }, vrrp.DropLength},
		{"too short", everything, func(p []byte) []byte { return ttl(p[:len(p)-1]) }, vrrp.DropLength},
		{"count beyond the packet", none, func(p []byte) []byte { p[23] = 255; return p }, vrrp.DropLength},
		{"TTL", func(a *vrrp.Advert) { a.Version = 3; everything(a) }, ttl, vrrp.DropTTL},
		{"version", func(a *vrrp.Advert) { a.Version = 3; everything(a) }, wrongChecksum, vrrp.DropVersion},
		{"version 7", everything, func(p []byte) []byte { p[20] = 0x71; return p[:28] }, vrrp.DropVersion},
		{"invalid authentication", func(a *vrrp.Advert) { everything(a); a.AuthType = 3 }, wrongChecksum, vrrp.DropInvalidAuthType},
		{"authentication", everything, wrongChecksum, vrrp.DropAuthType},
		{"authentication AH without its header", func(a *vrrp.Advert) { everything(a); a.AuthType = 2 }, wrongChecksum, vrrp.DropAuthType},
		{"password", func(a *vrrp.Advert) { everything(a); a.AuthType, a.AuthData = 1, [8]byte{'s'} }, wrongChecksum, vrrp.DropPassword},
		{"interval", func(a *vrrp.Advert) { everything(a); a.AuthType = 1 }, wrongChecksum, vrrp.DropInterval},
		{"type", none, func(p []byte) []byte { p[20] = 0x22; return p }, vrrp.DropType},
		{"total length", none, func(p []byte) []byte { binary.BigEndian.PutUint16(p[2:], 41); return wrongChecksum(p) }, vrrp.DropTotalLength},
		{"checksum", func(a *vrrp.Advert) { a.Destination = netip.MustParseAddr("10.9.0.1") }, wrongChecksum, vrrp.DropChecksum},
		{"destination", func(a *vrrp.Advert) { a.Destination = netip.MustParseAddr("10.9.0.1") }, keep, vrrp.DropDestination},
	}
	acceptance := vrrp.NewAcceptance(inst, vrrp.Karun())
	for _, c := range cases {
		v := acceptance.Judge(vrrp.PacketReceived{Packet: c.packet(peerPacket(t, inst, c.advert))}, vrrp.Context{})
		if v.Reason != c.want {
			t.Errorf("%s: have %q (%s), want %q", c.name, v.Reason, v.Detail, c.want)
		}
	}
}

// Ethernet's padding is tolerated since 2.3.2, if it can be just that.
func TestPadding(t *testing.T) {
	inst := testInstance()
	oldOne, ok := vrrp.Keepalived("2.2.7")
	if !ok {
		t.Fatal("2.2.7 is not known")
	}
	for _, c := range []struct {
		vips, padding int
		karun, old    vrrp.DropReason
	}{
		{1, 0, "", ""},
		{1, 6, "", vrrp.DropLength}, // 40 bytes padded to Ethernet's 46
		{1, 5, vrrp.DropLength, vrrp.DropLength},
		{1, 4, vrrp.DropLength, vrrp.DropLength},
		{0, 10, "", vrrp.DropLength},
		{3, 6, vrrp.DropLength, vrrp.DropLength}, // 48 bytes need no padding
	} {
		inst.VIPs = manyVIPs(c.vips)
		packet := append(peerPacket(t, inst, func(*vrrp.Advert) {}), bytes.Repeat([]byte{0xa5}, c.padding)...)
		if v := vrrp.NewAcceptance(inst, vrrp.Karun()).Judge(vrrp.PacketReceived{Packet: packet}, vrrp.Context{}); v.Reason != c.karun {
			t.Errorf("%d addresses, %d bytes: have %q, want %q", c.vips, c.padding, v.Reason, c.karun)
		}
		if v := vrrp.NewAcceptance(inst, oldOne).Judge(vrrp.PacketReceived{Packet: packet}, vrrp.Context{}); v.Reason != c.old {
			t.Errorf("2.2.7, %d addresses, %d bytes: have %q, want %q", c.vips, c.padding, v.Reason, c.old)
		}
	}
}

// An IP header with options is skipped by its own length.
func TestOptions(t *testing.T) {
	inst := testInstance()
	packet := peerPacket(t, inst, func(*vrrp.Advert) {})
	withOption := append([]byte{}, packet[:20]...)
	withOption = append(withOption, 0x94, 4, 0, 0) // router alert
	withOption = append(withOption, packet[20:]...)
	withOption[0] = 0x46
	binary.BigEndian.PutUint16(withOption[2:], uint16(len(withOption)))
	if v := vrrp.NewAcceptance(inst, vrrp.Karun()).Judge(vrrp.PacketReceived{Packet: withOption}, vrrp.Context{}); !v.Accepted() || v.Advert.Priority != 150 {
		t.Errorf("have %q (%s)", v.Reason, v.Detail)
	}
}

// The order of the addresses does not matter, their set does.
func TestAddressList(t *testing.T) {
	inst := testInstance()
	inst.VIPs = manyVIPs(2)
	packet := peerPacket(t, inst, func(a *vrrp.Advert) {
		a.Addresses = []netip.Addr{a.Addresses[1], a.Addresses[0]}
	})
	for _, b := range append(vrrp.Targets(), vrrp.Karun()) {
		if v := vrrp.NewAcceptance(inst, b).Judge(vrrp.PacketReceived{Packet: packet}, vrrp.Context{}); !v.Accepted() || len(v.Notices) > 0 {
			t.Errorf("%s: have %q %v", b.Name, v.Reason, v.Notices)
		}
	}
}

func TestKeepalivedVersions(t *testing.T) {
	for version, want := range map[string]vrrp.Behaviour{
		"2.2.7": {RejectedPacketRestartsAdvertTimer: true, VIPListMismatchRejects: true, OwnerConflictDemotesForever: true, AnnounceTimersAccumulate: true, PlainChecksumAcceptsAll: true},
		"2.3.2": {RejectedPacketRestartsAdvertTimer: true, VIPListMismatchRejects: true, PaddingAccepted: true, OwnerConflictDemotesForever: true, AnnounceTimersAccumulate: true, PlainChecksumAcceptsAll: true},
		"2.3.3": {RejectedPacketRestartsAdvertTimer: true, PaddingAccepted: true, AnnounceTimersAccumulate: true, PlainChecksumAcceptsAll: true},
		"2.4.3": {RejectedPacketRestartsAdvertTimer: true, PaddingAccepted: true, AnnounceTimersAccumulate: true, PlainChecksumAcceptsAll: true},
	} {
		want.Name, want.OwnNumberIsOld, want.GroupTiesRepeat = "keepalived "+version, true, true
		if got, ok := vrrp.Keepalived(version); !ok || got != want {
			t.Errorf("%s: have %+v, %v", version, got, ok)
		}
	}
	for _, version := range []string{"", "2", "2.4", "2.4.4", "2.2.6", "1.3.5", "3.0.0", "2.4.-1", "2.4.3.1", "v2.4.3"} {
		if _, ok := vrrp.Keepalived(version); ok {
			t.Errorf("%q is known", version)
		}
	}
	if len(vrrp.Targets()) != 4 {
		t.Errorf("%d targets", len(vrrp.Targets()))
	}
}

func TestSkew(t *testing.T) {
	for _, c := range []struct {
		version  int
		priority uint8
		interval time.Duration
		want     time.Duration
	}{
		{2, 100, time.Second, 3609375 * time.Microsecond},
		{2, 254, time.Second, 3007812 * time.Microsecond},
		{2, 1, 255 * time.Second, 765*time.Second + 996093*time.Microsecond},
		{3, 200, 100 * time.Millisecond, 321875 * time.Microsecond},
		{3, 254, 10 * time.Millisecond, 30078 * time.Microsecond},
		{3, 1, 10 * time.Millisecond, 39960 * time.Microsecond},
	} {
		if got := vrrp.MasterDown(c.version, c.priority, c.interval, 3); got != c.want {
			t.Errorf("version %d, priority %d, interval %v: have %v, want %v", c.version, c.priority, c.interval, got, c.want)
		}
	}
}

func TestScriptCounter(t *testing.T) {
	for _, c := range []struct {
		rise, fall int
		initFail   bool
		results    string // of the runs: + or -
		want       string // what is told: u(p), d(own), . for nothing
	}{
		{1, 1, false, "+-+", "udu"},
		{1, 1, false, "-+", "du"},
		{3, 2, false, "+-+--++-+++", "u...d.....u"},
		{3, 2, false, "-++-+++", "d.....u"},
		{2, 3, false, "---", "d.."},
		{2, 1, true, "-++", "..u"},
		{0, 0, false, "+-", "ud"},
	} {
		counter := vrrp.NewScriptCounter(c.rise, c.fall, c.initFail)
		if counter.Known() != c.initFail || counter.Up() {
			t.Errorf("%+v: starts known %v, up %v", c, counter.Known(), counter.Up())
		}
		got := ""
		for _, result := range c.results {
			changed, up := counter.Result(result == '+')
			switch {
			case !changed:
				got += "."
			case up:
				got += "u"
			default:
				got += "d"
			}
		}
		if got != c.want {
			t.Errorf("rise %d, fall %d, %s: have %s, want %s", c.rise, c.fall, c.results, got, c.want)
		}
	}
}

// TestRepeatedPackets: what a packet said before does not change what is said of it, of a packet that differs
// in any bit, or of one that is accepted only once or only from a master that was heard.
func TestRepeatedPackets(t *testing.T) {
	for name, change := range map[string]recipe{
		"plain":                  func(*plan.Instance) {},
		"password":               func(p *plan.Instance) { p.Auth = plan.Auth{Type: plan.AuthPass, Password: "secret"} },
		"version 3":              v3,
		"IPv6":                   v6(51, 100),
		"unicast":                peers4,
		"list of a known master": func(p *plan.Instance) { p.Deviations.SkipAddressCheck = true },
		"owner that ignores":     func(p *plan.Instance) { p.Deviations.OwnerIgnoreAdverts = true },
	} {
		inst := testInstance()
		change(&inst)
		source := netip.MustParseAddr("10.9.0.2")
		if inst.IPv6() {
			source = vectorLink6
		}
		adverts, err := vrrp.NewSender(inst).Adverts(source, 150, 0)
		if err != nil {
			t.Fatal(err)
		}
		packet := vrrp.PacketReceived{Packet: adverts[0].Packet}
		if inst.IPv6() {
			packet.Source, packet.Destination, packet.HopLimit = source, adverts[0].Destination, 255
		}
		if v := vrrp.NewAcceptance(inst, vrrp.Karun()).Judge(packet, vrrp.Context{}); !v.Accepted() {
			t.Fatalf("%s: %s: %s", name, v.Reason, v.Detail)
		}
		for _, ctx := range []vrrp.Context{{}, {Priority: 255}, {Master: source}} {
			for _, other := range changed(packet) {
				warm, fresh := vrrp.NewAcceptance(inst, vrrp.Karun()), vrrp.NewAcceptance(inst, vrrp.Karun())
				scratch := packet
				scratch.Packet = bytes.Clone(packet.Packet) // a socket's buffer is used again
				for range 2 {
					warm.Judge(scratch, vrrp.Context{})
				}
				copy(scratch.Packet, other.Packet)
				scratch.Source, scratch.Destination, scratch.HopLimit = other.Source, other.Destination, other.HopLimit
				have, want := warm.Judge(scratch, ctx), fresh.Judge(other, ctx)
				if diff := cmp.Diff(want, have, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
					t.Fatalf("%s: %+v: %s", name, other, diff)
				}
				again := warm.Judge(packet, ctx)
				if want := fresh.Judge(packet, ctx); again.Reason != want.Reason {
					t.Fatalf("%s: the first packet again: %q, want %q", name, again.Reason, want.Reason)
				}
			}
		}
	}
}

// changed are the packets that differ in one bit, or in what the kernel says beside a packet of IPv6.
func changed(p vrrp.PacketReceived) (out []vrrp.PacketReceived) {
	for at := range len(p.Packet) * 8 {
		other := p
		other.Packet = bytes.Clone(p.Packet)
		other.Packet[at/8] ^= 1 << (at % 8)
		out = append(out, other)
	}
	if !p.Source.IsValid() {
		return out
	}
	source, destination, hops := p, p, p
	source.Source, destination.Destination = p.Source.Next(), p.Destination.Next()
	hops.HopLimit--
	return append(out, source, destination, hops)
}

// TestRepeatedOfKnownMaster: what was said of a master whose list is not looked at is not said of it when it is
// not known any more.
func TestRepeatedOfKnownMaster(t *testing.T) {
	inst := testInstance()
	inst.Deviations.SkipAddressCheck = true
	packet := vrrp.PacketReceived{Packet: peerPacket(t, inst, func(a *vrrp.Advert) {
		a.Addresses = []netip.Addr{netip.MustParseAddr("10.9.0.101")}
	})}
	acceptance := vrrp.NewAcceptance(inst, vrrp.Karun())
	for _, c := range []struct {
		master string
		want   int
	}{{"10.9.0.2", 0}, {"10.9.0.3", 1}, {"10.9.0.2", 0}} {
		v := acceptance.Judge(packet, vrrp.Context{Master: netip.MustParseAddr(c.master)})
		if !v.Accepted() || len(v.Notices) != c.want {
			t.Errorf("master %s: %q, notices %v, want %d", c.master, v.Reason, v.Notices, c.want)
		}
	}
}

// TestRepeatedNotice: what is noticed of a sender once is not noticed of every packet that says the same.
func TestRepeatedNotice(t *testing.T) {
	inst := testInstance()
	v3(&inst)
	peers4(&inst)
	packet := vrrp.PacketReceived{Packet: peerPacket(t, inst, func(a *vrrp.Advert) {
		a.Destination = vectorSource4
		a.PseudoDestination = netip.MustParseAddr("224.0.0.18") // as keepalived up to 1.3.6
	})}
	acceptance := vrrp.NewAcceptance(inst, vrrp.Karun())
	for n, want := range []int{1, 0, 0} {
		if v := acceptance.Judge(packet, vrrp.Context{}); !v.Accepted() || len(v.Notices) != want {
			t.Errorf("packet %d: %q, notices %v, want %d", n+1, v.Reason, v.Notices, want)
		}
	}
}

// TestRepeatedPacketIsNotJudged: the same advert with the next identification costs no new memory.
func TestRepeatedPacketIsNotJudged(t *testing.T) {
	inst := testInstance()
	packet := peerPacket(t, inst, func(*vrrp.Advert) {})
	acceptance := vrrp.NewAcceptance(inst, vrrp.Karun())
	allocations := testing.AllocsPerRun(100, func() {
		packet[5]++ // the identification; the kernel has verified the header's checksum
		packet[11]--
		if v := acceptance.Judge(vrrp.PacketReceived{Packet: packet}, vrrp.Context{}); !v.Accepted() {
			t.Fatal(v.Reason, v.Detail)
		}
	})
	if allocations != 0 {
		t.Errorf("%v pieces of memory for a packet that is known", allocations)
	}
}
