//go:build linux

package director

import (
	"fmt"
	"slices"

	"ka/compiler/plan"
)

// This file names what stands in lists of the text and cannot be run by this release: routes with more than
// one next hop, rules, groups, and what instances watch beside scripts.

// orPartial ends the messages of this file.
const orPartial = ": take it out, or run with --allow-partial, which leaves it out"

// unsupportedLists lists the entries of lists that no machine can run with this release.
func unsupportedLists(p *plan.Plan) []problem {
	out := unsupportedRoutes(p)
	out = append(out, unsupportedRules(p)...)
	out = append(out, unsupportedGroups(p)...)
	return append(out, unsupportedTrackables(p)...)
}

func plainRoute(r *plan.Route) bool { return r.Plain() }

func unsupportedRoutes(p *plan.Plan) []problem {
	var out []problem
	refuse := func(routes []plan.Route, of string, drop func(*plan.Plan)) {
		for i := range routes {
			if r := &routes[i]; !r.Plain() {
				out = append(out, problem{at(r.Origin) + fmt.Sprintf("the route to %s%s has words that karun does not add yet (only via, dev, src, scope, table by number and metric)",
					r.Destination, of) + orPartial, drop})
			}
		}
	}
	refuse(p.StaticRoutes, "", func(p *plan.Plan) { p.StaticRoutes = filter(p.StaticRoutes, plainRoute) })
	for i := range p.Instances {
		name := p.Instances[i].Name
		refuse(p.Instances[i].Routes, fmt.Sprintf(" of instance %q", name), func(p *plan.Plan) {
			changeInstance(p, name, func(in *plan.Instance) { in.Routes = filter(in.Routes, plainRoute) })
		})
	}
	return out
}

func unsupportedRules(p *plan.Plan) []problem {
	var out []problem
	refuse := func(rules []plan.Rule, of string, drop func(*plan.Plan)) {
		for i := range rules {
			out = append(out, problem{at(rules[i].Origin) + "routing rules are not added by this release" + of + orPartial, drop})
		}
	}
	refuse(p.StaticRules, "", func(p *plan.Plan) { p.StaticRules = nil })
	for i := range p.Instances {
		name := p.Instances[i].Name
		refuse(p.Instances[i].Rules, fmt.Sprintf(" (instance %q)", name), func(p *plan.Plan) {
			changeInstance(p, name, func(in *plan.Instance) { in.Rules = nil })
		})
	}
	return out
}

// changeInstance changes one instance in a copy of the plan's list.
func changeInstance(p *plan.Plan, name string, change func(*plan.Instance)) {
	p.Instances = append([]plan.Instance(nil), p.Instances...)
	for i := range p.Instances {
		if p.Instances[i].Name == name {
			change(&p.Instances[i])
		}
	}
}

func unsupportedGroups(p *plan.Plan) []problem {
	var out []problem
	add := func(o plan.Origin, text string, drop func(*plan.Plan)) {
		out = append(out, problem{at(o) + text + orPartial, drop})
	}
	for _, g := range p.Groups.Track {
		add(g.Origin, fmt.Sprintf("track_group %q: interfaces of static objects are not watched by this release", g.Name), func(p *plan.Plan) { p.Groups.Track = nil })
	}
	for _, g := range p.Groups.Sync {
		// Instances that change state one by one are not what was asked for: they go with their group.
		out = append(out, problem{at(g.Origin) + fmt.Sprintf("sync group %q: this release lets each instance change state by itself: take it out, or run with --allow-partial, which leaves its instances out", g.Name),
			func(p *plan.Plan) {
				p.Groups.Sync = nil
				keepInstances(p, func(in *plan.Instance) bool { return !slices.Contains(g.Members, in.Name) })
			}})
	}
	for _, g := range p.Groups.GARP {
		add(g.Origin, "a pause between the gratuitous ARPs of interfaces is not kept by this release", func(p *plan.Plan) { p.Groups.GARP = nil })
	}
	for _, l := range p.Groups.Linkbeat {
		add(l.Origin, fmt.Sprintf("interface %q is not asked for its carrier by this release, the kernel's messages count", l.Interface), func(p *plan.Plan) { p.Groups.Linkbeat = nil })
	}
	for _, d := range p.Groups.Delays {
		add(d.Origin, fmt.Sprintf("interface %q counts as down or up at once with this release", d.Interface), func(p *plan.Plan) { p.Groups.Delays = nil })
	}
	return out
}

func unsupportedTrackables(p *plan.Plan) []problem {
	var out []problem
	for _, f := range p.Trackables.Files {
		out = append(out, problem{at(f.Origin) + fmt.Sprintf("file %q is not watched by this release", f.Name) + orPartial, func(p *plan.Plan) { p.Trackables.Files = nil }})
	}
	for _, t := range p.Trackables.Processes {
		out = append(out, problem{at(t.Origin) + fmt.Sprintf("process %q is not watched by this release", t.Name) + orPartial, func(p *plan.Plan) { p.Trackables.Processes = nil }})
	}
	for _, b := range p.Trackables.BFD {
		out = append(out, problem{at(b.Origin) + fmt.Sprintf("BFD session %q is not opened by this release", b.Name) + orPartial, func(p *plan.Plan) { p.Trackables.BFD = nil }})
	}
	return out
}
