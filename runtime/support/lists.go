package support

import (
	"fmt"
	"slices"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// This file names what stands in lists of the text and cannot be run by this release: some rules, groups, and
// what instances watch beside scripts.

// missingLists lists the entries of lists that no machine can run with this release.
func missingLists(p *plan.Plan) []Lack {
	out := missingRules(p)
	out = append(out, missingGroups(p)...)
	return out
}

// missingRules refuses the names of IP protocols that are not known: which number they stand for is a matter
// of the machine's own files, which are not read.
func missingRules(p *plan.Plan) []Lack {
	var out []Lack
	unknown := func(r *plan.Rule) bool { return r.IPProtocol != "" && plan.ProtocolNumber(r.IPProtocol) == 0 }
	known := func(r *plan.Rule) bool { return !unknown(r) }
	refuse := func(rules []plan.Rule, drop func(*plan.Plan)) {
		for i := range rules {
			if r := &rules[i]; unknown(r) {
				out = append(out, Lack{r.Origin, fmt.Sprintf("the IP protocol %q of a rule is not known by its name", r.IPProtocol), "write its number, or run with --allow-partial, which leaves it out", drop})
			}
		}
	}
	refuse(p.StaticRules, func(p *plan.Plan) { p.StaticRules = filter(p.StaticRules, known) })
	for i := range p.Instances {
		name := p.Instances[i].Name
		refuse(p.Instances[i].Rules, func(p *plan.Plan) {
			changeInstance(p, name, func(in *plan.Instance) { in.Rules = filter(in.Rules, known) })
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

func missingGroups(p *plan.Plan) []Lack {
	var out []Lack
	for i := range p.Groups.Sync {
		out = append(out, missingGroup(p, &p.Groups.Sync[i])...)
	}
	return out
}

// missingGroup refuses a sync group of which a member is not run: the others alone are not what was asked for,
// and go with it.
func missingGroup(p *plan.Plan, g *plan.SyncGroup) []Lack {
	name, members := g.Name, g.Members
	for i := range p.Instances {
		in := &p.Instances[i]
		if !slices.Contains(members, in.Name) || vrrp.Supported(*in) == nil {
			continue
		}
		return []Lack{{g.Origin, fmt.Sprintf("sync group %q: its member %q is not run by this release", name, in.Name),
			"take it out, or run with --allow-partial, which leaves all its instances out", func(p *plan.Plan) {
				p.Groups.Sync = filter(p.Groups.Sync, func(other *plan.SyncGroup) bool { return other.Name != name })
				keepInstances(p, func(in *plan.Instance) bool { return !slices.Contains(members, in.Name) })
			}}}
	}
	return nil
}
