package support

import (
	"fmt"
	"slices"

	"ka/compiler/plan"
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
	for _, g := range p.Groups.Sync {
		// Instances that change state one by one are not what was asked for: they go with their group.
		out = append(out, Lack{g.Origin, fmt.Sprintf("sync group %q: this release lets each instance change state by itself", g.Name), "take it out, or run with --allow-partial, which leaves its instances out",
			func(p *plan.Plan) {
				p.Groups.Sync = nil
				keepInstances(p, func(in *plan.Instance) bool { return !slices.Contains(g.Members, in.Name) })
			}})
	}
	return out
}
