package schema

import (
	"strings"
	"testing"
	"time"
)

// TestMatch holds words against the grammars of keywords: how many are used, and which one does not fit.
func TestMatch(t *testing.T) {
	for _, c := range []struct {
		context, keyword, words string
		used, bad               int
		missing                 bool
	}{
		{"vrrp_instance", "priority", "100", 1, -1, false},
		{"vrrp_instance", "priority", "+100 foo", 1, -1, false},
		{"vrrp_instance", "priority", "", 0, 0, true},
		{"vrrp_instance", "priority", "256", 0, 0, false},
		{"vrrp_instance", "priority", "-1", 0, 0, false},
		{"vrrp_instance", "priority", "0x10", 0, 0, false},
		{"vrrp_instance", "advert_int", ".5", 1, -1, false},
		{"vrrp_instance", "advert_int", "5.", 1, -1, false},
		{"vrrp_instance", "advert_int", "1s", 0, 0, false},
		{"vrrp_instance", "advert_int", "1e3", 0, 0, false},
		{"vrrp_instance", "advert_int", "0.001", 0, 0, false},
		{"vrrp_instance", "state", "MASTER", 1, -1, false},
		{"vrrp_instance", "state", "master", 0, 0, false},
		{"vrrp_instance", "nopreempt", "yes", 0, -1, false},
		{"vrrp_instance", "mcast_src_ip", "192.0.2.1/24", 1, -1, false},
		{"vrrp_instance", "mcast_src_ip", "192.0.2.01", 0, 0, false},
		{"global_defs", "vrrp_mcast_group4", "224.0.0.18", 1, -1, false},
		{"global_defs", "vrrp_mcast_group4", "192.0.2.1", 0, 0, false},
		{"global_defs", "script_user", "nobody nogroup", 2, -1, false},
		{"global_defs", "smtp_server", "mail.example.org 2525", 2, -1, false},
		{"global_defs", "smtp_server", "192.0.2.25 x", 1, 1, false},
		{"global_defs", "lvs_timeouts", "tcp 900 udp 300", 4, -1, false},
		{"global_defs", "lvs_timeouts", "tcp", 1, 1, true},
		{"vrrp_script", "weight", "-20", 1, -1, false},
		{"vrrp_script", "weight", "-20 reverse", 2, -1, false},
		{"vrrp_script", "weight", "-20 back", 1, 1, false},
		{"vrrp_script", "weight", "-254", 0, 0, false},
		{"virtual_server", "persistence_timeout", "", 0, -1, false},
		{"virtual_server", "persistence_timeout", "0", 0, 0, false},
		{"virtual_server", "protocol", "tcp", 1, -1, false},
		{"virtual_server", "lb_algo", "WRR", 0, 0, false},
		{"virtual_server", "lb_kind", "TUN type gue port 6080 csum", 6, -1, false},
		{"virtual_server", "real_server", "192.0.2.1", 1, -1, false},
		{"virtual_server", "real_server", "192.0.2.1 0", 2, -1, false},
		{"virtual_server", "real_server", "192.0.2.1 70000", 1, 1, false},
		{"virtual_server", "persistence_granularity", "255.255.255.0", 1, -1, false},
		{"virtual_server", "persistence_granularity", "64", 1, -1, false},
		{"", "virtual_server", "fwmark 7", 2, -1, false},
		{"", "virtual_server", "group", 1, 1, true},
		{"", "virtual_server", "web 80", 0, 0, false},
		{"", "vrrp_instance", "VI_1", 1, -1, false},
		{"virtual_server/real_server", "inhibit_on_failure", "maybe", 0, 0, false},
		{"vrrp_instance", "notify_master", "/bin/x root wheel", 3, -1, false},
	} {
		k := Lookup(c.context, c.keyword)
		if k == nil {
			t.Errorf("%s %s is not in the table", c.context, c.keyword)
			continue
		}
		used, p := k.Spec().Match(strings.Fields(c.words))
		bad, missing := -1, false
		if p != nil {
			bad, missing = p.Index, p.Missing
		}
		if bad != c.bad || missing != c.missing || p == nil && used != c.used {
			t.Errorf("%s %s %s: used %d, problem at %d (missing %v), want %d, %d (%v)",
				c.context, c.keyword, c.words, used, bad, missing, c.used, c.bad, c.missing)
		}
	}
}

func TestDescribe(t *testing.T) {
	for _, c := range []struct{ notation, want string }{
		{"uint[1..255]", "a whole number from 1 to 255"},
		{"dec6[0.01..255] s", "a number from 0.01 to 255 (seconds)"},
		{"enum{NAT|DR|TUN}", "NAT, DR or TUN"},
		{"bool?", "on, true, yes, off, false or no"},
		{"ipv4(multicast)", "an IPv4 multicast address"},
		{"( ip | host ) port?", "an IP address or a host name"},
	} {
		spec := ParseArgs(c.notation)
		if len(spec) == 0 || spec[0].Describe() != c.want {
			t.Errorf("%s: %q, want %q", c.notation, spec[0].Describe(), c.want)
		}
	}
}

func TestSeconds(t *testing.T) {
	for _, c := range []struct {
		word   string
		digits int
		want   time.Duration
		ok     bool
	}{
		{"1", 6, time.Second, true}, {"0.5", 3, 500 * time.Millisecond, true}, {"+2.", 6, 2 * time.Second, true},
		{".000001", 6, time.Microsecond, true}, {"0.0005", 3, time.Millisecond, true}, {"0.0004", 3, 0, true},
		{"", 6, 0, true}, {"1s", 6, 0, false}, {"-1", 6, 0, false}, {".", 6, 0, false}, {"1.2.3", 6, 0, false},
		{"18446744073709.551614", 6, 9223372036 * time.Second, true}, {"1e3", 6, 0, false},
	} {
		have, ok := ParseSeconds(c.word, c.digits)
		if ok != c.ok || have != c.want {
			t.Errorf("%q: %v, %v, want %v, %v", c.word, have, ok, c.want, c.ok)
		}
	}
}
