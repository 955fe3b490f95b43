//go:build linux

package director

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ka/compiler/plan"
	"ka/runtime/control"
	"ka/runtime/lab/need"
)

var reloadsSeed = flag.Uint64("reloads-seed", 0, "play this seed of TestReloadsOfAnyKind; 0: another one each time")

// anyPlan is a plan of up to four instances, alone on their wire: names, VRIDs, VMACs, unicast, sync groups and
// addresses are as the dice fall, so that from one to the next anything may move anywhere.
func anyPlan(r *rand.Rand) *plan.Plan {
	p := routers()
	vrids, addresses := r.Perm(4), r.Perm(8)
	for i, name := range r.Perm(4)[:r.IntN(5)] {
		in := router(fmt.Sprintf("VI_%d", name), uint8(vrids[i]+1), uint8(100+r.IntN(150)))
		in.Version, in.AdvertInterval = 3, 100*time.Millisecond
		dev := "eth0"
		switch r.IntN(3) {
		case 0:
			in.Link.VMAC = &plan.VMAC{Name: fmt.Sprintf("vrrp.%d", in.VRID), MAC: [6]byte{0, 0, 0x5e, 0, 1, in.VRID}}
			dev = in.Link.VMAC.Name
			in.Deviations.NoAccept = r.IntN(2) == 0
		case 1:
			in.Unicast = &plan.Unicast{TTL: 255, Checksum: plan.ChecksumAuto, Peers: []plan.Peer{{Address: netip.MustParseAddr("10.77.0.2")}}}
		}
		for range 1 + r.IntN(2) {
			a := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 77, 0, byte(100 + addresses[0])}), 32)
			in.VIPs = append(in.VIPs, plan.Address{Prefix: a, Interface: dev})
			addresses = addresses[1:]
		}
		p.Instances = append(p.Instances, in)
	}
	if len(p.Instances) > 1 && r.IntN(2) == 0 {
		g := plan.SyncGroup{Name: fmt.Sprintf("G%d", r.IntN(2))}
		for _, in := range p.Instances {
			g.Members = append(g.Members, in.Name)
		}
		p.Groups.Sync = append(p.Groups.Sync, g)
	}
	return p
}

// addressesOf lists the addresses of a plan, and those that a host has, with their interfaces.
func plannedAddresses(p *plan.Plan) (out []string) {
	for _, in := range p.Instances {
		for _, a := range in.VIPs {
			out = append(out, a.Prefix.String()+" "+a.Interface)
		}
	}
	slices.Sort(out)
	return out
}

func (w *wire) hasAddresses(host string) (out []string) {
	for line := range strings.Lines(w.In(host, "ip", "-4", "-o", "addr")) {
		if f := strings.Fields(line); strings.HasSuffix(f[3], "/32") {
			out = append(out, f[3]+" "+f[1])
		}
	}
	slices.Sort(out)
	return out
}

// TestReloadsOfAnyKind: behind each reload, whatever it changes, all instances become or stay masters, with just
// the addresses of the plan, and a stop leaves nothing.
func TestReloadsOfAnyKind(t *testing.T) {
	need.Program(t, "nft")
	need.Program(t, "sysctl")
	w := newWire(t)
	seed := *reloadsSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-reloads-seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	until(t, "addresses are no more tentative", func() bool { return !strings.Contains(w.In("a", "ip", "-6", "addr"), "tentative") })
	before := w.everything("a")
	p := anyPlan(r)
	k := w.start("a", p, "")
	k.logged(`"msg":"ready"`)
	for n := range 12 {
		if n > 0 {
			p = anyPlan(r)
			if got := k.reload(p); got.Outcome != control.ReloadDone {
				t.Fatalf("reload %d: %+v", n, got)
			}
		}
		want := plannedAddresses(p)
		var got []string
		for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			if got = w.hasAddresses("a"); slices.Equal(got, want) {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("reload %d: want (-), there (+):\n%s", n, cmp.Diff(want, got))
			}
		}
	}
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	if d := cmp.Diff(before, w.everything("a")); d != "" {
		t.Errorf("before (-), at the end (+):\n%s", d)
	}
}
