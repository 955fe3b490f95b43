//go:build linux

package director

import (
	"slices"
	"strings"
	"testing"

	"ka/runtime/lab/need"
)

// TestSmallMTU: below 1280 bytes the kernel takes IPv6 off an interface, with all addresses and the groups that
// sockets have joined there. When it is back nodes hear each other again, and have their addresses.
func TestSmallMTU(t *testing.T) {
	const text = `
vrrp_instance PLAIN {
    interface eth0
    virtual_router_id 51
    priority PRIORITY
    version 3
    advert_int 0.2
    virtual_ipaddress {
        fe80::100
    }
}
vrrp_instance VMAC {
    interface eth0
    virtual_router_id 52
    priority PRIORITY
    version 3
    advert_int 0.2
    use_vmac
    virtual_ipaddress {
        fe80::101
    }
}
vrrp_instance V4 {
    interface eth0
    virtual_router_id 53
    priority PRIORITY
    virtual_ipaddress {
        10.77.0.100
    }
    virtual_ipaddress_excluded {
        2001:db8:77::100/64
    }
}
`
	w := newWire(t)
	addresses := func(host string) string { return w.In(host, "ip", "-6", "-br", "addr") }
	a := w.start("a", compiled(t, strings.ReplaceAll(text, "PRIORITY", "250")), "")
	a.logged(`"msg":"address"`, `"op":"+"`, "fe80::100/")
	a.logged(`"msg":"address"`, `"op":"+"`, "fe80::101/")
	for _, host := range []string{"a", "b"} {
		w.In(host, "ip", "link", "set", "eth0", "mtu", "1000")
	}
	a.logged(`"instance":"PLAIN"`, `"to":"FAULT"`)
	a.logged(`"instance":"VMAC"`, `"to":"FAULT"`)
	b := w.start("b", compiled(t, strings.ReplaceAll(text, "PRIORITY", "240")), "")
	b.logged(`"msg":"ready"`)
	for _, word := range []string{"kernel", "sockets"} { // V4 is still master, and waits
		if a.has(`"msg":"`+word+`"`) || b.has(`"msg":"`+word+`"`) {
			t.Errorf("something was tried that cannot be: %q", word)
		}
	}
	for _, host := range []string{"a", "b"} {
		w.In(host, "ip", "link", "set", "eth0", "mtu", "1500")
	}
	until(t, "a has all addresses, and b none", func() bool {
		for _, v := range []string{"fe80::100/", "fe80::101/", "2001:db8:77::100/"} {
			if !strings.Contains(addresses("a"), v) || strings.Contains(addresses("b"), v) {
				return false
			}
		}
		return true
	})
	for _, k := range []*karun{a, b} {
		if code := k.stop(); code != 0 {
			t.Errorf("exit status %d", code)
		}
	}
}

// TestIPv6SwitchedOff: an address that the kernel refuses while IPv6 is switched off is there when it is on again.
func TestIPv6SwitchedOff(t *testing.T) {
	need.Program(t, "sysctl")
	w := newWire(t)
	k := w.start("a", compiled(t, "vrrp_instance V {\n interface eth0\n virtual_router_id 51\n priority 255\n virtual_ipaddress {\n 10.77.0.100\n }\n"+
		" virtual_ipaddress_excluded {\n 2001:db8:77::100/64\n }\n}\n"), "")
	k.logged(`"msg":"address"`, `"op":"+"`, "2001:db8:77::100/64")
	w.In("a", "sysctl", "-qw", "net.ipv6.conf.eth0.disable_ipv6=1")
	k.logged(`"msg":"kernel"`, "2001:db8:77::100/64", "permission denied")
	w.In("a", "sysctl", "-qw", "net.ipv6.conf.eth0.disable_ipv6=0")
	k.logged("put back", "2001:db8:77::100/64")
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}

// TestVMACsAddressIsTheLinks: a VMAC that is made again while its base bears a virtual link-local address does not
// take that: another node may have it at any time.
func TestVMACsAddressIsTheLinks(t *testing.T) {
	w := newWire(t)
	k := w.start("a", compiled(t, "vrrp_instance PLAIN {\n interface eth0\n virtual_router_id 51\n priority 255\n version 3\n virtual_ipaddress {\n fe80::100\n }\n}\n"+
		"vrrp_instance VMAC {\n interface eth0\n virtual_router_id 52\n version 3\n use_vmac\n virtual_ipaddress {\n fe80::101\n }\n}\n"), "")
	addresses := func() string { return w.In("a", "ip", "-6", "-o", "addr", "show", "to", "fe80::/64", "scope", "link") }
	k.logged(`"msg":"address"`, `"op":"+"`, "fe80::100/")
	k.logged(`"msg":"address"`, `"op":"+"`, "fe80::101/")
	before := addresses()
	w.In("a", "ip", "link", "del", "vrrp.52")
	k.logged("put back", "vrrp.52")
	k.logged(`"msg":"transition"`, `"from":"FAULT"`, `"instance":"VMAC"`)
	until(t, "the addresses are as before", func() bool {
		fields := func(s string) (out []string) {
			for line := range strings.Lines(s) {
				f := strings.Fields(line)
				out = append(out, f[1]+" "+f[3])
			}
			slices.Sort(out)
			return out
		}
		return slices.Equal(fields(addresses()), fields(before))
	})
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}
