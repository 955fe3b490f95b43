//go:build linux

package director

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ka/compiler/plan"
	"ka/runtime/control"
	"ka/runtime/lab/need"
)

// silentOnVMAC is an instance with its address on a VMAC, which accepts nothing.
func silentOnVMAC(name string, vrid uint8, vip string) plan.Instance {
	in := router(name, vrid, 254, vip)
	in.Link.VMAC = &plan.VMAC{Name: "vrrp." + name, MAC: [6]byte{0, 0, 0x5e, 0, 1, vrid}}
	in.VIPs[0].Interface, in.Deviations.NoAccept = in.Link.VMAC.Name, true
	return in
}

// TestReloadOfPreparedObjects: a reload makes the interfaces and tables of what is new and removes those of
// what is gone, and a master that stays keeps its own through both.
func TestReloadOfPreparedObjects(t *testing.T) {
	need.Program(t, "nft")
	need.Program(t, "sysctl")
	w := newWire(t)
	until(t, "addresses are no more tentative", func() bool { return !strings.Contains(w.In("a", "ip", "-6", "addr"), "tentative") })
	before := w.everything("a")
	// What b hears of groups, with the virtual MAC of the one that goes and in all.
	w.In("b", "nft", "add table ip t; add chain ip t c { type filter hook prerouting priority 0; }; "+
		"add rule ip t c ip protocol igmp ether saddr 00:00:5e:00:01:02 counter comment virtual; add rule ip t c ip protocol igmp counter comment any")
	stays, goes, comes := silentOnVMAC("STAYS", 1, "10.77.0.101/24"), silentOnVMAC("GOES", 2, "10.77.0.102/24"), silentOnVMAC("COMES", 3, "10.77.0.103/24")
	a := w.start("a", routers(stays, goes), "")
	for _, vip := range []string{"10.77.0.101/24", "10.77.0.102/24"} {
		a.logged(`"msg":"address"`, `"op":"+"`, vip)
	}
	index := w.In("a", "cat", "/sys/class/net/vrrp.STAYS/ifindex")
	r := a.reload(routers(stays, comes))
	want := control.Reload{Outcome: control.ReloadDone, Instances: control.Changed{Unchanged: 1, Added: 1, Removed: 1}}
	if d := cmp.Diff(want, r); d != "" {
		t.Error(d)
	}
	a.logged(`"msg":"address"`, `"op":"+"`, "10.77.0.103/24")
	if got := w.In("a", "ip", "-br", "link"); strings.Contains(got, "GOES") || !strings.Contains(got, "COMES") {
		t.Errorf("links after the reload:\n%s", got)
	}
	if got := w.In("a", "cat", "/sys/class/net/vrrp.STAYS/ifindex"); got != index {
		t.Errorf("the interface was made anew: index %s, before %s", got, index)
	}
	if n := transitions(a, "STAYS"); n != 2 {
		t.Errorf("%d transitions of the master that stays, want 2", n)
	}
	for comment, want := range map[string]bool{"virtual": false, "any": true} {
		heard := regexp.MustCompile(`counter packets [1-9]\d* bytes \d+ comment "` + comment).MatchString(w.In("b", "nft", "list", "table", "ip", "t"))
		if heard != want {
			t.Errorf("reports of groups by %s: heard %v", comment, heard)
		}
	}
	rules := w.everything("a")
	if slices.ContainsFunc(rules, func(l string) bool { return regexp.MustCompile(`elements = .* [0-9]+ : `).MatchString(l) }) {
		t.Errorf("the table knows a VMAC that is gone:\n%s", strings.Join(rules, "\n"))
	}
	for _, want := range []string{"elements = { 10.77.0.101, 10.77.0.103 }", `"vrrp.STAYS" : `, `"vrrp.COMES" : `} {
		if !slices.ContainsFunc(rules, func(l string) bool { return strings.Contains(l, want) }) {
			t.Errorf("no %q after the reload", want)
		}
	}
	r = a.reload(routers(router("PLAIN", 4, 254, "10.77.0.104/24")))
	if r.Outcome != control.ReloadDone {
		t.Errorf("reload: %+v", r)
	}
	a.logged(`"msg":"address"`, `"op":"+"`, "10.77.0.104/24")
	if got := w.In("a", "nft", "list", "ruleset") + w.In("a", "ip", "-br", "link"); strings.Contains(got, "keepalived") || strings.Contains(got, "vrrp.") {
		t.Errorf("left after the last VMAC went:\n%s", got)
	}
	if code := a.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	if d := cmp.Diff(before, w.everything("a")); d != "" {
		t.Errorf("before (-), at the end (+):\n%s", d)
	}
}
