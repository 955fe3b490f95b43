package support

import (
	"fmt"
	"slices"

	"ka/compiler/plan"
	"ka/lang/schema/kw"
)

// Checks reports whether this release runs checks of a kind.
func Checks(kind plan.CheckKind) bool { return kind == plan.TCPCheck }

// lvsFeature is something that a plan may say of a virtual server and that this release does not do.
type lvsFeature struct {
	// what names it, and says what would be without it.
	what string
	// find gives the first place of it in a virtual server.
	find func(*plan.VirtualServer) (plan.Origin, bool)
	// clear takes it out of a virtual server; it may change all of it.
	clear func(*plan.VirtualServer)
}

// missingServers lists what virtual servers say that this release does not do: one problem for each
// kind, however many servers have it.
func missingServers(p *plan.Plan) []Lack {
	var out []Lack
	for _, f := range slices.Concat(serverFeatures(), realServerFeatures(), checkFeatures(p)) {
		var first plan.Origin
		name, count := "", 0
		for i := range p.VirtualServers {
			vs := &p.VirtualServers[i]
			origin, found := f.find(vs)
			if !found {
				continue
			}
			if count++; count == 1 {
				first, name = origin, vs.Name()
			}
		}
		if count == 0 {
			continue
		}
		text := fmt.Sprintf("virtual server %s: %s", name, f.what)
		if count > 1 {
			text += fmt.Sprintf(" (and %d more virtual servers)", count-1)
		}
		out = append(out, Lack{first, text, "take it out, or run without it with --allow-partial", func(p *plan.Plan) { dropFeature(p, f) }})
	}
	return out
}

// dropFeature clears a feature in copies of the virtual servers that have it.
func dropFeature(p *plan.Plan, f lvsFeature) {
	p.VirtualServers = slices.Clone(p.VirtualServers)
	for i := range p.VirtualServers {
		vs := &p.VirtualServers[i]
		if _, found := f.find(vs); !found {
			continue
		}
		vs.RealServers = slices.Clone(vs.RealServers)
		for j := range vs.RealServers {
			vs.RealServers[j].Checks = slices.Clone(vs.RealServers[j].Checks)
		}
		f.clear(vs)
	}
}

// ofServer makes a feature out of a test of a virtual server.
func ofServer(what string, has func(*plan.VirtualServer) bool, clear func(*plan.VirtualServer)) lvsFeature {
	return lvsFeature{what, func(vs *plan.VirtualServer) (plan.Origin, bool) { return vs.Origin, has(vs) }, clear}
}

func serverFeatures() []lvsFeature {
	return []lvsFeature{
		ofServer(kw.Quorum+" and "+kw.Hysteresis+" are not counted by this release",
			func(vs *plan.VirtualServer) bool { return vs.Quorum > 1 || vs.Hysteresis > 0 },
			func(vs *plan.VirtualServer) { vs.Quorum, vs.Hysteresis = 1, 0 }),
		ofServer(kw.QuorumUp+" and "+kw.QuorumDown+" are not run by this release",
			func(vs *plan.VirtualServer) bool { return vs.QuorumUp != nil || vs.QuorumDown != nil },
			func(vs *plan.VirtualServer) { vs.QuorumUp, vs.QuorumDown = nil, nil }),
		ofServer(kw.SorryServer+" is not put in by this release",
			func(vs *plan.VirtualServer) bool { return vs.Sorry != nil },
			func(vs *plan.VirtualServer) { vs.Sorry = nil }),
		ofServer(kw.Omega+" is not done by this release",
			func(vs *plan.VirtualServer) bool { return vs.Omega },
			func(vs *plan.VirtualServer) { vs.Omega = false }),
		ofServer(kw.HaSuspend+" is not done by this release",
			func(vs *plan.VirtualServer) bool { return vs.HASuspend },
			func(vs *plan.VirtualServer) { vs.HASuspend = false }),
		{kw.Alpha + " is not done by this release: real servers begin as up",
			func(vs *plan.VirtualServer) (plan.Origin, bool) {
				if vs.Alpha {
					return vs.Origin, true
				}
				return findCheck(vs, func(c *plan.Check) bool { return c.Alpha })
			},
			func(vs *plan.VirtualServer) {
				vs.Alpha = false
				eachCheck(vs, func(c *plan.Check) { c.Alpha = false })
			}},
	}
}

// ofRealServer makes a feature out of a test of a real server.
func ofRealServer(what string, has func(*plan.RealServer) bool, clear func(*plan.RealServer)) lvsFeature {
	return lvsFeature{what,
		func(vs *plan.VirtualServer) (plan.Origin, bool) {
			for i := range vs.RealServers {
				if has(&vs.RealServers[i]) {
					return vs.RealServers[i].Origin, true
				}
			}
			return plan.Origin{}, false
		},
		func(vs *plan.VirtualServer) {
			for i := range vs.RealServers {
				clear(&vs.RealServers[i])
			}
		}}
}

func realServerFeatures() []lvsFeature {
	return []lvsFeature{
		ofRealServer(kw.InhibitOnFailure+" is not done by this release: a server that is down is taken out",
			func(rs *plan.RealServer) bool { return rs.Inhibit },
			func(rs *plan.RealServer) { rs.Inhibit = false }),
		ofRealServer(kw.NotifyUp+" and "+kw.NotifyDown+" are not run by this release",
			func(rs *plan.RealServer) bool { return rs.NotifyUp != nil || rs.NotifyDown != nil },
			func(rs *plan.RealServer) { rs.NotifyUp, rs.NotifyDown = nil, nil }),
	}
}

// findCheck finds the first check of a virtual server that has something.
func findCheck(vs *plan.VirtualServer, has func(*plan.Check) bool) (plan.Origin, bool) {
	for i := range vs.RealServers {
		for j := range vs.RealServers[i].Checks {
			if c := &vs.RealServers[i].Checks[j]; has(c) {
				return c.Origin, true
			}
		}
	}
	return plan.Origin{}, false
}

func eachCheck(vs *plan.VirtualServer, visit func(*plan.Check)) {
	for i := range vs.RealServers {
		for j := range vs.RealServers[i].Checks {
			visit(&vs.RealServers[i].Checks[j])
		}
	}
}

// ofCheck makes a feature out of a test of a check.
func ofCheck(what string, has func(*plan.Check) bool, clear func(*plan.Check)) lvsFeature {
	return lvsFeature{what,
		func(vs *plan.VirtualServer) (plan.Origin, bool) { return findCheck(vs, has) },
		func(vs *plan.VirtualServer) { eachCheck(vs, clear) }}
}

// checkFeatures are the settings of checks that none does, and the kinds of checks that are not run.
func checkFeatures(p *plan.Plan) []lvsFeature {
	out := []lvsFeature{
		ofCheck(kw.Bindto+", "+kw.BindPort+" and "+kw.BindIf+" are not used by this release",
			func(c *plan.Check) bool { return c.Source.IsValid() || c.SourcePort != 0 || c.Interface != "" },
			func(c *plan.Check) { c.Source, c.SourcePort, c.Interface = plan.Check{}.Source, 0, "" }),
		ofCheck(kw.Fwmark+" of a check is not set by this release",
			func(c *plan.Check) bool { return c.FirewallMark != 0 },
			func(c *plan.Check) { c.FirewallMark = 0 }),
		ofCheck(kw.LogAllFailures+" is not done by this release",
			func(c *plan.Check) bool { return c.LogAllFailures },
			func(c *plan.Check) { c.LogAllFailures = false }),
	}
	var kinds []plan.CheckKind
	for i := range p.VirtualServers {
		eachCheck(&p.VirtualServers[i], func(c *plan.Check) {
			if !Checks(c.Kind) && !slices.Contains(kinds, c.Kind) {
				kinds = append(kinds, c.Kind)
			}
		})
	}
	for _, kind := range kinds {
		out = append(out, lvsFeature{
			fmt.Sprintf("health check %q is not run by this release; allowed: %q", kind, plan.TCPCheck),
			func(vs *plan.VirtualServer) (plan.Origin, bool) {
				return findCheck(vs, func(c *plan.Check) bool { return c.Kind == kind })
			},
			func(vs *plan.VirtualServer) {
				for i := range vs.RealServers {
					rs := &vs.RealServers[i]
					rs.Checks = filter(rs.Checks, func(c *plan.Check) bool { return c.Kind != kind })
				}
			},
		})
	}
	return out
}
