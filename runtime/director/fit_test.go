//go:build linux

package director

import (
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	"ka/compiler/plan"
	"ka/runtime/lab/labtest"
)

// Addresses beyond the MTU are added and not advertised; the plan that was given stays as it is.
func TestFitAdverts(t *testing.T) {
	p := testPlan(100)
	address := netip.MustParseAddr("10.78.0.1")
	p.Instances[0].VIPs = nil
	for range 200 {
		p.Instances[0].VIPs = append(p.Instances[0].VIPs, plan.Address{Prefix: netip.PrefixFrom(address, 32), Interface: "eth0"})
		address = address.Next()
	}
	var said labtest.Buffer
	log := slog.New(slog.NewTextHandler(&said, nil))
	q := fitAdverts(p, func(string) int { return 576 }, log)
	in := q.Instances[0]
	if len(in.VIPs) != 131 || len(in.Excluded) != 69 || in.Excluded[0].Prefix != p.Instances[0].VIPs[131].Prefix {
		t.Errorf("%d are advertised, %d are not", len(in.VIPs), len(in.Excluded))
	}
	if len(p.Instances[0].VIPs) != 200 || len(p.Instances[0].Excluded) != 0 {
		t.Error("the plan itself was changed")
	}
	if !strings.Contains(said.String(), "addresses=69") {
		t.Errorf("said %q", said.String())
	}
	for _, mtu := range []int{0, 1500} {
		if fitAdverts(p, func(string) int { return mtu }, log) != p {
			t.Errorf("MTU %d: 200 addresses do not fit", mtu)
		}
	}
}
