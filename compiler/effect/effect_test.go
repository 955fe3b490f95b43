package effect_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"ka/compiler/effect"
	"ka/compiler/plan"
)

func addr(prefix, dev string, line int) plan.Address {
	return plan.Address{Prefix: netip.MustParsePrefix(prefix), Interface: dev, Origin: plan.Origin{File: "a.conf", Line: line}}
}

// sample is a plan with something of every kind.
func sample() *plan.Plan {
	service := func(address, method string) plan.VirtualServer {
		vs := plan.VirtualServer{Address: netip.MustParseAddrPort(address), Protocol: plan.TCP, Scheduler: "rr", Method: plan.DR}
		for _, rs := range strings.Fields(method) {
			vs.RealServers = append(vs.RealServers, plan.RealServer{Address: netip.MustParseAddrPort(rs), Weight: 1, Method: plan.DR})
		}
		return vs
	}
	vs := service("192.168.8.100:80", "192.168.8.130:80 192.168.8.131:80")
	vs.Persistence = 50 * time.Second
	return &plan.Plan{
		StaticAddresses: []plan.Address{addr("10.0.0.1/24", "eth1", 1)},
		StaticRoutes:    []plan.Route{{Destination: netip.MustParsePrefix("10.1.0.0/16"), Gateway: netip.MustParseAddr("10.0.0.254")}},
		Instances: []plan.Instance{{
			Name:     "VI_1",
			VIPs:     []plan.Address{addr("192.168.8.100/32", "ens160", 20), addr("192.168.8.99/32", "ens160", 21)},
			Excluded: []plan.Address{addr("2001:db8::1/128", "ens160", 25)},
			Routes:   []plan.Route{{Destination: netip.MustParsePrefix("10.2.0.0/16"), Interface: "ens160", Scope: 253, Metric: 4}},
		}},
		VirtualServers: []plan.VirtualServer{vs, service("192.168.8.100:443", "192.168.8.130:443")},
	}
}

func lines(changes []effect.Change) string {
	var b strings.Builder
	for _, c := range changes {
		b.WriteString(c.String() + "\n")
	}
	return b.String()
}

const (
	startLines = `+ 10.0.0.1/24 dev eth1 proto keepalived
+ 10.1.0.0/16 via 10.0.0.254 proto keepalived
+ -A -t 192.168.8.100:80 -s rr -p 50
+ -a -t 192.168.8.100:80 -r 192.168.8.130:80 -g -w 1
+ -a -t 192.168.8.100:80 -r 192.168.8.131:80 -g -w 1
+ -A -t 192.168.8.100:443 -s rr
+ -a -t 192.168.8.100:443 -r 192.168.8.130:443 -g -w 1
`
	enterLines = `+ 192.168.8.100/32 dev ens160 proto keepalived
+ 192.168.8.99/32 dev ens160 proto keepalived
+ 2001:db8::1/128 dev ens160 proto keepalived nodad preferred_lft 0
+ 10.2.0.0/16 dev ens160 proto keepalived scope link metric 4
`
	leaveLines = `- 10.2.0.0/16 dev ens160 proto keepalived scope link metric 4
- 192.168.8.100/32 dev ens160 proto keepalived
- 192.168.8.99/32 dev ens160 proto keepalived
- 2001:db8::1/128 dev ens160 proto keepalived nodad preferred_lft 0
`
	stopLines = `- -a -t 192.168.8.100:80 -r 192.168.8.130:80 -g -w 1
- -a -t 192.168.8.100:80 -r 192.168.8.131:80 -g -w 1
- -a -t 192.168.8.100:443 -r 192.168.8.130:443 -g -w 1
- -A -t 192.168.8.100:80 -s rr -p 50
- -A -t 192.168.8.100:443 -s rr
- 10.1.0.0/16 via 10.0.0.254 proto keepalived
- 10.0.0.1/24 dev eth1 proto keepalived
`
)

func TestPhases(t *testing.T) {
	want := []struct{ name, instance, reason, lines string }{
		{"start", "", "karun starts", startLines},
		{"MASTER", "VI_1", "VI_1 becomes MASTER", enterLines},
		{"BACKUP", "VI_1", "VI_1 goes from MASTER to BACKUP", leaveLines},
		{"FAULT", "VI_1", "VI_1 goes from MASTER to FAULT", leaveLines},
		{"stop", "VI_1", "karun stops while VI_1 is MASTER", leaveLines},
		{"stop", "", "karun stops", stopLines},
	}
	got := effect.Phases(sample(), effect.Facts{})
	if len(got) != len(want) {
		t.Fatalf("%d phases, want %d", len(got), len(want))
	}
	for i, w := range want {
		g := got[i]
		if g.Name != w.name || g.Instance != w.instance || lines(g.Changes) != w.lines || g.Changes[0].Reason != w.reason {
			t.Errorf("phase %s of %q because %q:\n%s\nwant %s of %q because %q:\n%s",
				g.Name, g.Instance, g.Changes[0].Reason, lines(g.Changes), w.name, w.instance, w.reason, w.lines)
		}
	}
	leave := got[2].Changes
	if leave[1].Scope != (effect.Scope{Kind: effect.ScopeInstance, Name: "VI_1"}) || leave[1].Origin.Line != 20 {
		t.Errorf("a removal lost its scope or origin: %+v", leave[1])
	}
}

func TestDesiredFollowsTheState(t *testing.T) {
	p := sample()
	vs := &p.VirtualServers[0]
	key := effect.RealServerKey(vs, &vs.RealServers[1])
	if key != "tcp 192.168.8.100:80 192.168.8.131:80" {
		t.Errorf("key %q", key)
	}
	master := map[string]plan.State{"VI_1": plan.StateMaster}
	for _, c := range []struct {
		state effect.State
		count int
	}{
		{effect.State{}, 0},
		{effect.State{Instances: master}, 0},
		{effect.State{Running: true}, 7},
		{effect.State{Running: true, Instances: map[string]plan.State{"VI_1": plan.StateBackup}}, 7},
		{effect.State{Running: true, Instances: master}, 11},
		{effect.State{Running: true, Down: map[string]bool{key: true}}, 6},
	} {
		if got := effect.Desired(p, effect.Facts{}, c.state); len(got) != c.count {
			t.Errorf("%+v: %d objects, want %d", c.state, len(got), c.count)
		}
	}
	if got := effect.All(p); len(got) != 11 {
		t.Errorf("all: %d objects", len(got))
	}
}

func TestAnAddressOfTwoScopesIsTheFirstOnes(t *testing.T) {
	p := sample()
	p.Instances = append(p.Instances, plan.Instance{Name: "VI_2", VIPs: p.Instances[0].VIPs})
	if got := effect.InScope(effect.All(p), effect.Scope{Kind: effect.ScopeInstance, Name: "VI_2"}); len(got) != 0 {
		t.Errorf("VI_2 has %v", got)
	}
}

func TestDiffAgainstAMachine(t *testing.T) {
	p := sample()
	may := effect.All(p)
	var have []effect.Object
	for _, w := range may {
		have = append(have, w.Object)
	}
	vip := have[7].(effect.Address)
	brd := vip
	brd.Broadcast, brd.Protocol = netip.MustParseAddr("192.168.8.255"), 0
	scoped := vip
	scoped.Scope = 253
	heavy := have[3].(effect.Destination)
	heavy.Weight, heavy.ActiveConnections = 5, 17
	busy := have[3].(effect.Destination)
	busy.ActiveConnections = 17
	foreign := effect.Address{Prefix: netip.MustParsePrefix("172.16.0.1/12"), Interface: "eth9"}
	replace := func(i int, o effect.Object) []effect.Object {
		out := slices.Clone(have)
		out[i] = o
		return out
	}
	for name, c := range map[string]struct {
		have []effect.Object
		want []effect.Wanted
		diff string
		note effect.Traffic
	}{
		"nothing to do":                {have, may, "", ""},
		"foreign objects are left":     {append(slices.Clone(have), foreign), may, "", ""},
		"broadcast and owner not ours": {replace(7, brd), may, "", ""},
		"counters are not compared":    {replace(3, busy), may, "", ""},
		"another scope":                {replace(7, scoped), may, "~ 192.168.8.100/32 dev ens160 proto keepalived\n", effect.MovesAddress},
		"another weight":               {replace(3, heavy), may, "~ -a -t 192.168.8.100:80 -r 192.168.8.130:80 -g -w 1\n", effect.Hitless},
		"a lost address comes back":    {slices.Delete(slices.Clone(have), 7, 8), may, "+ 192.168.8.100/32 dev ens160 proto keepalived\n", effect.MovesAddress},
		"a real server goes":           {have, slices.Delete(slices.Clone(may), 3, 4), "- -a -t 192.168.8.100:80 -r 192.168.8.130:80 -g -w 1\n", effect.DropsConnections},
		"what goes first, then what comes": {have[:6], may[5:7],
			strings.Join(strings.SplitAfter(stopLines, "\n")[0:2], "") + "- -A -t 192.168.8.100:80 -s rr -p 50\n" +
				strings.Join(strings.SplitAfter(stopLines, "\n")[5:7], "") + "+ -a -t 192.168.8.100:443 -r 192.168.8.130:443 -g -w 1\n", effect.DropsConnections},
	} {
		got := effect.Diff(effect.Owned(c.have, may), c.want, "test")
		if lines(got) != c.diff {
			t.Errorf("%s: got\n%swant\n%s", name, lines(got), c.diff)
		} else if len(got) > 0 && got[0].Traffic != c.note {
			t.Errorf("%s: traffic %s, want %s", name, got[0].Traffic, c.note)
		}
	}
}

func TestObjectsAreWrittenAsTheirToolsDo(t *testing.T) {
	id := effect.ServiceID{Protocol: plan.UDP, Address: netip.MustParseAddrPort("[2001:db8::1]:53")}
	mark := effect.ServiceID{FirewallMark: 7, IPv6: true}
	for want, o := range map[string]effect.Object{
		"-A -u [2001:db8::1]:53 -s wlc -p 60 -M 64 -o": effect.Service{ServiceID: id, Scheduler: "wlc", Flags: 5, TimeoutSeconds: 60, PrefixBits: 64},
		"-A -f 7 -6 -s sh -b sh-fallback,sh-port":      effect.Service{ServiceID: mark, Scheduler: "sh", Flags: 0x18, PrefixBits: 128},
		"-A -f 7 -6 -s rr -b flag-1,flag-2,flag-3":     effect.Service{ServiceID: mark, Scheduler: "rr", Flags: 0x38, PrefixBits: 128},
		"-a -f 7 -6 -r 10.0.0.1:0 -i -w 0 --tun-type gue --tun-port 9999 --tun-csum": effect.Destination{Service: mark,
			Address: netip.MustParseAddrPort("10.0.0.1:0"), Method: plan.TUN, TunnelType: 1, TunnelPort: 9999, TunnelFlags: 1},
		"-a --sctp-service 10.0.0.1:9 -r 10.0.0.2:9 -m -w 3 -x 10 -y 5": effect.Destination{
			Service: effect.ServiceID{Protocol: plan.SCTP, Address: netip.MustParseAddrPort("10.0.0.1:9")},
			Address: netip.MustParseAddrPort("10.0.0.2:9"), Weight: 3, UpperThreshold: 10, LowerThreshold: 5},
		"default via 10.0.0.1 dev eth0 table 7 src 10.0.0.9 (unknown attributes: RTA 8)": effect.Route{
			Destination: netip.MustParsePrefix("0.0.0.0/0"), Gateway: netip.MustParseAddr("10.0.0.1"), Interface: "eth0", Table: 7,
			Source: netip.MustParseAddr("10.0.0.9"), Unknown: []string{"RTA 8"}},
		"10.0.0.1 peer 10.0.0.2/32 brd 10.0.0.3 dev eth0 label eth0:1 scope host proto 4": effect.Address{
			Prefix: netip.MustParsePrefix("10.0.0.1/32"), Peer: netip.MustParsePrefix("10.0.0.2/32"), Broadcast: netip.MustParseAddr("10.0.0.3"),
			Interface: "eth0", Label: "eth0:1", Scope: 254, Protocol: 4},
	} {
		if got := o.String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	vs := &plan.VirtualServer{Address: netip.MustParseAddrPort("10.0.0.1:80"), Protocol: plan.TCP, Scheduler: "wlc",
		Persistence: 360 * time.Second, PersistenceNetmask: netip.MustParseAddr("255.255.255.0")}
	if got := effect.Services(vs, nil)[0].String(); got != "-A -t 10.0.0.1:80 -s wlc -p 360 -M 255.255.255.0" {
		t.Error(got)
	}
	vs.Address, vs.PersistenceNetmask = netip.MustParseAddrPort("[2001:db8::1]:80"), netip.MustParseAddr("ffff:ffff:ffff::")
	if got := effect.Services(vs, nil)[0].String(); got != "-A -t [2001:db8::1]:80 -s wlc -p 360 -M 48" {
		t.Error(got)
	}
}

func TestSourceAvoidsVirtualAddresses(t *testing.T) {
	f := effect.InterfaceFacts{Addresses: []netip.Addr{netip.MustParseAddr("192.168.8.100"), netip.MustParseAddr("192.168.8.11")}}
	if got := f.Source(sample()); got != netip.MustParseAddr("192.168.8.11") {
		t.Errorf("source %s", got)
	}
}

// What the kernel makes of a wish by itself is no difference: else it would be changed for ever.
func TestWishesReadAsTheKernelKeepsThem(t *testing.T) {
	address := func(prefix, dev, label string, scope uint8) effect.Address {
		return effect.NewAddress(plan.Address{Prefix: netip.MustParsePrefix(prefix), Interface: dev, Label: label, Scope: scope})
	}
	route := func(dst, via, dev string) effect.Route {
		r := plan.Route{Destination: netip.MustParsePrefix(dst), Interface: dev}
		r.Gateway, _ = netip.ParseAddr(via) // "" is none
		return effect.NewRoute(r)
	}
	for _, c := range []struct {
		want, have effect.Object
		same       bool
	}{
		{address("10.0.0.1/24", "eth0", "eth0", 0), effect.Address{Prefix: netip.MustParsePrefix("10.0.0.1/24"), Interface: "eth0"}, true},
		{address("fe80::1/64", "eth0", "", 0), effect.Address{Prefix: netip.MustParsePrefix("fe80::1/64"), Interface: "eth0", Scope: 253}, true},
		{address("fd00::1/64", "eth0", "eth0:1", 253), effect.Address{Prefix: netip.MustParsePrefix("fd00::1/64"), Interface: "eth0"}, true},
		{address("::5/128", "lo", "", 0), effect.Address{Prefix: netip.MustParsePrefix("::5/128"), Interface: "lo", Deprecated: true}, true},
		{route("10.1.0.0/16", "10.0.0.9", ""), route("10.1.0.0/16", "10.0.0.9", "eth0"), true},
		{route("fd01::/64", "fd00::9", ""), route("fd01::/64", "fd00::9", "eth0"), true},
		{route("fd01::/64", "fe80::9", "eth0"), route("fd01::/64", "fe80::9", "eth1"), false},
		{route("fd01::/64", "", "eth0"), route("fd01::/64", "", "eth1"), false},
		{route("0.0.0.0/0", "10.0.0.9", ""), route("0.0.0.0/0", "10.0.0.8", "eth0"), false},
		{route("10.1.0.0/16", "", "eth0"), route("10.1.0.0/16", "10.0.0.8", "eth0"), false},
	} {
		same := c.want.Key() == c.have.Key()
		if same != c.same || c.want.Equal(c.have) != c.same {
			t.Errorf("%v and %v: the same object %v, equal %v, want %v", c.want, c.have, same, c.want.Equal(c.have), c.same)
		}
	}
}

// TestTablesGoLast: a table of nftables moves the reports of VMACs to their bases, so it is there before them,
// and goes after them. The report of a VMAC that left its groups went out with the virtual MAC once.
func TestTablesGoLast(t *testing.T) {
	vmac := effect.Link{Name: "vrrp.51", Base: "eth0", LinkKind: effect.MACVLAN}
	table := effect.Table{Name: "keepalived", VMACs: []effect.TableVMAC{{Name: "vrrp.51", Base: "eth0"}}}
	setting := effect.Sysctl{Path: "net/ipv4/conf/eth0/arp_ignore", Value: "1"}
	var kinds []effect.Kind
	for _, c := range effect.Diff([]effect.Object{setting, table, vmac}, nil, "karun stops") {
		kinds = append(kinds, c.Object().Kind())
	}
	if want := []effect.Kind{effect.KindLink, effect.KindTable, effect.KindSysctl}; !slices.Equal(kinds, want) {
		t.Errorf("removed %v, want %v", kinds, want)
	}
}

// TestSourceTellsRoutesApart: the kernel has routes of IPv4 that differ in nothing but the source that they give,
// one in front of the other. The one with a virtual address was taken for the one that was there before, once.
func TestSourceTellsRoutesApart(t *testing.T) {
	for _, c := range []struct {
		destination, source string
		apart               bool
	}{
		{"192.0.2.0/24", "192.0.2.10", true},
		{"2001:db8::/64", "2001:db8::10", false},
	} {
		plain := effect.Route{Destination: netip.MustParsePrefix(c.destination), Interface: "eth0", Table: 254}
		ours := plain
		ours.Source = netip.MustParseAddr(c.source)
		if apart := plain.Key() != ours.Key(); apart != c.apart {
			t.Errorf("%s with and without source %s: told apart %v, want %v", c.destination, c.source, apart, c.apart)
		}
	}
}
