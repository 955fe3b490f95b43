package vrrp_test

import (
	"bytes"
	"encoding/binary"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ka/compiler/plan"
	"ka/runtime/arp"
	"ka/runtime/vrrp"
)

// The addresses and keys that all vectors have in common (the head of testdata/vrrp.tsv).
var (
	vectorSource4 = netip.MustParseAddr("10.9.0.1")
	vectorLink6   = netip.MustParseAddr("fe80::ff:fe00:a")
	vectorSource6 = netip.MustParseAddr("fd09::1")
	vectorMAC     = [6]byte{2, 0, 0, 0, 0, 0x0a}
	keyOfBytes    = func() string {
		b := make([]byte, 32)
		for i := range b {
			b[i] = byte(i)
		}
		return string(b)
	}()
)

const keyOfLetters = "abcdefghijklmnopqrstuvwxyz0123456789"

// recipe makes the instance that sent a vector.
type recipe func(*plan.Instance)

func recipes(list ...recipe) recipe {
	return func(i *plan.Instance) {
		for _, r := range list {
			r(i)
		}
	}
}

func authHeader(i *plan.Instance) {
	i.Auth = plan.Auth{Type: plan.AuthHeader, Password: "secret"}
}

// peers4 is unicast to .2 and .3.
func peers4(i *plan.Instance) {
	i.Unicast = &plan.Unicast{TTL: 255, Checksum: plan.ChecksumAuto, Peers: []plan.Peer{
		{Address: netip.MustParseAddr("10.9.0.2"), MaxTTL: 255}, {Address: netip.MustParseAddr("10.9.0.3"), MaxTTL: 255},
	}}
}

func peers6(ttl int) recipe {
	return func(i *plan.Instance) {
		i.Source = vectorSource6
		i.Unicast = &plan.Unicast{TTL: ttl, Checksum: plan.ChecksumAuto, Peers: []plan.Peer{{Address: netip.MustParseAddr("fd09::2"), MaxTTL: 255}}}
	}
}

// v6 is IPv6 with the two addresses, VRID and priority.
func v6(vrid, priority uint8) recipe {
	return func(i *plan.Instance) {
		i.Version, i.VRID, i.Priority, i.Group = 3, vrid, priority, netip.MustParseAddr("ff02::12")
		i.VIPs = []plan.Address{{Prefix: netip.MustParsePrefix("fe80::5e:1/128")}, {Prefix: netip.MustParsePrefix("fd09::100/128")}}
	}
}

func v3(i *plan.Instance) { i.Version = 3 }

func signed(id uint8, secret string) recipe {
	return func(i *plan.Instance) {
		i.HMAC = &plan.HMAC{
			Keys: []plan.HMACKey{{ID: id, Secret: secret}}, ActiveKey: id,
			TimeWindow: 5 * time.Second, Replay: plan.ReplayTime, Mode: plan.HMACEnforce,
		}
	}
}

func owner(i *plan.Instance) { i.Priority, i.AdvertInterval = 255, 3*time.Second }

func twenty6(i *plan.Instance) {
	v6(0x35, 120)(i)
	next := netip.MustParseAddr("fd09::100")
	i.VIPs = i.VIPs[:1]
	for range 19 {
		i.VIPs = append(i.VIPs, plan.Address{Prefix: netip.PrefixFrom(next, 128)})
		next = next.Next()
	}
}

// advertVectors says for each kind of vector how its sender was configured. A vector belongs to the
// kind that its id names, without the old version's mark, "prio0" and the number.
var advertVectors = map[string]recipe{
	"v2-none":       func(*plan.Instance) {},
	"v2-pass":       pass("secret"),
	"v2-pass-short": pass("secret"),
	"v2-pass-long":  pass("01234567"),
	"v2-ah":         authHeader,
	"v2-ah-uni":     recipes(authHeader, peers4),
	"v2-owner":      owner,
	"v2-20vips":     func(i *plan.Instance) { i.VRID, i.Priority, i.VIPs = 200, 254, manyVIPs(20) },
	"v2-0vips":      func(i *plan.Instance) { i.VIPs = nil },
	"v2-uni":        peers4,
	"v2-uni-ttl64":  recipes(peers4, func(i *plan.Instance) { i.Unicast.TTL = 64 }),
	"v2-ipv6":       recipes(v6(0x33, 100), func(i *plan.Instance) { i.Version = 2 }),
	"v3-v4":         version3(150, time.Second, 1),
	"v3-v4-cs5":     version3(150, 50*time.Millisecond, 1),
	"v3-v4-owner":   version3(255, 40950*time.Millisecond, 1),
	"v3-v4-20vips":  version3(100, time.Second, 20),
	"v3-v4-uni":     recipes(v3, peers4),
	"v3-v4-uni-old": recipes(v3, peers4, func(i *plan.Instance) { i.Unicast.Checksum = plan.ChecksumOld }),
	"v3-v4-as-v2":   recipes(v3, func(i *plan.Instance) { i.Deviations.ChecksumWithoutHeader = true }),
	"v3-v4-group": recipes(v3, func(i *plan.Instance) {
		i.Group, i.Source = netip.MustParseAddr("224.0.0.19"), netip.MustParseAddr("10.9.0.77")
	}),
	"v3-v6":          v6(53, 120),
	"v3-v6-uni":      recipes(v6(53, 120), peers6(plan.TTLKernel)),
	"v3-v6-uni-ttl":  recipes(v6(53, 120), peers6(33)),
	"v3-v6-20vips":   twenty6,
	"hmac-v3-v4":     recipes(v3, signed(1, keyOfBytes)),
	"hmac-v3-v4-uni": recipes(v3, peers4, signed(1, keyOfBytes)),
	"hmac-v3-v6":     recipes(v6(0x33, 100), signed(7, keyOfLetters)),
	"hmac-v2-v4":     signed(1, keyOfBytes),
	"hmac-recvonly":  recipes(v3, signed(1, keyOfBytes), func(i *plan.Instance) { i.HMAC.Mode = plan.HMACReceiveOnly }),

	"frame-v6-fwd-adv6": v6(0x33, 120),
	"frame-vmac4-adv4": func(i *plan.Instance) {
		i.Priority, i.Link.VMAC = 150, &plan.VMAC{MAC: [6]byte{0, 0, 0x5e, 0, 1, 0x33}}
	},
	"frame-vmac6-adv6": recipes(v6(0x33, 150), func(i *plan.Instance) { i.Link.VMAC = &plan.VMAC{MAC: [6]byte{0, 0, 0x5e, 0, 2, 0x33}} }),
}

// announced says of each vector of an announcement what it announces.
var announced = map[string]struct {
	mac    [6]byte
	ip     string
	router bool
}{
	"garp-v2-none":       {vectorMAC, "10.9.0.100", false},
	"garp-v2-none-227":   {vectorMAC, "10.9.0.100", false},
	"una-v3-v6-1":        {vectorMAC, "fe80::5e:1", false},
	"una-v3-v6-2":        {vectorMAC, "fd09::100", false},
	"una-v3-v6-227-1":    {vectorMAC, "fe80::5e:1", false},
	"una-v3-v6-227-2":    {vectorMAC, "fd09::100", false},
	"frame-v6-fwd-una-2": {vectorMAC, "fe80::5e:1", true},
	"frame-v6-fwd-una-3": {vectorMAC, "fd09::100", true},
	"frame-vmac4-garp-2": {[6]byte{0, 0, 0x5e, 0, 1, 0x33}, "10.9.0.100", false},
	"frame-vmac6-una-2":  {[6]byte{0, 0, 0x5e, 0, 2, 0x33}, "fe80::5e:1", true},
	"frame-vmac6-una-3":  {[6]byte{0, 0, 0x5e, 0, 2, 0x33}, "fd09::100", true},
}

var kindOf = regexp.MustCompile(`^(.*?)(-227)?(-prio0)?-(\d+)$`)

// TestVectors takes each packet that real keepalived sent: it is produced byte for byte, parsed, accepted
// by its own kind, and refused by those that it is not for. No vector is left out.
func TestVectors(t *testing.T) {
	all := vectors(t)
	if len(all) != 98 {
		t.Errorf("%d vectors", len(all))
	}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		t.Run(id, func(t *testing.T) {
			if a, ok := announced[id]; ok {
				checkAnnouncement(t, all[id], a.mac, netip.MustParseAddr(a.ip), a.router)
				return
			}
			m := kindOf.FindStringSubmatch(id)
			if m == nil || advertVectors[m[1]] == nil {
				t.Fatal("nobody says what this vector is")
			}
			inst := vectorInstance(advertVectors[m[1]])
			priority := inst.Priority
			if m[3] != "" {
				priority = 0
			}
			packet := all[id]
			if strings.HasPrefix(id, "frame-") {
				packet = checkEthernet(t, inst, packet)
			}
			checkAdvertVector(t, inst, packet, priority)
		})
	}
}

// checkAnnouncement writes and reads a frame of gratuitous ARP or of a neighbour advertisement.
func checkAnnouncement(t *testing.T, want []byte, mac [6]byte, ip netip.Addr, router bool) {
	t.Helper()
	if ip.Is4() {
		if got := arp.AppendGratuitous(nil, mac, ip); !bytes.Equal(got, want) {
			t.Errorf("have %x\nwant %x", got, want)
		}
		if g, err := arp.Parse(want); err != nil || g != (arp.Gratuitous{MAC: mac, IP: ip}) {
			t.Errorf("read as %+v, %v", g, err)
		}
		return
	}
	n := arp.Neighbour{MAC: mac, IP: ip, Router: router}
	if got := arp.AppendNeighbour(nil, n); !bytes.Equal(got, want) {
		t.Errorf("have %x\nwant %x", got, want)
	}
	if read, err := arp.ParseNeighbour(want); err != nil || read != n {
		t.Errorf("read as %+v, %v", read, err)
	}
}

// checkEthernet checks the header that the kernel makes of the interface and the destination, and
// returns the packet.
func checkEthernet(t *testing.T, inst plan.Instance, frame []byte) []byte {
	t.Helper()
	mac := vectorMAC
	if inst.Link.VMAC != nil {
		mac = inst.Link.VMAC.MAC
	}
	header := []byte{0x01, 0x00, 0x5e, 0, 0, 0x12}
	etherType := []byte{0x08, 0x00}
	if inst.IPv6() {
		header, etherType = []byte{0x33, 0x33, 0, 0, 0, 0x12}, []byte{0x86, 0xdd}
	}
	header = slices.Concat(header, mac[:], etherType)
	if !bytes.Equal(frame[:14], header) {
		t.Errorf("ethernet header %x, want %x", frame[:14], header)
	}
	return frame[14:]
}

// checkAdvertVector makes the packet again, and shows it to several receivers.
func checkAdvertVector(t *testing.T, inst plan.Instance, want []byte, priority uint8) {
	t.Helper()
	send, got := resend(t, inst, want, priority)
	if !bytes.Equal(got, want) {
		t.Fatalf("have %x\nwant %x", got, want)
	}
	seen, err := vrrp.ReadPacket(want)
	signed := inst.HMAC != nil && inst.HMAC.Mode != plan.HMACReceiveOnly
	if err != nil || seen.Priority != priority || seen.Header != (inst.Auth.Type == plan.AuthHeader) || (seen.Signature != nil) != signed {
		t.Errorf("seen on the wire as %+v, %v", seen, err)
	}
	packet := receivedOf(want)
	if !bytes.Equal(packet.Packet, send.Received().Packet) {
		t.Errorf("sent %+v, received %+v", send, packet)
	}
	if vrid, ok := vrrp.VRIDOf(packet); !ok || vrid != inst.VRID {
		t.Errorf("virtual router %d, %v", vrid, ok)
	}
	receiver := receiverOf(inst, send.Source)
	ctx := vrrp.Context{Wall: wallOf(inst, want), Priority: inst.Priority}
	acceptance := vrrp.NewAcceptance(receiver, vrrp.Karun())
	v := acceptance.Judge(packet, ctx)
	if !v.Accepted() || len(v.Notices) > 0 || v.Advert.Priority != priority || v.Source != send.Source {
		t.Errorf("its own kind says %q (%s) %v of %+v", v.Reason, v.Detail, v.Notices, v.Advert)
	}
	for _, r := range refusals(receiver) {
		other := receiver
		r.change(&other)
		judge := vrrp.NewAcceptance(other, vrrp.Karun())
		if v := judge.Judge(packet, ctx); v.Reason != r.want {
			t.Errorf("%s: %q (%s), want %q", r.name, v.Reason, v.Detail, r.want)
		}
	}
	again := vrrp.DropReason("")
	switch {
	case inst.Auth.Type == plan.AuthHeader:
		again = vrrp.DropAHReplayed
	case inst.HMAC != nil && inst.HMAC.Mode != plan.HMACReceiveOnly:
		again = vrrp.DropHMACReplayed
	}
	if v := acceptance.Judge(packet, ctx); v.Reason != again {
		t.Errorf("a second time: %q (%s), want %q", v.Reason, v.Detail, again)
	}
}

// resend lets a sender send until it comes to the packet: identification and sequence count from 1.
func resend(t *testing.T, inst plan.Instance, want []byte, priority uint8) (vrrp.SendAdvert, []byte) {
	t.Helper()
	source := vectorSource4
	switch {
	case inst.Source.IsValid():
		source = inst.Source
	case inst.IPv6():
		source = vectorLink6
	}
	sender := vrrp.NewSender(inst)
	rounds := 1
	if !inst.IPv6() {
		rounds = int(binary.BigEndian.Uint16(want[4:]))
	}
	var list []vrrp.SendAdvert
	for n := range rounds {
		var err error
		before := time.Duration(rounds-1-n) * time.Second
		if list, err = sender.Adverts(source, priority, wallOf(inst, want)-vrrp.WallTime(before)); err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range list {
		whole := a.Packet
		if inst.IPv6() {
			whole = ipv6Header(t, a, want)
		}
		if a.Destination == destinationOf(want) {
			return a, whole
		}
	}
	t.Fatalf("nothing is sent to %v", destinationOf(want))
	return vrrp.SendAdvert{}, nil
}

// ipv6Header puts the header in front that the kernel makes: class 0xc0, its own flow label (that of the
// vector), and what the action asks for.
func ipv6Header(t *testing.T, a vrrp.SendAdvert, want []byte) []byte {
	t.Helper()
	r := a.Received()
	header := []byte{0x6c, want[1] & 0x0f, want[2], want[3], 0, 0, 112, r.HopLimit}
	binary.BigEndian.PutUint16(header[4:], uint16(len(a.Packet)))
	return slices.Concat(header, a.Source.AsSlice(), a.Destination.AsSlice(), a.Packet)
}

func destinationOf(packet []byte) netip.Addr {
	if packet[0]>>4 == 6 {
		return netip.AddrFrom16([16]byte(packet[24:]))
	}
	return netip.AddrFrom4([4]byte(packet[16:]))
}

// receivedOf is what a socket makes of a packet.
func receivedOf(packet []byte) vrrp.PacketReceived {
	if packet[0]>>4 != 6 {
		return vrrp.PacketReceived{Packet: packet}
	}
	return vrrp.PacketReceived{
		Packet: packet[40:], Source: netip.AddrFrom16([16]byte(packet[8:])), Destination: destinationOf(packet), HopLimit: packet[7],
	}
}

// wallOf is the time of a signature; without one it does not matter.
func wallOf(inst plan.Instance, packet []byte) vrrp.WallTime {
	if inst.HMAC == nil || inst.HMAC.Mode == plan.HMACReceiveOnly {
		return vrrp.WallTime(time.Hour)
	}
	trailer, err := vrrp.ParseTrailer(packet[len(packet)-28:])
	if err != nil {
		return 0
	}
	seconds, fraction := trailer.Sequence>>32, trailer.Sequence>>16&0xffff
	nanos := (fraction*uint64(time.Second) + 65535) >> 16 // the first that gives this fraction
	return vrrp.WallTime(time.Duration(seconds)*time.Second + time.Duration(nanos))
}

// receiverOf is an instance that hears the sender: with unicast, it is the peer.
func receiverOf(inst plan.Instance, source netip.Addr) plan.Instance {
	if inst.Unicast == nil {
		return inst
	}
	u := *inst.Unicast
	u.Peers = []plan.Peer{{Address: source, MaxTTL: 255}}
	u.CheckSource = true
	inst.Unicast = &u
	return inst
}

type refusal struct {
	name   string
	change func(*plan.Instance)
	want   vrrp.DropReason
}

// refusals are receivers that differ from the sender in one thing, with the reason that they have.
func refusals(inst plan.Instance) []refusal {
	list := []refusal{
		{"another virtual router", func(i *plan.Instance) { i.VRID++ }, vrrp.DropOtherVRID},
		{"another version", func(i *plan.Instance) { i.Version, i.Auth = 5-i.Version, plan.Auth{} }, versionReason(inst)},
		{"another family", otherFamily, vrrp.DropFamily},
	}
	if inst.Unicast == nil {
		list = append(list, refusal{"unicast", func(i *plan.Instance) {
			i.Unicast = &plan.Unicast{Checksum: plan.ChecksumNever, Peers: []plan.Peer{{Address: vectorSource4}, {Address: vectorLink6}, {Address: netip.MustParseAddr("10.9.0.77")}}}
		}, vrrp.DropDestination})
	} else {
		list = append(list,
			refusal{"unicast from others", func(i *plan.Instance) {
				u := *i.Unicast
				u.Peers = []plan.Peer{{Address: netip.MustParseAddr("192.0.2.1"), MaxTTL: 255}}
				i.Unicast = &u
			}, vrrp.DropUnicastSource},
			refusal{"unicast from afar", func(i *plan.Instance) {
				u := *i.Unicast
				u.Peers = []plan.Peer{{Address: u.Peers[0].Address, MaxTTL: 10}}
				i.Unicast = &u
			}, vrrp.DropUnicastTTL})
	}
	if inst.Auth.Type == plan.AuthHeader && inst.Unicast == nil {
		// The value covers the TTL in multicast only.
		list[len(list)-1].want = vrrp.DropAHValue
	}
	return append(list, authRefusals(inst)...)
}

// versionReason: the version decides how long the packet has to be, and AH belongs to version 2.
func versionReason(inst plan.Instance) vrrp.DropReason {
	if inst.Auth.Type == plan.AuthHeader {
		return vrrp.DropAuthHeader
	}
	return vrrp.DropVersion
}

func otherFamily(i *plan.Instance) {
	if i.IPv6() {
		i.Group, i.VIPs, i.Unicast = netip.Addr{}, manyVIPs(1), nil
		return
	}
	i.Auth, i.Unicast = plan.Auth{}, nil
	v6(i.VRID, i.Priority)(i)
}

func authRefusals(inst plan.Instance) []refusal {
	password := func(kind plan.AuthType, word string) func(*plan.Instance) {
		return func(i *plan.Instance) { i.Auth = plan.Auth{Type: kind, Password: word} }
	}
	var list []refusal
	switch inst.Auth.Type {
	case plan.AuthPass:
		list = append(list, refusal{"another password", password(plan.AuthPass, "sekret"), vrrp.DropPassword},
			refusal{"no password", password(plan.AuthNone, ""), vrrp.DropAuthType})
	case plan.AuthHeader:
		list = append(list, refusal{"another password", password(plan.AuthHeader, "sekret"), vrrp.DropAHValue},
			refusal{"PASS for AH", password(plan.AuthPass, "secret"), vrrp.DropAuthHeader})
	default:
		if inst.Version == 2 && !inst.IPv6() {
			list = append(list, refusal{"PASS for none", password(plan.AuthPass, "secret"), vrrp.DropAuthType},
				refusal{"AH for none", password(plan.AuthHeader, "secret"), vrrp.DropAuthHeader})
		}
	}
	enforce := recipes(signed(9, keyOfLetters))
	if inst.HMAC == nil || inst.HMAC.Mode == plan.HMACReceiveOnly {
		return append(list, refusal{"signed for unsigned", enforce, vrrp.DropHMACMissing})
	}
	change := func(f func(*plan.HMAC)) func(*plan.Instance) {
		return func(i *plan.Instance) {
			h := *i.HMAC
			f(&h)
			i.HMAC = &h
		}
	}
	key := inst.HMAC.Keys[0].ID
	return append(list,
		refusal{"unsigned for signed", func(i *plan.Instance) { i.HMAC = nil }, vrrp.DropLength},
		refusal{"another key", change(func(h *plan.HMAC) { h.Keys = []plan.HMACKey{{ID: key, Secret: keyOfBytes + "x"}} }), vrrp.DropHMACInvalid},
		refusal{"an unknown key", change(func(h *plan.HMAC) { h.Keys = []plan.HMACKey{{ID: key + 1, Secret: keyOfBytes}} }), vrrp.DropHMACUnknownKey},
		refusal{"permissive does not forgive a wrong key", change(func(h *plan.HMAC) {
			h.Mode, h.Keys = plan.HMACPermissive, []plan.HMACKey{{ID: key, Secret: keyOfBytes + "x"}}
		}), vrrp.DropHMACInvalid},
		refusal{"receive-only accepts it", change(func(h *plan.HMAC) { h.Mode = plan.HMACReceiveOnly }), ""},
		refusal{"several keys", change(func(h *plan.HMAC) {
			h.Keys, h.ActiveKey = append([]plan.HMACKey{{ID: key + 1, Secret: strings.Repeat("z", 32)}}, h.Keys...), key+1
		}), ""},
	)
}

// The seconds of a signature against the clock of the receiver: the window counts both ways, its end is
// within.
func TestVectorClock(t *testing.T) {
	inst := vectorInstance(advertVectors["hmac-v3-v4"])
	packet := vectors(t)["hmac-v3-v4-1"]
	for _, c := range []struct {
		skew   time.Duration
		replay plan.ReplayMode
		want   vrrp.DropReason
		notice bool
	}{
		{0, plan.ReplayTime, "", false}, {2 * time.Second, plan.ReplayTime, "", false}, {3 * time.Second, plan.ReplayTime, "", true},
		{-5 * time.Second, plan.ReplayTime, "", true}, {5 * time.Second, plan.ReplayTime, "", true},
		{6 * time.Second, plan.ReplayTime, vrrp.DropHMACStale, false}, {-6 * time.Second, plan.ReplayTime, vrrp.DropHMACStale, false},
		{time.Hour, plan.ReplayMonotonic, "", false}, {-time.Hour, plan.ReplayMonotonic, "", false},
	} {
		inst.HMAC.Replay = c.replay
		ctx := vrrp.Context{Wall: wallOf(inst, packet) + vrrp.WallTime(c.skew)}
		v := vrrp.NewAcceptance(inst, vrrp.Karun()).Judge(receivedOf(packet), ctx)
		notice := len(v.Notices) == 1 && v.Notices[0].Reason == vrrp.NoticeClockSkew
		if v.Reason != c.want || notice != c.notice {
			t.Errorf("%v, %s: %q %v, want %q, notice %v", c.skew, c.replay, v.Reason, v.Notices, c.want, c.notice)
		}
	}
}
