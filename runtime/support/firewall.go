package support

import (
	"ka/compiler/plan"
	"ka/lang/schema/kw"
)

// missingFirewall lists the packet filters that this release does not touch: it knows nftables.
func missingFirewall(g *plan.Global) []Lack {
	f := g.Firewall
	if f == nil {
		return nil
	}
	var out []Lack
	change := func(drop func(*plan.Firewall)) func(*plan.Plan) {
		return func(p *plan.Plan) {
			settings := *p.Global.Firewall
			drop(&settings)
			p.Global.Firewall = &settings
		}
	}
	if f.IPTables != nil {
		out = append(out, Lack{f.Origin, kw.VRRPIptables + " and " + kw.VRRPIpsets + " are not executed by this release, which uses nftables", helpTakeOut,
			change(func(f *plan.Firewall) { f.IPTables = nil })})
	}
	if f.IPVS != nil {
		out = append(out, Lack{f.Origin, kw.NftablesIPVS + " is not executed by this release", helpTakeOut, change(func(f *plan.Firewall) { f.IPVS = nil })})
	}
	return out
}
