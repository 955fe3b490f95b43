//go:build linux

package uml_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ka/runtime/lab/need"
	"ka/runtime/lab/uml"
)

// linksConf has what needs modules that many kernels lack: ipvlans of every type, an interface in a VRF with and
// without a VMAC, routes in its table and rules for it, and routes with tunnels of every kind.
const linksConf = `
global_defs {
    vrrp_version 3
    vrrp_garp_master_repeat 1
    vrrp_garp_master_delay 0
}
vrrp_instance bridged {
    interface e0
    use_ipvlan 10.0.0.11/24
    virtual_router_id 11
    priority 200
    advert_int 0.2
    virtual_ipaddress {
        10.0.0.100/24
    }
}
vrrp_instance private {
    interface e1
    use_ipvlan private 10.0.1.11 ipv.p
    track_src_ip
    virtual_router_id 12
    priority 200
    advert_int 0.2
    virtual_ipaddress {
        10.0.1.100/24
        10.0.1.101 dev e1
    }
}
vrrp_instance vepa {
    interface e2
    use_ipvlan vepa ipv.v
    virtual_router_id 13
    priority 200
    advert_int 0.2
    virtual_ipaddress {
        fe80::100
        2001:db8:2::100/64
    }
}
vrrp_instance red {
    interface e3
    virtual_router_id 14
    priority 200
    advert_int 0.2
    virtual_ipaddress {
        10.0.3.100/24
    }
    virtual_routes {
        10.30.0.0/24 via 10.0.3.2 dev e3 vrf red
        10.31.0.0/24 via 10.0.3.3 table 100
        10.32.0.0/24 dev e3 vrf red metric 5
        2001:db8:30::/64 dev e3 vrf red
    }
    virtual_rules {
        from 10.30.0.0/24 l3mdev preference 800
        from all l3mdev preference 801
        from 10.31.0.0/24 table 100 preference 802
        from 2001:db8:30::/64 l3mdev preference 800
        iif e3 l3mdev preference 803
        oif e3 table 100 preference 804
    }
}
vrrp_instance redmac {
    interface e3
    use_vmac vm.red
    virtual_router_id 15
    priority 200
    advert_int 0.2
    virtual_ipaddress {
        10.0.3.101/24
    }
    virtual_routes {
        10.33.0.0/24 via 10.0.3.4 vrf red
    }
}
vrrp_instance tunnels {
    interface e4
    use_vmac
    virtual_router_id 16
    priority 200
    advert_int 0.2
    virtual_ipaddress {
        10.0.4.100/24
    }
    virtual_routes {
        10.40.0.0/24 encap mpls 100 via 10.0.4.2 dev e4
        10.41.0.0/24 encap mpls 100/200 via 10.0.4.2 dev e4 ttl-propagate enabled
        10.42.0.0/24 encap ip id 100 dst 10.0.0.9 src 10.0.0.8 tos 8 ttl 9 via 10.0.4.2 dev e4
        10.43.0.0/24 encap ip dst 10.0.0.9 dev e4
        10.44.0.0/24 encap ip id 5 via 10.0.4.2 dev e4
        10.45.0.0/24 nexthop via 10.0.4.2 dev e4 encap mpls 16 weight 2 nexthop via 10.0.4.3 dev e4 encap mpls 17/18 weight 3
        2001:db8:40::/64 encap mpls 100/200 via 2001:db8:4::2 dev e4
        2001:db8:41::/64 encap ip6 id 100 dst 2001:db8::9 src 2001:db8::8 tc 8 hoplimit 9 via 2001:db8:4::2 dev e4
        2001:db8:42::/64 encap ip6 dst 2001:db8::9 via 2001:db8:4::2 dev e4
        2001:db8:43:0:2000::1/128 encap ila 1:2:3:4 via 2001:db8:4::2 dev e4
    }
}
vrrp_instance six {
    interface e4
    use_vmac vm6
    virtual_router_id 17
    priority 200
    advert_int 0.2
    virtual_ipaddress {
        fe80::4:100
        2001:db8:4::100/64
    }
}
`

// linksDifference is what "diff keepalived karun" says of the kernel while both are master. keepalived 2.2.7 loses
// tunnels of next hops, and one over IPv6 with all its words.
const linksDifference = `- unicast 10.45.0.0/24 table main proto keepalived scope global nexthop via 10.0.4.2 dev e4 weight 2 nexthop via 10.0.4.3 dev e4 weight 3
- unicast 2001:db8:41::/64 via 2001:db8:4::2 dev e4 table main proto keepalived scope global metric 1024 pref medium
+ unicast 10.45.0.0/24 table main proto keepalived scope global nexthop encap mpls 16 via 10.0.4.2 dev e4 weight 2 nexthop encap mpls 17/18 via 10.0.4.3 dev e4 weight 3
+ unicast 2001:db8:41::/64 encap ip6 id 100 src 2001:db8::8 dst 2001:db8::9 hoplimit 9 tc 8 via 2001:db8:4::2 dev e4 table main proto keepalived scope global metric 1024 pref medium`

// linksHost makes a host with five interfaces; the fourth one is in a VRF.
func linksHost(t *testing.T, host string) {
	t.Helper()
	runLine(t, "ip netns add "+host)
	// No duplicate address detection, which is late and looks like a difference.
	set(t, host, "0", "ipv6/conf/default/accept_dad")
	var lines strings.Builder
	lines.WriteString("link set lo up\nlink add red address 02:00:00:00:01:00 type vrf table 100\nlink set red up\n")
	for i := range 5 {
		fmt.Fprintf(&lines, "link add e%d address 02:00:00:00:00:0%[1]d type dummy\n", i)
	}
	lines.WriteString("link set e3 master red\n")
	for i := range 5 {
		fmt.Fprintf(&lines, "link set e%d arp on multicast on up\naddress add 10.0.%[1]d.1/24 dev e%[1]d\n", i)
		fmt.Fprintf(&lines, "address add 2001:db8:%d::1/64 dev e%[1]d nodad\n", i)
	}
	batch(t, host, lines.String())
	until(t, "the link-local addresses are there", func() bool {
		return strings.Count(strings.Join(kernelState(t, host), "\n"), "local fe80::ff:fe00:") == 5
	})
}

// batch runs lines of ip(8) in one process: to start one takes long in a guest.
func batch(t *testing.T, host, lines string, options ...string) string {
	t.Helper()
	cmd := exec.Command("ip", append(options, "-n", host, "-batch", "-")...)
	cmd.Stdin = strings.NewReader(lines)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("ip -batch on %s: %v\n%s", host, err, out)
	}
	return string(out)
}

// objectIndex stands in front of interfaces and addresses.
var objectIndex = regexp.MustCompile(`^\d+: +([a-z])`)

// kernelState lists a host's interfaces, addresses, routes and rules, without their numbers and sorted.
func kernelState(t *testing.T, host string) []string {
	t.Helper()
	var all []string
	for line := range strings.Lines(batch(t, host, "link\naddress\nroute show table all\nrule\n", "-o", "-d") + batch(t, host, "rule\n", "-6")) {
		line = objectIndex.ReplaceAllString(line, "$1")
		all = append(all, strings.Join(strings.Fields(strings.ReplaceAll(line, `\`, " ")), " "))
	}
	slices.Sort(all)
	return all
}

// kernelDifference writes what two hosts do not have alike.
func kernelDifference(from, to []string) string {
	var out []string
	for _, line := range from {
		if !slices.Contains(to, line) {
			out = append(out, "- "+line)
		}
	}
	for _, line := range to {
		if !slices.Contains(from, line) {
			out = append(out, "+ "+line)
		}
	}
	return strings.Join(out, "\n")
}

// linkSettings are the settings of a host's interfaces that a VMAC changes.
func linkSettings(t *testing.T, host string) string {
	t.Helper()
	return in(t, host, "grep -r . /proc/sys/net/ipv4/conf --include=arp_ignore --include=arp_filter --include=rp_filter")
}

// linksVIPs are the addresses of linksConf.
var linksVIPs = [...]string{
	"10.0.0.100/24", "10.0.1.100/24", "10.0.1.101/32", "2001:db8:2::100/64", "10.0.3.100/24", "10.0.3.101/24", "10.0.4.100/24", "2001:db8:4::100/64",
}

// hasLinksVIPs reports whether a host is master of all instances.
func hasLinksVIPs(state []string) bool {
	text := strings.Join(state, "\n")
	return !slices.ContainsFunc(linksVIPs[:], func(vip string) bool { return !strings.Contains(text, " "+vip+" ") })
}

// masterAs waits until karun's kernel differs from that under keepalived as it should.
func masterAs(t *testing.T, keepalived []string) {
	t.Helper()
	var diff string
	defer func() {
		if t.Failed() {
			t.Logf("the last difference from keepalived was\n%s", diff)
		}
	}()
	until(t, "karun has in the kernel what keepalived has", func() bool {
		diff = kernelDifference(keepalived, kernelState(t, "karun"))
		return diff == linksDifference
	})
}

// killAll kills all of karun at once.
func killAll(t *testing.T, d *daemon) {
	t.Helper()
	pids := strings.Fields(runLine(t, "ip netns pids karun"))
	for _, signal := range []string{"-STOP", "-KILL"} { // a process that sees another one die begins to tidy up
		run(t, append([]string{"kill", signal}, pids...)...)
	}
	if err := d.stop(t, os.Kill); err == nil {
		t.Error("the killed karun ended well")
	}
	if got := strings.Join(kernelState(t, "karun"), "\n"); !strings.Contains(got, " 10.0.0.11/24 ") {
		t.Errorf("nothing was left by the killed karun:\n%s", got)
	}
}

func TestLinksAndTunnelsAsWithKeepalived(t *testing.T) {
	if !uml.Inside() {
		need.Program(t, "keepalived")
		need.Program(t, "modprobe")
		uml.Need(t)
		bin := t.TempDir()
		uml.Build(t, []string{"build", "-o", bin + "/", "ka/cmd/karun"})
		uml.Rerun(t, "KARUN="+filepath.Join(bin, "karun"))
		return
	}
	uml.Load(t, "dummy", "macvlan", "ipvlan", "vrf", "mpls_iptunnel", "ila")
	karun, conf := os.Getenv("KARUN"), filepath.Join(t.TempDir(), "links.conf")
	if err := os.WriteFile(conf, []byte(linksConf), 0o600); err != nil {
		t.Fatal(err)
	}
	linksHost(t, "karun")
	linksHost(t, "keepalived")
	before, settings := kernelState(t, "karun"), linkSettings(t, "karun")
	clean := func(when string) {
		t.Helper()
		if diff := kernelDifference(before, kernelState(t, "karun")); diff != "" {
			t.Errorf("%s the kernel is not as before:\n%s", when, diff)
		}
		if diff := cmp.Diff(settings, linkSettings(t, "karun")); diff != "" {
			t.Errorf("%s the settings are not as before (-before +after):\n%s", when, diff)
		}
	}
	reference := start(t, "keepalived", "keepalived", nil, "keepalived", "-n", "-l", "-P", "-f", conf)
	var want []string
	until(t, "keepalived is master", func() bool {
		last := want
		want = kernelState(t, "keepalived")
		return hasLinksVIPs(want) && slices.Equal(want, last)
	})
	_ = reference.stop(t, os.Kill)

	first := start(t, "karun", "first", nil, karun, conf)
	masterAs(t, want)
	if text, err := os.ReadFile(first.log); err != nil || strings.Contains(string(text), "to=FAULT") {
		t.Errorf("an instance was in FAULT (%v):\n%s", err, text)
	}
	in(t, "karun", "ip link del vrrp.11")
	in(t, "karun", "ip address del 10.0.1.11/32 dev ipv.p")
	masterAs(t, want) // both are put back
	inVRF := func() bool { return strings.Contains(in(t, "karun", "ip -o link show vm.red"), "master red") }
	in(t, "karun", "ip link set e3 nomaster")
	until(t, "the VMAC leaves the VRF with its base", func() bool { return !inVRF() })
	in(t, "karun", "ip link set e3 master red")
	until(t, "the VMAC is in the VRF of its base", inVRF)
	// The kernel switches an interface off and on when it moves it: its own addresses go, and what made it
	// promiscuous counts as somebody's wish.
	batch(t, "karun", "link set e3 promisc off\naddress add 2001:db8:3::1/64 dev e3 nodad\n")
	masterAs(t, want)
	if err := first.stop(t, syscall.SIGTERM); err != nil {
		t.Errorf("karun: %v", err)
	}
	clean("after the stop")

	second := start(t, "karun", "second", nil, karun, conf)
	masterAs(t, want)
	killAll(t, second)
	third := start(t, "karun", "third", nil, karun, conf)
	masterAs(t, want)
	killAll(t, third)
	if out, err := exec.Command("ip", "netns", "exec", "karun", karun, "cleanup").CombinedOutput(); err != nil {
		t.Errorf("cleanup: %v\n%s", err, out)
	}
	clean("after the cleanup")
}
