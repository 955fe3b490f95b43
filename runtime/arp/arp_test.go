package arp

import (
	"bytes"
	"encoding/hex"
	"net/netip"
	"testing"
)

// sent are frames that keepalived 2.4.3 and 2.2.7 sent (vectors garp-v2-none, garp-v2-none-227 and
// frame-vmac4-garp-2).
var sent = []struct {
	frame string
	mac   [6]byte
}{
	{"ffffffffffff02000000000a0806000108000604000102000000000a0a090064ffffffffffff0a090064", [6]byte{2, 0, 0, 0, 0, 0x0a}},
	{"ffffffffffff00005e0001330806000108000604000100005e0001330a090064ffffffffffff0a090064", [6]byte{0, 0, 0x5e, 0, 1, 0x33}},
}

func TestVectors(t *testing.T) {
	ip := netip.MustParseAddr("10.9.0.100")
	for _, c := range sent {
		want, err := hex.DecodeString(c.frame)
		if err != nil {
			t.Fatal(err)
		}
		if got := AppendGratuitous(nil, c.mac, ip); !bytes.Equal(got, want) {
			t.Errorf("have %x\nwant %x", got, want)
		}
		if g, err := Parse(want); err != nil || g.MAC != c.mac || g.IP != ip {
			t.Errorf("parsed as %+v, %v", g, err)
		}
		if g, err := Parse(append(want, make([]byte, 18)...)); err != nil || g.IP != ip {
			t.Errorf("padded: parsed as %+v, %v", g, err)
		}
	}
}

// Every bit that makes the frame what it is counts.
func TestParseRefuses(t *testing.T) {
	good := AppendGratuitous(nil, [6]byte{2, 0, 0, 0, 0, 1}, netip.MustParseAddr("192.0.2.1"))
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 1
		if g, err := Parse(bad); err == nil {
			t.Errorf("byte %d changed: parsed as %+v", i, g)
		}
		if _, err := Parse(good[:i]); err == nil {
			t.Errorf("parsed %d bytes", i)
		}
	}
}

func TestOnlyIPv4(t *testing.T) {
	for _, ip := range []netip.Addr{{}, netip.MustParseAddr("fd09::1")} {
		if got := AppendGratuitous([]byte("x"), [6]byte{}, ip); string(got) != "x" {
			t.Errorf("%v: have %q", ip, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range sent {
		frame, _ := hex.DecodeString(c.frame)
		f.Add(frame)
		f.Add(frame[:41])
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		g, err := Parse(frame)
		if err != nil {
			return
		}
		if again := AppendGratuitous(nil, g.MAC, g.IP); !bytes.Equal(again, frame[:FrameLen]) {
			t.Fatalf("have %x\nwant %x", again, frame)
		}
	})
}

// sentNeighbours are vectors una-v3-v6-2 and frame-v6-fwd-una-3.
var sentNeighbours = []string{
	"33330000000102000000000a86dd6000000000203afffd090000000000000000000000000100ff0200000000000000000000000000018800588220000000fd090000000000000000000000000100020102000000000a",
	"33330000000102000000000a86dd6000000000203afffd090000000000000000000000000100ff0200000000000000000000000000018800d881a0000000fd090000000000000000000000000100020102000000000a",
}

// Every bit of an advertisement counts but those of the addresses, which have to agree.
func TestParseNeighbourRefuses(t *testing.T) {
	for _, text := range sentNeighbours {
		good, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		for i := range good {
			bad := bytes.Clone(good)
			bad[i] ^= 1
			if n, err := ParseNeighbour(bad); err == nil {
				t.Errorf("byte %d changed: read as %+v", i, n)
			}
			if _, err := ParseNeighbour(good[:i]); err == nil {
				t.Errorf("read %d bytes", i)
			}
		}
	}
	for _, ip := range []netip.Addr{{}, netip.MustParseAddr("10.9.0.1"), netip.MustParseAddr("::ffff:10.9.0.1")} {
		if got := AppendNeighbour([]byte("x"), Neighbour{IP: ip}); string(got) != "x" {
			t.Errorf("%v: have %q", ip, got)
		}
	}
}

func FuzzParseNeighbour(f *testing.F) {
	for _, text := range sentNeighbours {
		frame, _ := hex.DecodeString(text)
		f.Add(frame)
		f.Add(frame[:85])
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		n, err := ParseNeighbour(frame)
		if err != nil {
			return
		}
		if again := AppendNeighbour(nil, n); !bytes.Equal(again, frame[:NeighbourLen]) {
			t.Fatalf("have %x\nwant %x", again, frame)
		}
	})
}
