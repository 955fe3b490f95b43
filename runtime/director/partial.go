//go:build linux

package director

import (
	"slices"

	"ka/compiler/plan"
)

// filter returns the elements that keep wants, in a slice of its own.
func filter[T any](in []T, keep func(*T) bool) []T {
	var out []T
	for i := range in {
		if keep(&in[i]) {
			out = append(out, in[i])
		}
	}
	return out
}

// partial returns a copy of p without what the problems are about.
func partial(p *plan.Plan, list []problem) *plan.Plan {
	q := *p
	for _, pr := range list {
		pr.drop(&q)
	}
	return &q
}

func keepInstances(p *plan.Plan, keep func(*plan.Instance) bool) {
	p.Instances = filter(p.Instances, keep)
}

// dropNeed returns what takes everything out of a plan that needs n.
func dropNeed(n plan.Need) func(*plan.Plan) {
	return func(p *plan.Plan) {
		p.Needs = filter(p.Needs, func(x *plan.Need) bool { return *x != n })
		switch n.Kind {
		case plan.NeedInterface:
			dropInterface(p, n.Name)
		case plan.NeedUser:
			dropCommands(p, func(c *plan.Command) bool { return userOf(p, c) == n.Name })
			dropFIFOs(p, func(f *plan.FIFO) bool { return f.User == n.Name })
		case plan.NeedGroup:
			dropCommands(p, func(c *plan.Command) bool { return groupOf(p, c) == n.Name })
			dropFIFOs(p, func(f *plan.FIFO) bool { return f.Group == n.Name })
		case plan.NeedExecutable:
			dropCommands(p, func(c *plan.Command) bool { return len(c.Argv) == 0 || c.Argv[0] == n.Name })
		case plan.NeedTable:
			dropRouting(p, func(r *plan.Route) bool { return r.TableName != n.Name }, func(r *plan.Rule) bool { return r.TableName != n.Name })
		case plan.NeedIPVS:
			p.VirtualServers = nil
		case plan.NeedScheduler:
			p.VirtualServers = filter(p.VirtualServers, func(vs *plan.VirtualServer) bool { return vs.Scheduler != n.Name })
		}
	}
}

func userOf(p *plan.Plan, c *plan.Command) string {
	if c.User == "" {
		return p.Global.ScriptUser
	}
	return c.User
}

func groupOf(p *plan.Plan, c *plan.Command) string {
	if c.User == "" {
		return p.Global.ScriptGroup
	}
	return c.Group
}

// dropInterface takes out the instances on an interface, what tracks it, and every address and route on it.
func dropInterface(p *plan.Plan, name string) {
	address := func(a *plan.Address) bool { return a.Interface != name }
	route := func(r *plan.Route) bool {
		return r.Interface != name && r.VRF != name && !slices.ContainsFunc(r.NextHops, func(h plan.NextHop) bool { return h.Interface == name })
	}
	tracker := func(t *plan.Tracker) bool { return t.Name != name }
	keepInstances(p, func(i *plan.Instance) bool { return i.Interface != name })
	for i := range p.Instances {
		inst := &p.Instances[i]
		inst.VIPs, inst.Excluded = filter(inst.VIPs, address), filter(inst.Excluded, address)
		inst.TrackInterfaces = filter(inst.TrackInterfaces, tracker)
	}
	p.Groups.Sync = slices.Clone(p.Groups.Sync)
	for i := range p.Groups.Sync {
		p.Groups.Sync[i].TrackInterfaces = filter(p.Groups.Sync[i].TrackInterfaces, tracker)
	}
	p.StaticAddresses = filter(p.StaticAddresses, address)
	// A rule may name an interface that comes later; it is left out all the same, as its need is not met.
	dropRouting(p, route, func(r *plan.Rule) bool { return r.InputInterface != name && r.OutputInterface != name })
}

// dropRouting keeps the routes and rules that are wanted, static ones and those of instances.
func dropRouting(p *plan.Plan, route func(*plan.Route) bool, rule func(*plan.Rule) bool) {
	p.Instances = slices.Clone(p.Instances)
	for i := range p.Instances {
		inst := &p.Instances[i]
		inst.Routes, inst.Rules = filter(inst.Routes, route), filter(inst.Rules, rule)
	}
	p.StaticRoutes, p.StaticRules = filter(p.StaticRoutes, route), filter(p.StaticRules, rule)
}

// dropCommands takes out scripts, with what tracks them, and notifications.
func dropCommands(p *plan.Plan, gone func(*plan.Command) bool) {
	var names []string
	p.Scripts = filter(p.Scripts, func(s *plan.Script) bool {
		if gone(&s.Command) {
			names = append(names, s.Name)
			return false
		}
		return true
	})
	p.Instances = slices.Clone(p.Instances)
	for i := range p.Instances {
		inst := &p.Instances[i]
		inst.TrackScripts = filter(inst.TrackScripts, func(t *plan.TrackScript) bool { return !slices.Contains(names, t.Script) })
	}
	p.Groups.Sync = slices.Clone(p.Groups.Sync)
	p.Global.FIFOs = cloneFIFOs(p.Global.FIFOs)
	for _, c := range notifyCommands(p) {
		if *c != nil && gone(*c) {
			*c = nil
		}
	}
	for _, h := range hooks(p) {
		if *h != nil && gone(&(*h).Command) {
			*h = nil
		}
	}
}

func cloneFIFOs(f *plan.FIFOs) *plan.FIFOs {
	if f == nil {
		return nil
	}
	c := *f
	for _, pipe := range []**plan.FIFO{&c.All, &c.VRRP, &c.LVS} {
		if *pipe != nil {
			one := **pipe
			*pipe = &one
		}
	}
	return &c
}

// dropFIFOs takes FIFOs out, with the scripts that read them.
func dropFIFOs(p *plan.Plan, gone func(*plan.FIFO) bool) {
	p.Global.FIFOs = cloneFIFOs(p.Global.FIFOs)
	if f := p.Global.FIFOs; f != nil {
		for _, pipe := range []**plan.FIFO{&f.All, &f.VRRP, &f.LVS} {
			if *pipe != nil && gone(*pipe) {
				*pipe = nil
			}
		}
	}
}
