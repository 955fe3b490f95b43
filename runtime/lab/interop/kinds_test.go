//go:build linux

package interop

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"ka/runtime/lab/need"
	"ka/runtime/lab/node"
)

// vip6 is the virtual address of IPv6 scenes, behind one of the link.
var vip6 = netip.MustParseAddr("fd09::100")

// plain is an instance without authentication; more are further lines.
func plain(priority int, more ...string) string {
	return instance(priority, []string{vip.String()}, more)
}

// plain6 is the same over IPv6. The lines stand in front of the addresses, which settle the family.
func plain6(priority int, more ...string) string {
	return instance(priority, []string{"fe80::5e:1", vip6.String()}, more)
}

func instance(priority int, vips, more []string) string {
	join := strings.Join(more, "\n\t")
	if !strings.Contains(join, "advert_int") {
		join += "\n\tadvert_int 1"
	}
	return fmt.Sprintf("vrrp_instance VI_1 {\n\tinterface eth0\n\tvirtual_router_id 51\n\tpriority %d\n\t%s\n\tvirtual_ipaddress {\n\t\t%s\n\t}\n}\n",
		priority, join, strings.Join(vips, "\n\t\t"))
}

// unicast are the lines of a node that sends to the other one by one.
func unicast(from, to string, more ...string) []string {
	return append([]string{"unicast_src_ip " + from, "unicast_peer {\n\t\t" + to + "\n\t}"}, more...)
}

// kind is a form of adverts: what node 0 and node 1 have in their instances.
type kind struct {
	name  string
	ipv6  bool
	lines [2][]string
}

func both(lines ...string) [2][]string { return [2][]string{lines, lines} }

var authHeader = "authentication {\n\t\tauth_type AH\n\t\tauth_pass secret\n\t}"

// kinds are the forms that both daemons of these scenes have, beside those of the matrix (columns).
var kinds = []kind{
	{"IPv6 v2", true, both("version 2")},
	{"unicast AH", false, [2][]string{unicast("10.1.1.1", "10.1.1.2", authHeader), unicast("10.1.1.2", "10.1.1.1", authHeader)}},
	{"unicast v3, sources checked", false, [2][]string{unicast("10.1.1.1", "10.1.1.2", "version 3", "check_unicast_src"), unicast("10.1.1.2", "10.1.1.1", "version 3", "check_unicast_src")}},
	// One makes checksums as old daemons do, the other finds out.
	{"unicast v3, old checksum", false, [2][]string{
		unicast("10.1.1.1", "10.1.1.2", "version 3", "old_unicast_checksum"), unicast("10.1.1.2", "10.1.1.1", "version 3"),
	}},
	{"unicast IPv6, near", true, [2][]string{
		unicast("fd09::1", "fd09::2 min_ttl 30 max_ttl 40", "unicast_ttl 33"), unicast("fd09::2", "fd09::1 min_ttl 33 max_ttl 33", "unicast_ttl 31"),
	}},
}

// TestFurtherKinds: adverts of each kind are heard by the other daemon, in both directions: the backup is
// silent, takes over from a killed master and announces, and gives way when it comes back.
func TestFurtherKinds(t *testing.T) {
	t.Parallel()
	need.Program(t, "ip")
	for _, k := range kinds {
		for _, pair := range [][2]string{{karun, keepalived}, {keepalived, karun}} {
			t.Run(k.name+" "+pair[0]+"+"+pair[1], func(t *testing.T) {
				t.Parallel()
				c := newCluster(t, pair[0], pair[1])
				text := plain
				if k.ipv6 {
					text, c.vip = plain6, vip6
					for i, m := range c.nodes {
						m.ip("addr", "add", fmt.Sprintf("fd09::%d/64", i+1), "dev", "eth0", "nodad")
					}
				}
				c.takeover(text(150, k.lines[0]...), text(100, k.lines[1]...))
			})
		}
	}
}

// takeover plays the scene of TestFurtherKinds.
func (c *cluster) takeover(first, second string) {
	c.t.Helper()
	a, b := c.nodes[0], c.nodes[1]
	a.start(first)
	c.becomesMaster(0, a, 150)
	b.start(second)
	heard := c.mark()
	c.rounds(a, 5)
	c.silent(heard, b)
	killed := c.mark()
	a.kill()
	c.becomesMaster(killed, b, 100)
	c.eventually("b announces the address", func() bool {
		return c.saw(killed, b, func(e node.Event) bool {
			n, ok := e.What.(node.Announcement)
			return ok && n.Address == c.vip
		})
	})
	back := c.mark()
	a.start(first)
	c.becomesMaster(back, a, 150)
	c.gone(b)
	quiet := c.mark()
	c.rounds(a, 4)
	c.silent(quiet, b)
	if got := c.adverts(back, b); slices.Contains(got, 0) {
		c.t.Errorf("b sent %v: a master that gives way sends no priority 0", got)
	}
}
