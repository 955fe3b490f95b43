//go:build linux

package director

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ka/compiler"
	"ka/compiler/plan"
	"ka/lang"
	"ka/lang/source"
	"ka/runtime/lab/labtest"
	"ka/runtime/lab/need"
)

// everyKind has each kind of object that karun makes, and of some what the kernel writes otherwise than the file.
const everyKind = labtest.EveryKind + `
static_ipaddress {
    10.78.0.1 peer 10.78.0.2 dev eth0
}
static_routes {
    10.99.1.0/24 via 10.77.0.2 mtu 70000
    10.99.5.0/24 via 10.77.0.2 protocol 99 no_track
}
static_rules {
    from 10.77.0.51 table 99 preference 1002 protocol 77 no_track
}
`

// compiled is the plan of a configuration without errors.
func compiled(t *testing.T, text string) *plan.Plan {
	t.Helper()
	opt := compiler.Options{}
	tree, list := lang.Load(source.New("node.conf", []byte(text)), lang.Options{})
	p, more := compiler.Compile(tree, compiler.Environment{Node: "node.conf"}, opt)
	if all := append(list, more...); compiler.Refused(all, opt) {
		t.Fatalf("does not compile: %v", all)
	}
	p.Environment.Hash = strings.Repeat("0", 64)
	return p
}

// volatile is what of a kernel's state changes by itself.
var volatile = regexp.MustCompile(`expires \d+sec|valid_lft .*| tentative|router_solicit.*|base_reachable.*|promiscuity \d+|allmulti \d+|stable_secret.*|net\.ipv6\.conf\.\S+\.mtu .*`)

// everything is all that the tools of an operator show of a host's network.
func (w *wire) everything(host string) []string {
	w.T.Helper()
	var out []string
	for _, cmd := range []string{
		"ip -d -o link", "ip -d -o addr", "ip -d -4 route show table all", "ip -d -6 route show table all", "ip -d -4 rule", "ip -d -6 rule", "nft list ruleset",
	} {
		for line := range strings.Lines(w.In(host, strings.Fields(cmd)...)) {
			if labtest.Noise(line) {
				continue
			}
			out = append(out, strings.TrimSpace(volatile.ReplaceAllString(line, "")))
		}
	}
	for line := range strings.Lines(w.In(host, "sysctl", "-ae", "-r", `^net\.ipv[46]\.conf`)) {
		out = append(out, strings.TrimSpace(volatile.ReplaceAllString(line, "")))
	}
	return out
}

// TestNothingIsLeft: after a stop, and after all processes were killed and a cleanup or another life, the
// machine is as it was.
func TestNothingIsLeft(t *testing.T) {
	for _, end := range []string{"stop", "killed, cleanup", "killed, started again, stop"} {
		t.Run(end, func(t *testing.T) {
			need.Program(t, "nft")
			need.Program(t, "sysctl")
			w := newWire(t)
			w.In("a", "nft", "add table ip mine { chain c { type filter hook input priority 0; } ; }")
			w.In("a", "sysctl", "-qw", "net.ipv4.conf.all.rp_filter=2", "net.ipv4.conf.eth0.rp_filter=1", "net.ipv4.conf.eth0.arp_ignore=2")
			until(t, "addresses are no more tentative", func() bool { return !strings.Contains(w.In("a", "ip", "-6", "addr"), "tentative") })
			before := w.everything("a")
			runDir := filepath.Join(t.TempDir(), "run")
			k := w.start("a", compiled(t, everyKind), runDir)
			complete := func() {
				t.Helper()
				for _, words := range [][]string{{`"msg":"rule"`, "10.77.0.100"}, {`"msg":"address"`, "2001:db8:77::100"}, {`"msg":"address"`, "10.77.0.103"}} {
					k.logged(words...)
				}
			}
			complete()
			during := w.everything("a")
			for _, want := range []string{
				"10.78.0.1 peer 10.78.0.2/32", "00:00:5e:00:01:33", "00:00:5e:00:02:34", "net.ipv4.conf.all.rp_filter = 0", "net.ipv4.conf.eth0.rp_filter = 2",
				"net.ipv4.conf.eth0.arp_ignore = 1", "net.ipv4.conf.vrrp/51.rp_filter = 0", "net.ipv4.conf.eth0.promote_secondaries = 1", "1001:	from 10.77.0.100",
				"elements = { 10.77.0.103 }", "elements = { fe80::100 . \"vrrp.52\" }", "ip protocol igmp meta oifkind \"macvlan\" dup to ip daddr",
			} {
				if !slices.ContainsFunc(during, func(l string) bool { return strings.Contains(l, want) }) {
					t.Errorf("a master has no %q", want)
				}
			}
			if end != "stop" {
				k.kill()
			}
			switch end {
			case "killed, cleanup":
				w.cleanup("a", runDir)
			case "killed, started again, stop":
				k = w.start("a", compiled(t, everyKind), runDir)
				complete()
				fallthrough
			default:
				if code := k.stop(); code != 0 {
					t.Errorf("exit status %d", code)
				}
			}
			if d := cmp.Diff(before, w.everything("a")); d != "" {
				t.Errorf("before (-), at the end (+):\n%s", d)
			}
		})
	}
}

// TestAStrangersInterfaceStays: an interface of a VMAC's name that is none of ours is neither taken nor removed.
func TestAStrangersInterfaceStays(t *testing.T) {
	w := newWire(t)
	w.In("a", "ip", "link", "add", "vrrp.51", "type", "veth", "peer", "name", "other")
	before := w.State("a")
	p := testPlan(254)
	p.Instances[0].Link.VMAC = &plan.VMAC{Name: "vrrp.51", MAC: [6]byte{0, 0, 0x5e, 0, 1, 51}}
	k := w.start("a", p, "")
	if code := k.wait(); code != 1 || !strings.Contains(k.text(), `an interface of this name exists, of kind "veth"`) {
		t.Errorf("exit status %d:\n%s", code, k.text())
	}
	if got := w.State("a"); got != before {
		t.Errorf("after\n%s\nbefore\n%s", got, before)
	}
	if !strings.Contains(w.In("a", "ip", "-d", "link", "show", "vrrp.51"), "veth") {
		t.Error("the interface is another one")
	}
}

// TestRefusesWhatCarriesNoVMAC: where the kernel puts no VMAC, the plan is refused before anything is touched.
func TestRefusesWhatCarriesNoVMAC(t *testing.T) {
	w := newWire(t)
	w.In("a", "ip", "link", "add", "br9", "type", "bridge")
	w.In("a", "ip", "link", "add", "port", "master", "br9", "type", "veth", "peer", "name", "other")
	before := w.State("a")
	runDir := filepath.Join(t.TempDir(), "run")
	k := w.start("a", compiled(t, `vrrp_instance V1 {
    interface eth0
    virtual_router_id 51
    use_vmac
    virtual_ipaddress {
        10.77.0.100/24
        10.77.0.101/32 dev lo use_vmac
    }
}
vrrp_instance V2 {
    interface port
    virtual_router_id 52
    use_vmac
    virtual_ipaddress {
        10.77.0.102/24
    }
}
`), runDir)
	w.refused("a", before, k,
		`node.conf:7: instance "V1": interface "lo" has no Ethernet header`, `node.conf:13: instance "V2": interface "port" belongs to a bridge`)
}

// TestAStrangersTableStays: a table of nftables of keepalived's name that holds something else is neither
// changed nor removed.
func TestAStrangersTableStays(t *testing.T) {
	need.Program(t, "nft")
	w := newWire(t)
	w.In("a", "nft", "add table ip keepalived { chain mine { type filter hook input priority 0; } ; }")
	before := w.In("a", "nft", "list", "ruleset")
	p := testPlan(254)
	p.Instances[0].Deviations.NoAccept = true
	k := w.start("a", p, "")
	if code := k.wait(); code != 1 || !strings.Contains(k.text(), "holds what is not keepalived's") {
		t.Errorf("exit status %d:\n%s", code, k.text())
	}
	if got := w.In("a", "nft", "list", "ruleset"); got != before {
		t.Errorf("after\n%s\nbefore\n%s", got, before)
	}
}

// TestNothingIsAccepted: a host that reaches the address of a master cannot reach it any more when it accepts
// nothing, and finds it all the same.
func TestNothingIsAccepted(t *testing.T) {
	for _, silent := range []bool{false, true} {
		t.Run(fmt.Sprint(silent), func(t *testing.T) {
			need.Program(t, "ping")
			w := newWire(t)
			p := testPlan(254)
			p.Instances[0].Deviations.NoAccept = silent
			k := w.start("a", p, "")
			k.logged(`"msg":"address"`, vip)
			host := strings.TrimSuffix(vip, "/24")
			answer := exec.Command("ip", "netns", "exec", w.Namespace("b"), "ping", "-c", "1", "-W", "1", host).Run()
			if (answer != nil) != silent {
				t.Errorf("ping: %v", answer)
			}
			if neighbours := w.In("b", "ip", "neigh", "show", host); !strings.Contains(neighbours, "lladdr") {
				t.Errorf("the address is not found: %s", neighbours)
			}
			if code := k.stop(); code != 0 {
				t.Errorf("exit status %d", code)
			}
		})
	}
}

// TestVMACComesBack: an interface that somebody removes is made again, and the instance goes on with it.
func TestVMACComesBack(t *testing.T) {
	w := newWire(t)
	p := testPlan(254)
	p.Instances[0].Link.VMAC = &plan.VMAC{Name: "vrrp.51", MAC: [6]byte{0, 0, 0x5e, 0, 1, 51}}
	p.Instances[0].VIPs[0].Interface = "vrrp.51"
	k := w.start("a", p, "")
	k.logged(`"msg":"address"`, vip)
	w.In("a", "ip", "link", "del", "vrrp.51")
	until(t, "the interface and its address are back", func() bool {
		return strings.Contains(w.In("a", "ip", "-br", "addr"), "vrrp.51") && strings.Contains(w.State("a"), vip)
	})
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	if state := w.In("a", "ip", "-br", "link"); strings.Contains(state, "vrrp") {
		t.Errorf("left:\n%s", state)
	}
}

// TestLocalReports: disable_local_igmp is a setting of the network namespace while karun runs.
func TestLocalReports(t *testing.T) {
	w := newWire(t)
	reports := func() string {
		return strings.TrimSpace(w.In("a", "sysctl", "-n", "net.ipv4.igmp_link_local_mcast_reports"))
	}
	if got := reports(); got != "1" {
		t.Fatalf("reports are %s before the start", got)
	}
	k := w.start("a", compiled(t, "global_defs {\n disable_local_igmp\n}\nvrrp_instance V {\n interface eth0\n virtual_router_id 51\n priority 100\n virtual_ipaddress {\n 10.77.0.100\n }\n}\n"), "")
	k.logged(`"msg":"ready"`)
	if got := reports(); got != "0" {
		t.Errorf("reports are %s while karun runs, want 0", got)
	}
	k.stop()
	if got := reports(); got != "1" {
		t.Errorf("reports are %s after the stop, want 1", got)
	}
}

// TestVMACSwitchedOff: a VMAC that somebody switches off is a fault, also where adverts leave by the interface
// below it; when it is on again the instance goes on, with the address of the link that the kernel took away.
func TestVMACSwitchedOff(t *testing.T) {
	const text = `
vrrp_instance V4 {
    interface eth0
    virtual_router_id 51
    priority 254
    use_vmac
    vmac_xmit_base
    virtual_ipaddress {
        10.77.0.100/24
    }
}
vrrp_instance V6 {
    interface eth0
    virtual_router_id 52
    priority 254
    version 3
    use_vmac
    virtual_ipaddress {
        fe80::100
    }
}
`
	w := newWire(t)
	k := w.start("a", compiled(t, text), "")
	for i, name := range []string{"V4", "V6"} {
		link := fmt.Sprintf("vrrp.%d", 51+i)
		k.logged(`"msg":"address"`, `"op":"+"`, `"dev":"`+link+`"`)
		before := w.In("a", "ip", "-o", "addr", "show", "dev", link)
		w.In("a", "ip", "link", "set", link, "down")
		k.logged(`"msg":"transition"`, `"from":"MASTER"`, `"to":"FAULT"`, `"instance":"`+name+`"`)
		w.In("a", "ip", "link", "set", link, "up")
		k.logged(`"msg":"transition"`, `"from":"FAULT"`, `"to":"BACKUP"`, `"instance":"`+name+`"`)
		until(t, link+" has its addresses again", func() bool { return sameLines(w.In("a", "ip", "-o", "addr", "show", "dev", link), before) })
	}
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}

// sameLines compares lists whose order does not matter.
func sameLines(a, b string) bool {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

// TestTablesComeBack: the tables of nftables that somebody deletes are made again, with the VMACs and the
// addresses of masters; those that he has put in their place stay.
func TestTablesComeBack(t *testing.T) {
	need.Program(t, "nft")
	w := newWire(t)
	k := w.start("a", compiled(t, everyKind), "")
	rules := func() string { return w.In("a", "nft", "list", "ruleset") }
	until(t, "the addresses accept nothing", func() bool {
		return strings.Contains(rules(), "10.77.0.103") && strings.Contains(rules(), "2001:db8:77::100")
	})
	before := rules()
	w.In("a", "nft", "flush ruleset; table inet mine { chain c { }; }")
	until(t, "the tables are back", func() bool {
		return sameLines(strings.Replace(rules(), "table inet mine {\n\tchain c {\n\t}\n}\n", "", 1), before)
	})
	k.logged("put back", "nft table ip keepalived")
	k.logged("put back", "nft table ip6 keepalived")
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	if got := rules(); strings.Contains(got, "keepalived") || !strings.Contains(got, "table inet mine") {
		t.Errorf("at the end\n%s", got)
	}
}

// TestVMACOnMACVLAN: a VMAC on an interface that is a macvlan itself, as in a container, is on the base of that one
// for the kernel. It is known as karun's all the same, when it stops and after it was killed.
func TestVMACOnMACVLAN(t *testing.T) {
	w := newWire(t)
	w.In("a", "ip", "link", "add", "mv0", "link", "eth0", "type", "macvlan", "mode", "bridge")
	w.In("a", "ip", "link", "set", "mv0", "up")
	w.In("a", "ip", "addr", "add", "10.77.0.11/24", "dev", "mv0")
	p := testPlan(254)
	p.Instances[0].Interface = "mv0"
	p.Instances[0].Link.VMAC = &plan.VMAC{Name: "vrrp.51", MAC: [6]byte{0, 0, 0x5e, 0, 1, 51}}
	p.Instances[0].VIPs[0].Interface = "vrrp.51"
	runDir := filepath.Join(t.TempDir(), "run")
	k := w.start("a", p, runDir)
	k.logged(`"msg":"address"`, vip)
	k.kill()
	k = w.start("a", p, runDir)
	k.logged(`"msg":"address"`, vip)
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	if state := w.In("a", "ip", "-br", "link"); strings.Contains(state, "vrrp") {
		t.Errorf("left:\n%s", state)
	}
}
