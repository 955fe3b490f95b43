//go:build linux

package director

import (
	"log/slog"
	"slices"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// fitAdverts returns a plan whose adverts fit into the MTU of their interfaces: the addresses beyond that
// are added with the others and not advertised, as keepalived does. mtu is 0 where it is not known.
func fitAdverts(p *plan.Plan, mtu func(link string) int, log *slog.Logger) *plan.Plan {
	q := p
	for i := range p.Instances {
		in := &p.Instances[i]
		size := vrrp.DefaultMTU
		if n := mtu(in.Interface); in.Interface != "" && n > 0 {
			size = n
		}
		most := vrrp.MaxAddresses(*in, size)
		if len(in.VIPs) <= most {
			continue
		}
		log.Warn("not-advertised", "instance", in.Name, "addresses", len(in.VIPs)-most, "advertised", most, "mtu", size)
		if q == p {
			fitted := *p
			fitted.Instances = slices.Clone(p.Instances)
			q = &fitted
		}
		out := &q.Instances[i]
		out.VIPs, out.Excluded = in.VIPs[:most:most], slices.Concat(in.Excluded, in.VIPs[most:])
	}
	return q
}
