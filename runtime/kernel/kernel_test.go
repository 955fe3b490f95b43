//go:build linux

package kernel_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"ka/compiler/effect"
	"ka/compiler/plan"
	"ka/runtime/kernel"
	"ka/runtime/lab/need"
)

// namespace puts the test into a network namespace of its own, with the pair of interfaces ens160 and
// peer, both up. The thread is never given back: it ends with the test.
func namespace(t *testing.T) *kernel.Handle {
	t.Helper()
	need.Root(t)
	need.Program(t, "ip")
	runtime.LockOSThread()
	ns, err := netns.New()
	if err != nil {
		need.Missing(t, "cannot make a network namespace: "+err.Error())
	}
	t.Cleanup(func() { ns.Close() })
	ip(t, "link add ens160 type veth peer name peer")
	ip(t, "link set ens160 up")
	ip(t, "link set peer up")
	ip(t, "address add 192.168.8.11/24 dev ens160")
	h, err := kernel.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

func ip(t *testing.T, args string) string {
	t.Helper()
	out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput()
	if err != nil {
		t.Fatalf("ip %s: %v\n%s", args, err, out)
	}
	return string(out)
}

// shown reads "ip -j" into maps.
func shown(t *testing.T, args string) []map[string]any {
	t.Helper()
	var out []map[string]any
	if err := json.Unmarshal([]byte(ip(t, "-j "+args)), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// addresses lists an interface's addresses as ip shows them: the attributes that matter, by address.
func addresses(t *testing.T, dev string) map[string]string {
	t.Helper()
	out := make(map[string]string)
	for _, link := range shown(t, "-d address show dev "+dev) {
		infos, _ := link["addr_info"].([]any)
		for _, i := range infos {
			m := i.(map[string]any)
			var words []string
			for _, k := range []string{"broadcast", "scope", "label", "protocol", "nodad", "deprecated", "noprefixroute"} {
				if v, ok := m[k]; ok {
					words = append(words, fmt.Sprintf("%s=%v", k, v))
				}
			}
			out[fmt.Sprintf("%v/%v", m["local"], m["prefixlen"])] = strings.Join(words, " ")
		}
	}
	return out
}

func address(prefix string) effect.Address {
	return effect.NewAddress(plan.Address{Prefix: netip.MustParsePrefix(prefix), Interface: "ens160"})
}

func add(o effect.Object) effect.Change    { return effect.Change{Op: effect.Add, Want: o} }
func remove(o effect.Object) effect.Change { return effect.Change{Op: effect.Remove, Have: o} }

func TestAddressesLookAsKeepalivedsInIP(t *testing.T) {
	h := namespace(t)
	full := address("192.168.9.101/24")
	full.Broadcast, full.Label, full.Scope = netip.MustParseAddr("192.168.9.255"), "ens160:1", 253
	want := map[string]struct {
		a     effect.Address
		shown string
	}{
		"192.168.8.100/32": {address("192.168.8.100/32"), "scope=global label=ens160 protocol=keepalived"},
		"192.168.9.101/24": {full, "broadcast=192.168.9.255 scope=link label=ens160:1 protocol=keepalived"},
		"2001:db8::1/128":  {address("2001:db8::1/128"), "scope=global protocol=keepalived nodad=true deprecated=true"},
		"2001:db8::2/64":   {address("2001:db8::2/64"), "scope=global protocol=keepalived nodad=true"},
	}
	for range 2 { // the second time everything is there already
		for _, w := range want {
			if err := h.Apply(add(w.a)); err != nil {
				t.Fatal(err)
			}
		}
	}
	have, err := h.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	text := addresses(t, "ens160")
	for name, w := range want {
		// Old versions of ip do not know the name of protocol 18.
		if got := strings.Replace(text[name], "protocol=18", "protocol=keepalived", 1); got != strings.TrimSpace(w.shown) &&
			got != strings.Replace(w.shown, " protocol=keepalived", "", 1) {
			t.Errorf("%s: ip shows %q, want %q", name, got, w.shown)
		}
		i := slices.IndexFunc(have, func(o effect.Object) bool { return o.Key() == w.a.Key() })
		if i < 0 {
			t.Fatalf("%s is not in the snapshot", name)
		}
		if got := have[i].(effect.Address); !w.a.Equal(got) || got.Broadcast != w.a.Broadcast || got.Label != w.a.Label || got.NoDAD != w.a.NoDAD {
			t.Errorf("read back %+v, want %+v", got, w.a)
		}
	}
	for range 2 {
		for _, w := range want {
			if err := h.Apply(remove(w.a)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name := range addresses(t, "ens160") {
		if _, ok := want[name]; ok {
			t.Errorf("%s is still there", name)
		}
	}
}

func TestChangedAddressIsReplaced(t *testing.T) {
	h := namespace(t)
	ip(t, "address add 192.168.8.100/32 dev ens160 scope link")
	want := []effect.Wanted{{Object: address("192.168.8.100/32")}}
	have, err := h.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	changes := effect.Diff(effect.Owned(have, want), want, "test")
	if len(changes) != 1 || changes[0].Op != effect.Update {
		t.Fatalf("changes %v, want one update", changes)
	}
	if err := h.ApplyAll(changes); err != nil {
		t.Fatal(err)
	}
	have, _ = h.Snapshot()
	if rest := effect.Diff(effect.Owned(have, want), want, "test"); len(rest) != 0 {
		t.Errorf("still to do: %v", rest)
	}
}

func TestRoutesReadBackAndAreShown(t *testing.T) {
	h := namespace(t)
	ip(t, "address add 2001:db8:8::11/64 dev ens160 nodad")
	route := func(r plan.Route) effect.Route { return effect.NewRoute(r) }
	gw := netip.MustParseAddr("192.168.8.1")
	routes := []effect.Route{
		route(plan.Route{Destination: netip.MustParsePrefix("10.1.0.0/16"), Gateway: gw, Interface: "ens160"}),
		route(plan.Route{Destination: netip.MustParsePrefix("10.2.0.0/16"), Gateway: gw, Interface: "ens160", Source: netip.MustParseAddr("192.168.8.11"), Metric: 7}),
		route(plan.Route{Destination: netip.MustParsePrefix("10.3.0.0/16"), Interface: "ens160", Scope: 253}),
		route(plan.Route{Destination: netip.MustParsePrefix("0.0.0.0/0"), Gateway: gw, Table: 1000}),
		route(plan.Route{Destination: netip.MustParsePrefix("2001:db8:9::/48"), Gateway: netip.MustParseAddr("2001:db8:8::1"), Interface: "ens160"}),
		route(plan.Route{Destination: netip.MustParsePrefix("::/0"), Gateway: netip.MustParseAddr("2001:db8:8::1"), Interface: "ens160", Metric: 50}),
		// The kernel finds the interface: what is read back is the same route all the same.
		route(plan.Route{Destination: netip.MustParsePrefix("2001:db8:a::/48"), Gateway: netip.MustParseAddr("2001:db8:8::1")}),
		route(plan.Route{Destination: netip.MustParsePrefix("2001:db8:b::/48"), Gateway: netip.MustParseAddr("fe80::1"), Interface: "ens160"}),
	}
	var changes []effect.Change
	var wanted []effect.Wanted
	for _, r := range routes {
		changes = append(changes, add(r))
		wanted = append(wanted, effect.Wanted{Object: r})
	}
	for range 2 {
		if err := h.ApplyAll(changes); err != nil {
			t.Fatal(err)
		}
	}
	have, err := h.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if rest := effect.Diff(effect.Owned(have, wanted), wanted, "test"); len(rest) != 0 {
		t.Errorf("still to do: %v", rest)
	}
	for args, words := range map[string]string{
		"route show 10.2.0.0/16":                 "via 192.168.8.1 dev ens160 proto keepalived src 192.168.8.11 metric 7",
		"route show 10.3.0.0/16":                 "dev ens160 proto keepalived scope link",
		"route show default table 1000":          "via 192.168.8.1 dev ens160 proto keepalived",
		"-6 route show 2001:db8:9::/48":          "via 2001:db8:8::1 dev ens160 proto keepalived metric 1024",
		"-6 route show default table main":       "via 2001:db8:8::1 dev ens160 proto keepalived metric 50",
		"-6 route show 2001:db8:9::/48 dev peer": "",
	} {
		got := strings.ReplaceAll(ip(t, args), "proto 18", "proto keepalived")
		if !strings.Contains(got, words) || words == "" && got != "" {
			t.Errorf("ip %s: %q, want %q", args, got, words)
		}
	}
	for range 2 {
		for _, r := range routes {
			if err := h.Apply(remove(r)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := strings.TrimSpace(ip(t, "route show table all proto 18")); got != "" {
		t.Errorf("left over: %s", got)
	}
}

// TestForeignRoutesStay: a route of the same destination and metric by another gateway is somebody
// else's. Ours is added, and counts, as keepalived's does; it is changed and removed, and the other is
// still there.
func TestForeignRoutesStay(t *testing.T) {
	h := namespace(t)
	ip(t, "address add 2001:db8:8::11/64 dev ens160 nodad")
	ours := effect.NewRoute(plan.Route{Destination: netip.MustParsePrefix("0.0.0.0/0"), Gateway: netip.MustParseAddr("192.168.8.1")})
	ours6 := effect.NewRoute(plan.Route{Destination: netip.MustParsePrefix("::/0"), Gateway: netip.MustParseAddr("2001:db8:8::1")})
	ip(t, "route add default via 192.168.8.3")
	ip(t, "-6 route add default via 2001:db8:8::3 metric 1024")
	want := []effect.Wanted{{Object: ours}, {Object: ours6}}
	have, err := h.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if owned := effect.Owned(have, want); len(owned) != 0 {
		t.Errorf("taken for ours: %v", owned)
	}
	if err := h.ApplyAll([]effect.Change{add(ours), add(ours6), add(ours), add(ours6)}); err != nil {
		t.Fatal(err)
	}
	changed := ours
	changed.Source = netip.MustParseAddr("192.168.8.11")
	for range 2 {
		if err := h.Apply(effect.Change{Op: effect.Update, Have: ours, Want: changed}); err != nil {
			t.Fatal(err)
		}
	}
	got := ip(t, "route show default") + ip(t, "-6 route show default")
	for _, words := range []string{"via 192.168.8.3", "via 192.168.8.1", "src 192.168.8.11", "via 2001:db8:8::3", "via 2001:db8:8::1"} {
		if strings.Count(got, words+" ") != 1 {
			t.Errorf("%q is not there once:\n%s", words, got)
		}
	}
	if got := ip(t, "route get 203.0.113.1"); !strings.Contains(got, "via 192.168.8.1 ") {
		t.Errorf("ours does not count: %s", got)
	}
	for range 2 {
		if err := h.ApplyAll([]effect.Change{remove(changed), remove(ours6)}); err != nil {
			t.Fatal(err)
		}
	}
	got = ip(t, "route show default") + ip(t, "-6 route show default")
	if strings.Contains(got, "192.168.8.1 ") || strings.Contains(got, "8::1 ") || !strings.Contains(got, "192.168.8.3") || !strings.Contains(got, "8::3") {
		t.Errorf("after the removal:\n%s", got)
	}
}

func TestUnknownAttributesAreNeverEqual(t *testing.T) {
	h := namespace(t)
	ip(t, "nexthop add id 1 via 192.168.8.1 dev ens160")
	ip(t, "route add 10.1.0.0/16 nhid 1")
	have, err := h.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	want := []effect.Wanted{{Object: effect.NewRoute(plan.Route{
		Destination: netip.MustParsePrefix("10.1.0.0/16"), Gateway: netip.MustParseAddr("192.168.8.1"), Interface: "ens160"})}}
	changes := effect.Diff(effect.Owned(have, want), want, "test")
	if len(changes) != 1 || !strings.Contains(changes[0].Have.String(), "unknown attributes: RTA 30") {
		t.Errorf("changes %v, want an update that names the attribute", changes)
	}
}

func TestErrorsNameTheObject(t *testing.T) {
	h := namespace(t)
	a := address("192.168.8.100/32")
	a.Interface = "ens999"
	err := h.ApplyAll([]effect.Change{add(a), add(address("192.168.8.101/32"))})
	if err == nil || !strings.Contains(err.Error(), "add 192.168.8.100/32 dev ens999") || !errors.Is(err, unix.ENODEV) {
		t.Errorf("error %v", err)
	}
	if _, ok := addresses(t, "ens160")["192.168.8.101/32"]; !ok {
		t.Error("the change behind the failed one was not made")
	}
	if err := h.Apply(remove(a)); err != nil {
		t.Errorf("removing an address of an interface that is gone: %v", err)
	}
	r := effect.NewRoute(plan.Route{Destination: netip.MustParsePrefix("10.1.0.0/16"), Gateway: netip.MustParseAddr("172.31.0.1"), Interface: "ens160"})
	err = h.Apply(add(r))
	if err == nil || !strings.Contains(err.Error(), "10.1.0.0/16 via 172.31.0.1") || !strings.Contains(err.Error(), "gateway") {
		t.Errorf("error %v, want the route and the kernel's explanation", err)
	}
}

func TestManyAddressesInOneGo(t *testing.T) {
	h := namespace(t)
	var changes, back []effect.Change
	for i := range 250 {
		a := address(fmt.Sprintf("10.9.0.%d/32", i))
		changes, back = append(changes, add(a)), append(back, remove(a))
	}
	if err := h.ApplyAll(changes); err != nil {
		t.Fatal(err)
	}
	if n := len(addresses(t, "ens160")); n < 251 {
		t.Errorf("%d addresses, want 251 or more", n)
	}
	if err := h.ApplyAll(back); err != nil {
		t.Fatal(err)
	}
}

func TestFacts(t *testing.T) {
	h := namespace(t)
	p := &plan.Plan{Instances: []plan.Instance{{VIPs: []plan.Address{{Prefix: netip.MustParsePrefix("192.168.8.11/24")}}}}}
	ip(t, "address add 192.168.8.12/24 dev ens160")
	facts, err := h.Facts([]string{"ens160", "ens999"})
	if err != nil {
		t.Fatal(err)
	}
	f, ok := facts.Interfaces["ens160"]
	if !ok || len(facts.Interfaces) != 1 || !f.Up || f.MAC == [6]byte{} || f.MTU != 1500 || f.Index == 0 {
		t.Errorf("facts %+v", facts)
	}
	if got := f.Source(&plan.Plan{}); got != netip.MustParseAddr("192.168.8.11") {
		t.Errorf("source %s", got)
	}
	if got := f.Source(p); got != netip.MustParseAddr("192.168.8.12") {
		t.Errorf("source beside the virtual address %s", got)
	}
	ip(t, "link set peer down")
	// The kernel tells of a lost carrier in its own time.
	for range 300 {
		if facts, err = h.Facts(nil); err != nil || !facts.Interfaces["ens160"].Up {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err != nil || facts.Interfaces["ens160"].Up || len(facts.Interfaces) < 3 {
		t.Errorf("facts %+v, error %v", facts, err)
	}
}

// watch gives the events of a watch one by one.
func watch(ctx context.Context, h *kernel.Handle, wanted kernel.Routes) (<-chan kernel.Event, error) {
	in, err := h.Watch(ctx, wanted)
	if err != nil {
		return nil, err
	}
	out := make(chan kernel.Event)
	go func() {
		defer close(out)
		for events := range in {
			for _, e := range events {
				select {
				case out <- e:
				case <-ctx.Done():
				}
			}
		}
	}()
	return out, nil
}

// await reads events until f is satisfied.
func await(t *testing.T, events <-chan kernel.Event, what string, f func(kernel.Event) bool) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		select {
		case e, ok := <-events:
			if !ok {
				t.Fatalf("the channel was closed before %s", what)
			}
			if f(e) {
				return
			}
		case <-deadline:
			t.Fatalf("no %s within 10 s", what)
		}
	}
}

func TestWatchSurvivesAnOverrun(t *testing.T) {
	h := namespace(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	events, err := watch(ctx, h, kernel.EveryRoute)
	if err != nil {
		t.Fatal(err)
	}
	is := func(kind kernel.EventKind, key string) func(kernel.Event) bool {
		return func(e kernel.Event) bool { return e.Kind == kind && (key == "" || e.Object.Key() == key) }
	}
	await(t, events, "the first list", is(kernel.ListEnds, ""))
	a := address("192.168.8.100/32")
	if err := h.Apply(add(a)); err != nil {
		t.Fatal(err)
	}
	await(t, events, "the new address", is(kernel.ObjectSet, a.Key()))
	ip(t, "address del 192.168.8.100/32 dev ens160")
	await(t, events, "the lost address", is(kernel.ObjectGone, a.Key()))
	ip(t, "link set peer down")
	await(t, events, "the lost link", func(e kernel.Event) bool {
		return e.Kind == kernel.LinkSet && e.Link.Name == "ens160" && !e.Link.Up
	})
	ip(t, "link set peer up")
	// Nobody reads while many addresses come and go: the socket overflows, and the list starts anew.
	b := address("10.9.9.9/32")
	for range 3000 {
		if err := h.ApplyAll([]effect.Change{add(b), remove(b)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Apply(add(b)); err != nil {
		t.Fatal(err)
	}
	await(t, events, "a new list after the overrun", is(kernel.ListBegins, ""))
	await(t, events, "the address in the new list", is(kernel.ObjectSet, b.Key()))
	// What was in the socket before says nothing any more.
	last := address("10.9.9.8/32")
	if err := h.Apply(add(last)); err != nil {
		t.Fatal(err)
	}
	await(t, events, "the last address", func(e kernel.Event) bool {
		if is(kernel.ObjectGone, b.Key())(e) {
			t.Fatal("an old event behind the new list")
		}
		return is(kernel.ObjectSet, last.Key())(e)
	})
	cancel()
	awaitClosed(t, events)
}

// TestWatchEnds: a watch that nothing happens to ends with its context, and does not look on.
func TestWatchEnds(t *testing.T) {
	h := namespace(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	events, err := h.Watch(ctx, kernel.EveryRoute)
	if err != nil {
		t.Fatal(err)
	}
	for quiet := false; !quiet; { // the interfaces' own addresses take a second
		select {
		case <-events:
		case <-time.After(2 * time.Second):
			quiet = true
		}
	}
	cancel()
	awaitClosed(t, events)
}

func awaitClosed[T any](t *testing.T, events <-chan T) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		select {
		case _, ok := <-events:
			if !ok {
				return
			}
		case <-deadline:
			t.Fatal("the channel was not closed")
		}
	}
}

// TestWantedRoutes: of a router with many routes only those are read that somebody asks for.
func TestWantedRoutes(t *testing.T) {
	h := namespace(t)
	ours := netip.MustParsePrefix("10.1.0.0/16")
	wanted := func(to netip.Prefix) bool { return to == ours }
	ip(t, "route add 10.1.0.0/16 via 192.168.8.1")
	ip(t, "route add 10.2.0.0/16 via 192.168.8.1")
	routes := func(list []effect.Object) (out []string) {
		for _, o := range list {
			if r, ok := o.(effect.Route); ok {
				out = append(out, r.Destination.String())
			}
		}
		return out
	}
	have, err := h.SnapshotOf(wanted)
	if got := routes(have); err != nil || len(got) != 1 || got[0] != "10.1.0.0/16" {
		t.Errorf("%v, %v", got, err)
	}
	events, err := watch(t.Context(), h, wanted)
	if err != nil {
		t.Fatal(err)
	}
	ip(t, "route del 10.2.0.0/16")
	ip(t, "route del 10.1.0.0/16")
	await(t, events, "the lost route", func(e kernel.Event) bool {
		if e.Kind != kernel.ObjectSet && e.Kind != kernel.ObjectGone {
			return false
		}
		got := routes([]effect.Object{e.Object})
		if len(got) == 1 && got[0] != "10.1.0.0/16" {
			t.Errorf("%v", e)
		}
		return e.Kind == kernel.ObjectGone && len(got) == 1
	})
	none, err := h.SnapshotOf(nil)
	if got := routes(none); err != nil || len(got) > 0 {
		t.Errorf("%v, %v", got, err)
	}
}
