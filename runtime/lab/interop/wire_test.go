//go:build linux

package interop

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"ka/runtime/lab/need"
	"ka/runtime/lab/node"
)

// manyAddresses is an instance with an address of each form that is written.
var manyAddresses = conf("MASTER", 150, `virtual_ipaddress {
		10.1.1.166
		10.1.1.167/24
		10.1.1.168/24 brd 10.1.1.255
		10.1.1.169/32 dev eth0 label eth0:9
		10.1.1.170/24 scope link
		10.1.1.171/25 scope host
		10.2.2.2/16 brd +
	}`, `virtual_ipaddress_excluded {
		10.1.1.180
		10.1.1.181/24 dev lo
	}`)

// outside is what can be seen of a daemon from outside in one life: as a master, and at its stop.
type outside struct {
	// adverts are the frames sent, each once, in order; announcements all of them.
	adverts, announcements []string
	// addresses is what the kernel says of the addresses of a master, as "ip" prints it.
	addresses []string
	// left is the same after the stop.
	left []string
}

// TestSameOnTheWire compares frames and addresses with keepalived's, byte by byte and field by field:
// but for MAC address and IP identification, and the protocol of an address, which 2.2.7 does not set.
// When refreshing announcements go out differs between keepalived's versions, and is not compared.
func TestSameOnTheWire(t *testing.T) {
	t.Parallel()
	need.Program(t, "ip")
	for name, text := range map[string]string{
		"plain":     conf("MASTER", 150),
		"addresses": manyAddresses,
		"no authentication, no second burst": strings.Replace(conf("BACKUP", 1, "garp_master_delay 0", "garp_master_repeat 2"),
			"\tauthentication {\n\t\tauth_type PASS\n\t\tauth_pass 1111\n\t}\n", "", 1),
		"long password":   conf("MASTER", 254, "authentication {\n\t\tauth_type PASS\n\t\tauth_pass 12345678\n\t}", "advert_int 2"),
		"owner":           conf("MASTER", 255),
		"AH":              conf("BACKUP", 150, "authentication {\n\t\tauth_type AH\n\t\tauth_pass secret\n\t}"),
		"version 3":       plain(150, "version 3", "advert_int 0.3", "mcast_src_ip 10.1.1.77"),
		"IPv6":            plain6(150),
		"IPv6, version 2": plain6(150, "version 2"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := map[string]outside{}
			for _, daemon := range []string{keepalived, karun} {
				seen[daemon] = life(t, daemon, text)
			}
			want, got := seen[keepalived], seen[karun]
			compare(t, "adverts", got.adverts, want.adverts)
			compare(t, "announcements", got.announcements, want.announcements)
			compare(t, "addresses of a master", got.addresses, want.addresses)
			compare(t, "addresses after the stop", got.left, want.left)
		})
	}
}

func compare(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\nkarun\n  %s\nkeepalived\n  %s", what, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// life runs a daemon alone until it has announced its addresses a second time, and stops it.
func life(t *testing.T, daemon, text string) outside {
	c := newCluster(t, daemon)
	m := c.nodes[0]
	if strings.Contains(text, vip6.String()) {
		c.vip = vip6
		m.hardware()
	}
	m.start(text)
	c.eventually("it is master", func() bool { return c.holds(m) })
	time.Sleep(6500 * time.Millisecond) // a second burst comes after 5 s
	var o outside
	o.addresses = addresses(t, m)
	m.stop()
	o.left = addresses(t, m)
	for _, e := range c.since(0, m) {
		switch w := e.What.(type) {
		case node.Advert:
			checksum, id := 24, 18
			if w.IPv6() {
				checksum, id = 0, 0
			}
			if text := mask(w.Raw, checksum, id); !slices.Contains(o.adverts, text) {
				o.adverts = append(o.adverts, text)
			}
		case node.Announcement:
			o.announcements = append(o.announcements, mask(w.Raw, 0, 0)+" on "+w.Interface)
		}
	}
	return o
}

// mask writes a frame as hex without the sender's MAC address, and for adverts without the IP
// identification and the header's checksum, which covers it.
func mask(frame []byte, checksum, id int) string {
	mac := string(frame[6:12])
	frame = slices.Clone(frame)
	if checksum > 0 {
		clear(frame[checksum : checksum+2])
		clear(frame[id : id+2])
	}
	return hex.EncodeToString([]byte(strings.ReplaceAll(string(frame), mac, "SENDER")))
}

// addresses asks ip for the host's addresses: a line each, protocol left out.
func addresses(t *testing.T, m *member) []string {
	t.Helper()
	var out []byte
	err := m.host.Do(func() (err error) {
		out, err = exec.Command("ip", "-j", "-d", family(m), "addr").Output()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var links []struct {
		Name string           `json:"ifname"`
		Addr []map[string]any `json:"addr_info"`
	}
	if err := json.Unmarshal(out, &links); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, l := range links {
		for _, a := range l.Addr {
			delete(a, "protocol")
			text, err := json.Marshal(a) // keys come sorted
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, fmt.Sprintf("%s %s", l.Name, text))
		}
	}
	return lines
}

// family is the word of ip for the addresses of a cluster.
func family(m *member) string {
	if m.c.vip.Is6() {
		return "-6"
	}
	return "-4"
}

// hardware gives a member the same MAC address in each life, and so the same address of the link.
func (m *member) hardware() {
	m.c.t.Helper()
	for _, words := range [][]string{
		{"link", "set", "eth0", "down"},
		{"link", "set", "eth0", "address", "02:00:00:00:00:0a"},
		{"link", "set", "eth0", "up"},
	} {
		m.ip(words...)
	}
}

// ip runs ip on a member's host.
func (m *member) ip(words ...string) {
	m.c.t.Helper()
	err := m.host.Do(func() error {
		out, err := exec.Command("ip", words...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("ip %s: %w\n%s", strings.Join(words, " "), err, out)
		}
		return nil
	})
	if err != nil {
		m.c.t.Fatal(err)
	}
}
