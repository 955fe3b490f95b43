package lint

import (
	"fmt"
	"strings"
	"testing"
)

// TestAdvertsRejected holds what keeps two nodes from hearing each other, and what does not.
func TestAdvertsRejected(t *testing.T) {
	signed := func(id int, first string) string {
		return fmt.Sprintf("    auth_hmac {\n        key %d %s\n        active_key %d\n    }\n", id, first+strings.Repeat("k", 31), id)
	}
	unicast := func(own, peer int) string {
		return fmt.Sprintf("    unicast_src_ip 192.0.2.%d\n    unicast_peer {\n        192.0.2.%d\n    }\n", own, peer)
	}
	auth := func(kind, password string) string {
		return fmt.Sprintf("    version 2\n    authentication {\n        auth_type %s\n        auth_pass %s\n    }\n", kind, password)
	}
	const three = "    version 3\n"
	for _, c := range []struct{ name, first, second, want string }{
		{"the same", three, three, ""},
		{"signed", three + signed(1, "a"), three + signed(1, "a"), ""},
		{"permissive", three + strings.Replace(signed(1, "a"), "    }", "        mode permissive\n    }", 1), three, "adverts-rejected lb2.conf:1:15 lb2 drops the adverts of lb1: they are signed, which it does not know: both become master"},
		{"signed here", three, three + signed(1, "a"), "adverts-rejected lb2.conf:6:5 lb2 drops the adverts of lb1: the advertisement is not signed: both become master"},
		{"another key", three + signed(1, "a"), three + signed(1, "b"), "adverts-rejected lb2.conf:6:5 lb2 drops the adverts of lb1: key 1 differs: both become master"},
		{"another number", three + signed(1, "a"), three + signed(2, "a"), "adverts-rejected lb2.conf:6:5 lb2 drops the adverts of lb1: key 1 is not configured: both become master"},
		{"checksums", three + "    v3_checksum_as_v2\n", three, "adverts-rejected lb2.conf:1:15 lb2 drops the adverts of lb1: wrong VRRP version 3 checksum: both become master"},
		{"groups", three, three + "    mcast_dst_ip 224.0.0.50\n", "adverts-rejected lb2.conf:6:18 lb2 drops the adverts of lb1: sent to 224.0.0.18, 224.0.0.50 expected: both become master"},
		{"unicast", three + unicast(1, 2), three + unicast(2, 1), ""},
		{"checksums of unicast", three + "    old_unicast_checksum\n" + unicast(1, 2), three + "    old_unicast_checksum never\n" + unicast(2, 1), "adverts-rejected lb2.conf:6:26 lb2 drops the adverts of lb1: wrong VRRP version 3 checksum: both become master"},
		{"one follows the checksums of the other", three + "    old_unicast_checksum\n" + unicast(1, 2), three + unicast(2, 1), ""},
		{"new checksums alone", three + "    old_unicast_checksum never\n" + unicast(1, 2), three + unicast(2, 1), ""},
		{"unicast and multicast", three + unicast(1, 2), three, `adverts-rejected lb2.conf:1:15 "VI_1" sends by multicast here, and by unicast on lb1: both become master`},
		{"another peer", three + unicast(1, 2), three + unicast(3, 1), "adverts-rejected lb2.conf:7:5 lb1 sends no adverts to 192.0.2.3, the address of lb2: both become master"},
		{"AH and PASS", auth("AH", "secret"), auth("PASS", "secret"), `auth-mismatch lb2.conf:8:19 "VI_1" has auth_type PASS, but lb1 has auth_type AH: each node rejects the adverts of the other and both become master`},
		{"passwords of AH", auth("AH", "secret"), auth("AH", "other"), `auth-mismatch lb2.conf:8:19 auth_pass of "VI_1" differs from that on lb1: each node rejects the adverts of the other and both become master`},
	} {
		t.Run(c.name, func(t *testing.T) {
			node := func(priority int, lines string) string {
				return fmt.Sprintf("vrrp_instance VI_1 {\n    interface eth0\n    virtual_router_id 51\n    priority %d\n%s    virtual_ipaddress {\n        192.0.2.100/24\n    }\n}\n",
					priority, lines)
			}
			if got := brief(runFailover(t, node(150, c.first), node(100, c.second))); got != c.want {
				t.Errorf("have %s\nwant %s", got, c.want)
			}
		})
	}
}
