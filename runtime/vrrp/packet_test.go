package vrrp_test

import (
	"bytes"
	"encoding/hex"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// vectors reads testdata/vrrp.tsv: packets that real keepalived sent, by their id.
func vectors(t testing.TB) map[string][]byte {
	t.Helper()
	text, err := os.ReadFile("testdata/vrrp.tsv")
	if err != nil {
		t.Fatal(err)
	}
	m := make(map[string][]byte)
	for line := range strings.Lines(string(text)) {
		words := strings.Split(strings.TrimSpace(line), "\t")
		if strings.HasPrefix(line, "#") || len(words) != 3 {
			continue
		}
		if m[words[0]], err = hex.DecodeString(words[2]); err != nil {
			t.Fatalf("%s: %v", words[0], err)
		}
	}
	return m
}

// vectorInstance is what the vectors have in common: 10.9.0.1 advertises 10.9.0.100, VRID 51.
func vectorInstance(change func(*plan.Instance)) plan.Instance {
	inst := testInstance()
	change(&inst)
	return inst
}

func pass(password string) func(*plan.Instance) {
	return func(i *plan.Instance) { i.Auth = plan.Auth{Type: plan.AuthPass, Password: password} }
}

func version3(priority uint8, interval time.Duration, vips int) func(*plan.Instance) {
	return func(i *plan.Instance) {
		i.Version, i.VRID, i.Priority, i.AdvertInterval = 3, 52, priority, interval
		i.VIPs = manyVIPs(vips)
	}
}

// manyVIPs are 10.9.0.100 and those after it.
func manyVIPs(n int) (list []plan.Address) {
	address := netip.MustParseAddr("10.9.0.100")
	for range n {
		list = append(list, plan.Address{Prefix: netip.PrefixFrom(address, 24)})
		address = address.Next()
	}
	return list
}

// The group of a global_defs setting, and a source address of one's own.
func TestVectorGroupAndSource(t *testing.T) {
	want := vectors(t)["v3-v4-group-1"]
	inst := vectorInstance(func(i *plan.Instance) {
		i.Version, i.Group = 3, netip.MustParseAddr("224.0.0.19")
	})
	got, err := vrrp.AppendIPv4Packet(nil, vrrp.NewAdvert(inst, netip.MustParseAddr("10.9.0.77"), 100), 1)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("have %x, %v\nwant %x", got, err, want)
	}
	if v := vrrp.NewAcceptance(testInstance(), vrrp.Karun()).Judge(vrrp.PacketReceived{Packet: want}, vrrp.Context{}); v.Reason != vrrp.DropVersion {
		t.Errorf("have %q, want %q", v.Reason, vrrp.DropVersion)
	}
	inst.Group = netip.Addr{}
	if v := vrrp.NewAcceptance(inst, vrrp.Karun()).Judge(vrrp.PacketReceived{Packet: want}, vrrp.Context{}); v.Reason != vrrp.DropDestination {
		t.Errorf("have %q, want %q", v.Reason, vrrp.DropDestination)
	}
}

// seedDumps are three advertisements that a user printed with tcpdump -X in a blog post (seed 002).
var seedDumps = []struct {
	dump     string
	source   string
	vrid     uint8
	priority uint8
}{
	{`4500 0028 c934 0000 ff70 067e 0a01 01a0
	  e000 0012 2133 c801 0101 a7c0 0a01 01a6
	  3131 3131 0000 0000`, "10.1.1.160", 51, 200},
	{`4500 0028 da17 0000 ff70 f598 0a01 01a2
	  e000 0012 2134 6401 0101 0bc0 0a01 01a6
	  3131 3131 0000 0000`, "10.1.1.162", 52, 100},
	{`4500 0028 c935 0000 ff70 067d 0a01 01a0
	  e000 0012 2133 c801 0101 a7c0 0a01 01a6
	  3131 3131 0000 0000`, "10.1.1.160", 51, 200},
}

func TestSeedDumps(t *testing.T) {
	for _, c := range seedDumps {
		packet, err := hex.DecodeString(strings.Join(strings.Fields(c.dump), ""))
		if err != nil {
			t.Fatal(err)
		}
		h, a, err := vrrp.ParseIPv4Packet(packet)
		if err != nil {
			t.Fatal(err)
		}
		if h.Source != netip.MustParseAddr(c.source) || a.VRID != c.vrid || a.Priority != c.priority ||
			a.Interval != time.Second || string(a.AuthData[:4]) != "1111" {
			t.Errorf("parsed as %+v of %v", a, h.Source)
		}
		inst := vectorInstance(pass("1111"))
		inst.VRID = c.vrid
		inst.VIPs = []plan.Address{{Prefix: netip.MustParsePrefix("10.1.1.166/32")}}
		got, err := vrrp.NewAdvert(inst, h.Source, c.priority).AppendBinary(nil)
		if err != nil || !bytes.Equal(got, packet[20:]) {
			t.Errorf("have %x, %v\nwant %x", got, err, packet[20:])
		}
	}
}

// What the formats cannot hold is an error, and what came before stays as it was.
func TestNotEncodable(t *testing.T) {
	good := vrrp.NewAdvert(testInstance(), netip.MustParseAddr("10.9.0.1"), 100)
	cases := map[string]func(*vrrp.Advert){
		"a fraction of a second in version 2": func(a *vrrp.Advert) { a.Interval = 1500 * time.Millisecond },
		"256 s in version 2":                  func(a *vrrp.Advert) { a.Interval = 256 * time.Second },
		"40.96 s in version 3":                func(a *vrrp.Advert) { a.Version, a.Interval = 3, 40960*time.Millisecond },
		"a millisecond in version 3":          func(a *vrrp.Advert) { a.Version, a.Interval = 3, time.Millisecond },
		"version 4":                           func(a *vrrp.Advert) { a.Version = 4 },
		"an IPv6 address":                     func(a *vrrp.Advert) { a.Addresses = []netip.Addr{netip.MustParseAddr("fd09::1")} },
		"256 addresses":                       func(a *vrrp.Advert) { a.Addresses = make([]netip.Addr, 256) },
		"no source":                           func(a *vrrp.Advert) { a.Source = netip.Addr{} },
	}
	for name, change := range cases {
		a := good
		change(&a)
		got, err := vrrp.AppendIPv4Packet([]byte("before"), a, 1)
		if err == nil || string(got) != "before" {
			t.Errorf("%s: have %q, %v", name, got, err)
		}
	}
	v3 := good
	v3.Version, v3.Source = 3, netip.Addr{}
	if _, err := v3.AppendBinary(nil); err == nil {
		t.Error("version 3 without addresses for its checksum was encoded")
	}
}

// Whatever arrives: no panic, and what parses is written again as it was.
func FuzzPacket(f *testing.F) {
	for _, packet := range vectors(f) {
		f.Add(packet)
		f.Add(packet[:len(packet)-1])
	}
	inst := testInstance()
	acceptance := vrrp.NewAcceptance(inst, vrrp.Karun())
	f.Fuzz(func(t *testing.T, packet []byte) {
		verdict := acceptance.Judge(vrrp.PacketReceived{Packet: packet}, vrrp.Context{})
		h, a, err := vrrp.ParseIPv4Packet(packet)
		if err != nil {
			return
		}
		again, err := a.AppendBinary(nil)
		if err != nil {
			t.Fatalf("parsed %+v cannot be written: %v", a, err)
		}
		b, err := vrrp.ParseAdvert(again, h.Source, h.Destination)
		if err != nil {
			t.Fatal(err)
		}
		reserved := a.Version == 3 && packet[h.Len+4]&0xf0 != 0
		// Zero has two forms in ones' complement: 0xffff is a right checksum where we write 0.
		twoZeros := packet[h.Len+6] == 0xff && packet[h.Len+7] == 0xff
		if !reserved && !twoZeros && !bytes.Equal(again, packet[h.Len:]) {
			t.Fatalf("have %x\nwant %x", again, packet[h.Len:])
		}
		if a.Priority != b.Priority || a.VRID != b.VRID || a.Interval != b.Interval || len(a.Addresses) != len(b.Addresses) {
			t.Fatalf("have %+v\nwant %+v", b, a)
		}
		if verdict.Accepted() && (a.VRID != inst.VRID || a.Version != 2) {
			t.Fatalf("accepted %+v", a)
		}
	})
}

// Whatever can be written is read as it was.
func FuzzAdvert(f *testing.F) {
	f.Add(uint8(2), uint8(51), uint8(100), uint16(1), uint8(1), []byte("secret\x00\x00"), []byte{10, 9, 0, 100})
	f.Add(uint8(3), uint8(1), uint8(255), uint16(4095), uint8(0), []byte{}, []byte{})
	source, destination := netip.MustParseAddr("10.9.0.1"), netip.MustParseAddr("224.0.0.18")
	f.Fuzz(func(t *testing.T, version, vrid, priority uint8, interval uint16, auth uint8, password, ips []byte) {
		a := vrrp.Advert{Source: source, Destination: destination, Version: version, VRID: vrid, Priority: priority}
		a.Interval = time.Duration(interval) * 10 * time.Millisecond
		if version == 2 {
			a.AuthType = auth
			copy(a.AuthData[:], password)
			a.Interval = time.Duration(interval) * time.Second
		}
		for ; len(ips) >= 4; ips = ips[4:] {
			a.Addresses = append(a.Addresses, netip.AddrFrom4([4]byte(ips)))
		}
		packet, err := vrrp.AppendIPv4Packet(nil, a, interval)
		if err != nil {
			return
		}
		h, b, err := vrrp.ParseIPv4Packet(packet)
		if err != nil {
			t.Fatalf("%+v: %v", a, err)
		}
		if h.ID != interval || h.TTL != 255 || a.AuthData != b.AuthData || a.Interval != b.Interval || len(a.Addresses) != len(b.Addresses) {
			t.Fatalf("have %+v\nwant %+v", b, a)
		}
	})
}

// How many addresses an advert holds decides how many peers expect: keepalived's counts.
func TestMaxAddresses(t *testing.T) {
	for _, c := range []struct {
		name   string
		change recipe
		mtu    int
		want   int
	}{
		{"version 2", func(*plan.Instance) {}, 1500, 255},
		{"version 2", func(*plan.Instance) {}, 576, 131},
		{"AH", authHeader, 576, 125},
		{"version 3", v3, 576, 133},
		{"signed", recipes(v3, signed(1, keyOfBytes)), 576, 126},
		{"IPv6", v6(53, 120), 1500, 89},
		{"IPv6, signed", recipes(v6(53, 120), signed(1, keyOfBytes)), 1500, 88},
		{"no room", v3, 40, 0},
	} {
		if got := vrrp.MaxAddresses(vectorInstance(c.change), c.mtu); got != c.want {
			t.Errorf("%s, MTU %d: have %d, want %d", c.name, c.mtu, got, c.want)
		}
	}
}
