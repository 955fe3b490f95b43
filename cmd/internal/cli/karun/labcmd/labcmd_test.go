//go:build linux

package labcmd

import (
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"ka/compiler/plan"
	"ka/runtime/lab"
	"ka/runtime/lab/node"
)

// virtualRouter is a plan with one instance.
func virtualRouter(iface string, vips ...string) *plan.Plan {
	inst := plan.Instance{Name: "VI_1", Interface: iface}
	for _, v := range vips {
		inst.VIPs = append(inst.VIPs, plan.Address{Prefix: netip.MustParsePrefix(v), Interface: iface})
	}
	return &plan.Plan{Instances: []plan.Instance{inst}}
}

// sketch writes a topology down: a line a wire.
func sketch(t *topology) []string {
	var lines []string
	for _, w := range t.wires {
		var words []string
		for _, m := range w.members {
			words = append(words, string(rune('a'+m.node))+":"+m.name)
			for _, a := range m.addresses {
				words = append(words, a.String())
			}
		}
		for _, s := range w.servers {
			words = append(words, "server", s.address.String())
		}
		lines = append(lines, strings.Join(words, " "))
	}
	return lines
}

func TestNetwork(t *testing.T) {
	withServers := func(p *plan.Plan, servers ...string) *plan.Plan {
		vs := plan.VirtualServer{Address: netip.MustParseAddrPort("192.168.8.100:80")}
		for _, s := range servers {
			rs := plan.RealServer{Address: netip.MustParseAddrPort(s)}
			rs.Checks = []plan.Check{{Target: rs.Address}}
			vs.RealServers = append(vs.RealServers, rs)
		}
		p.VirtualServers = append(p.VirtualServers, vs)
		return p
	}
	withSource := func(p *plan.Plan, source string) *plan.Plan {
		p.Instances[0].Source = netip.MustParseAddr(source)
		return p
	}
	two := virtualRouter("eth0", "10.0.0.1/24")
	two.Instances = append(two.Instances, virtualRouter("eth1", "10.0.1.1/24").Instances...)
	for name, c := range map[string]struct {
		plans []*plan.Plan
		want  []string
	}{
		"no length means /24": {
			[]*plan.Plan{virtualRouter("ens160", "192.168.8.100/32"), virtualRouter("ens160", "192.168.8.100/32")},
			[]string{"a:ens160 192.168.8.1/24 b:ens160 192.168.8.2/24"},
		},
		"VIPs are left out": {
			[]*plan.Plan{virtualRouter("eth0", "10.0.0.1/24", "10.0.0.3/24"), virtualRouter("eth0", "10.0.0.1/24")},
			[]string{"a:eth0 10.0.0.2/24 b:eth0 10.0.0.4/24"},
		},
		"other names, one network": {
			[]*plan.Plan{virtualRouter("eth0", "10.0.0.9/24"), virtualRouter("ens3", "10.0.0.9/32")},
			[]string{"a:eth0 10.0.0.1/24 b:ens3 10.0.0.2/24"},
		},
		"two interfaces, crossed": {
			[]*plan.Plan{two, func() *plan.Plan {
				p := virtualRouter("eth1", "10.0.0.1/24")
				p.Instances = append(p.Instances, virtualRouter("eth0", "10.0.1.1/24").Instances...)
				return p
			}()},
			[]string{"a:eth0 10.0.0.2/24 b:eth1 10.0.0.3/24", "a:eth1 10.0.1.2/24 b:eth0 10.0.1.3/24"},
		},
		"other networks on one wire": {
			[]*plan.Plan{virtualRouter("eth0", "10.0.0.9/24"), virtualRouter("eth0", "10.9.0.9/24")},
			[]string{"a:eth0 10.0.0.1/24 10.9.0.1/24 b:eth0 10.0.0.2/24 10.9.0.2/24"},
		},
		"real servers": {
			[]*plan.Plan{withServers(virtualRouter("eth0", "192.168.8.100/32"), "192.168.8.1:80", "172.16.0.5:80")},
			[]string{"a:eth0 192.168.8.2/24 172.16.0.1/24 server 192.168.8.1/24 server 172.16.0.5/24"},
		},
		"source address": {
			[]*plan.Plan{withSource(virtualRouter("eth0", "10.0.0.9/24"), "10.0.0.77"), virtualRouter("eth0", "10.0.0.9/24")},
			[]string{"a:eth0 10.0.0.77/24 b:eth0 10.0.0.1/24"},
		},
		"IPv6": {
			[]*plan.Plan{virtualRouter("eth0", "2001:db8::9/128")},
			[]string{"a:eth0 2001:db8::1/64"},
		},
		"nothing": {
			[]*plan.Plan{{}, {}},
			[]string{"a:eth0 198.18.0.1/24 b:eth0 198.18.0.2/24"},
		},
	} {
		top, err := planNetwork(c.plans)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := sketch(top); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, c.want)
		}
	}
	if _, err := planNetwork([]*plan.Plan{virtualRouter("a-very-long-name", "10.0.0.1/24")}); err == nil {
		t.Error("an interface name of 16 bytes is accepted")
	}
}

func TestSchedule(t *testing.T) {
	nodes := []string{"lb1", "dc/lb2"}
	for arg, want := range map[string]step{
		"lb1@5s":          {at: 5 * time.Second, verb: verbKill, node: "lb1"},
		"lb1.conf@1.5":    {at: 1500 * time.Millisecond, verb: verbKill, node: "lb1"},
		"dc/lb2.conf@1m":  {at: time.Minute, verb: verbKill, node: "dc/lb2"},
		"dc/lb2@0":        {verb: verbKill, node: "dc/lb2"},
		"lb1:chk@5s fail": {at: 5 * time.Second, verb: verbFail, node: "lb1", script: "chk"},
	} {
		arg, _, _ = strings.Cut(arg, " ")
		if got, err := parseStep(want.verb, arg, nodes); err != nil || got != want {
			t.Errorf("%s: %+v, %v", arg, got, err)
		}
	}
	for arg, want := range map[string]string{
		"lb1":      `it names no time; write NODE@5s`,
		"lb3@5s":   `there is no node "lb3"; the nodes are lb1, dc/lb2`,
		"lb1@soon": `wrong time "soon" in --kill lb1@soon; write NODE@5s`,
		"lb1@-1s":  `wrong time "-1s"`,
		"lb1@NaN":  `wrong time "NaN"`,
		"lb1@1e99": `wrong time "1e99"`,
	} {
		if _, err := parseStep(verbKill, arg, nodes); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", arg, err, want)
		}
	}
	if _, err := parseStep(verbFail, "lb1@5s", nodes); err == nil || !strings.Contains(err.Error(), "names no script") {
		t.Errorf("a script step without a script: %v", err)
	}
	if d, err := runLength(0, []step{{at: 9 * time.Second}}); d != 19*time.Second || err != nil {
		t.Errorf("length %v, %v", d, err)
	}
	if _, err := runLength(5*time.Second, []step{{at: 9 * time.Second, verb: verbKill, node: "lb1"}}); err == nil {
		t.Error("a step behind the end is accepted")
	}
}

// TestStory tells events that come out of order, and follows the address.
func TestStory(t *testing.T) {
	start := time.Unix(1000, 0)
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	vip := netip.MustParsePrefix("10.0.0.9/32")
	address := func(added bool) node.Address {
		return node.Address{AddressEvent: lab.AddressEvent{Added: added, Address: vip, Interface: "eth0"}}
	}
	announcement := node.Announcement{Address: vip.Addr(), Interface: "eth0"}
	var lines []string
	s := newStory(start, map[netip.Addr]bool{vip.Addr(): true}, func(x entry) { lines = append(lines, x.Node+" "+describe(x)) })
	for _, e := range []node.Event{
		{Time: at(0), Node: "a", What: node.Started{Daemon: "karun"}},
		{Time: at(1), Node: "b", What: node.Started{Daemon: "karun"}},
		{Time: at(3601), Node: "a", What: address(true)},
		{Time: at(3600), Node: "a", What: node.Transition{Instance: "VI_1", From: "BACKUP", To: "MASTER", Cause: "no advertisement for 3.6s"}},
		{Time: at(3602), Node: "a", What: announcement},
		{Time: at(3603), Node: "a", What: announcement},
		{Time: at(8603), Node: "a", What: announcement},
		{Time: at(9000), Node: "a", What: done{verb: verbKill}},
		{Time: at(9001), Node: "a", What: node.Ended{Status: 137, Asked: true}},
		{Time: at(12600), Node: "b", What: address(true)},
		{Time: at(15000), Node: "a", What: done{verb: verbStart}},
		{Time: at(15000), Node: "a", What: node.Started{Daemon: "karun"}},
		{Time: at(15020), Node: "a", What: address(false)},
	} {
		s.add(e)
	}
	s.flush(at(20000))
	want := []string{
		"a karun starts", "b karun starts", "a BACKUP → MASTER  (no advertisement for 3.6s)", "a + 10.0.0.9/32 on eth0",
		"a announces 10.0.0.9 by 2 gratuitous ARP", "a announces 10.0.0.9 by 1 gratuitous ARP",
		"a killed: SIGKILL to all of its processes at once", "a has ended, status 137", "b + 10.0.0.9/32 on eth0",
		"a karun starts", "a - 10.0.0.9/32 on eth0",
	}
	if !reflect.DeepEqual(lines, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	got := tellPeriods(s.own.periods(vip.Addr(), 20*time.Second))
	wantFate := `    0.0s – 3.6s   nobody
    3.6s – 9.0s   a
    9.0s – 12.6s  nobody, left behind on a
   12.6s – 20.0s  b, left behind on a
`
	_ = wantFate
	if !strings.Contains(got, "nobody, left behind on a\n") || !strings.HasSuffix(got, "3.6s until the first owner; nobody for 3.6s after that, two owners for 0.0s\n") {
		t.Errorf("got\n%s", got)
	}
}

func TestQuote(t *testing.T) {
	if got, want := quote([]string{"/run/lab/standin", "0", "a b", "", "$x"}), `"/run/lab/standin 0 a\040b '' \044x"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
