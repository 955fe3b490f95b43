package effect

import (
	"slices"

	"ka/compiler/plan"
)

// Desired works out the objects that p wants in state s, in the order in which they are added: interfaces of
// instances and settings of the kernel,
// static addresses, routes and rules, the virtual servers with their real servers, then for each instance
// that is master its entries in tables of nftables, its addresses, excluded addresses, routes and rules. Facts do not change the set in this
// release: whether a need is met is checked before, and the set is the plan's alone.
func Desired(p *plan.Plan, _ Facts, s State) []Wanted {
	if !s.Running {
		return nil
	}
	var out []Wanted
	static := Scope{Kind: ScopeStatic}
	for i := range p.Instances {
		out = appendLinks(out, &p.Instances[i], static)
	}
	out = appendSettings(out, p, static)
	out = appendTables(out, p, static)
	slices.SortStableFunc(out, func(a, b Wanted) int { return int(a.Kind()) - int(b.Kind()) })
	for _, a := range p.StaticAddresses {
		out = append(out, Wanted{NewAddress(a), static, a.Origin})
	}
	out = appendRoutes(out, p.StaticRoutes, p.StaticRules, static)
	groups := make(map[string]*plan.VirtualServerGroup, len(p.VirtualServerGroups))
	for i := range p.VirtualServerGroups {
		groups[p.VirtualServerGroups[i].Name] = &p.VirtualServerGroups[i]
	}
	for i := range p.VirtualServers {
		vs := &p.VirtualServers[i]
		out = appendVirtualServer(out, vs, groups[vs.Group], s)
	}
	for i := range p.Instances {
		if inst := &p.Instances[i]; s.Instances[inst.Name] == plan.StateMaster {
			out = appendInstance(out, p, inst)
		}
	}
	return unique(out)
}

func appendVirtualServer(out []Wanted, vs *plan.VirtualServer, group *plan.VirtualServerGroup, s State) []Wanted {
	scope := Scope{ScopeVirtualServer, vs.Name()}
	servers := servers(vs, s)
	for _, service := range Services(vs, group) {
		out = append(out, Wanted{service, scope, vs.Origin})
		for i := range servers {
			if rs := &servers[i]; reaches(service.ServiceID, rs) {
				out = append(out, Wanted{NewDestination(service.ServiceID, rs), scope, rs.Origin})
			}
		}
	}
	return out
}

// servers are those of a virtual server that are in the table, with their weights (reference ipvs 2): a
// server that is down, or stands back for the sorry server, is out, or with inhibit_on_failure in with
// weight 0. So is a sorry server that is not needed.
func servers(vs *plan.VirtualServer, s State) []plan.RealServer {
	var out []plan.RealServer
	sorry := vs.Sorry != nil && s.Sorry[vs.Name()]
	for _, rs := range vs.RealServers {
		if sorry || s.Down[RealServerKey(vs, &rs)] {
			if !rs.Inhibit {
				continue
			}
			rs.Weight = 0
		}
		out = append(out, rs)
	}
	if vs.Sorry != nil && (sorry || vs.Sorry.Inhibit) {
		rs := plan.RealServer{Origin: vs.Sorry.Origin, Address: vs.Sorry.Address, Method: vs.Sorry.Method, Tunnel: vs.Sorry.Tunnel}
		if sorry {
			rs.Weight = 1
		}
		out = append(out, rs)
	}
	return out
}

// reaches says that the kernel takes a server for a service: one of another family needs a tunnel.
func reaches(service ServiceID, rs *plan.RealServer) bool {
	return rs.Method == plan.TUN || rs.Address.Addr().Is6() == service.Is6()
}

func appendInstance(out []Wanted, p *plan.Plan, inst *plan.Instance) []Wanted {
	scope := Scope{ScopeInstance, inst.Name}
	if inst.Deviations.NoAccept {
		for _, a := range slices.Concat(inst.VIPs, inst.Excluded) {
			out = append(out, Wanted{newDropped(p, inst, a), scope, a.Origin})
		}
	}
	for _, a := range inst.VIPs {
		out = append(out, Wanted{NewAddress(a), scope, a.Origin})
	}
	for _, a := range inst.Excluded {
		out = append(out, Wanted{NewAddress(a), scope, a.Origin})
	}
	return appendRoutes(out, inst.Routes, inst.Rules, scope)
}

func appendRoutes(out []Wanted, routes []plan.Route, rules []plan.Rule, scope Scope) []Wanted {
	for _, r := range routes {
		out = append(out, Wanted{NewRoute(r), scope, r.Origin})
	}
	for _, r := range rules {
		out = append(out, Wanted{NewRule(r), scope, r.Origin})
	}
	return out
}

// unique keeps the first of the objects with one key: two scopes may want the same address, and the
// first one in order has it.
func unique(in []Wanted) []Wanted {
	seen := make(map[string]bool, len(in))
	return slices.DeleteFunc(in, func(w Wanted) bool {
		k := w.Key()
		dup := seen[k]
		seen[k] = true
		return dup
	})
}

// All is everything that p may ever want: running, and master of each instance.
func All(p *plan.Plan) []Wanted {
	s := State{Running: true, Instances: make(map[string]plan.State, len(p.Instances))}
	for i := range p.Instances {
		s.Instances[p.Instances[i].Name] = plan.StateMaster
	}
	out := Desired(p, Facts{}, s)
	if s.Sorry = everySorry(p); len(s.Sorry) > 0 {
		out = unique(append(out, Desired(p, Facts{}, s)...))
	}
	return out
}

// everySorry is the state in which all sorry servers answer; nil where there is none.
func everySorry(p *plan.Plan) map[string]bool {
	var out map[string]bool
	for i := range p.VirtualServers {
		if vs := &p.VirtualServers[i]; vs.Sorry != nil {
			if out == nil {
				out = map[string]bool{}
			}
			out[vs.Name()] = true
		}
	}
	return out
}

// AtStart is the state before the first check has an answer (reference ipvs 2.1): a real server with a check
// that begins as down is down, and where the others do not make the quorum, the sorry server answers.
func AtStart(p *plan.Plan) State {
	s := State{Running: true}
	for i := range p.VirtualServers {
		vs := &p.VirtualServers[i]
		var weight uint64
		began := false
		for j := range vs.RealServers {
			rs := &vs.RealServers[j]
			if !slices.ContainsFunc(rs.Checks, func(c plan.Check) bool { return c.Alpha }) {
				weight += uint64(rs.Weight)
				continue
			}
			if s.Down == nil {
				s.Down = map[string]bool{}
			}
			s.Down[RealServerKey(vs, rs)], began = true, true
		}
		if began && vs.Sorry != nil && weight < uint64(vs.Quorum)+uint64(vs.Hysteresis) {
			if s.Sorry == nil {
				s.Sorry = map[string]bool{}
			}
			s.Sorry[vs.Name()] = true
		}
	}
	return s
}

// InScope keeps what belongs to one scope.
func InScope(all []Wanted, scope Scope) []Wanted {
	var out []Wanted
	for _, w := range all {
		if w.Scope == scope {
			out = append(out, w)
		}
	}
	return out
}

// Owned picks from have what may be this plan's: the objects with a key of may, each with the scope
// and origin of the latter, in the order of may. Whatever else the machine has is nobody's business
// here, and never reaches [Diff].
func Owned(have []Object, may []Wanted) []Object {
	byKey := make(map[string]Object, len(have))
	for _, h := range have {
		byKey[h.Key()] = unwrap(h)
	}
	var out []Object
	for _, w := range may {
		if h, ok := byKey[w.Key()]; ok {
			out = append(out, Wanted{h, w.Scope, w.Origin})
		}
	}
	return out
}

// Diff works out the changes that turn have into want: first what goes, kind by kind in reverse order
// (destinations, services, rules, routes, addresses) and within a kind in the order of have; then, in the
// order of want, what comes or is changed. have holds only what may be touched: see [Owned].
// An object that exists already, and is equal, is no change.
func Diff(have []Object, want []Wanted, reason string) []Change {
	wanted := make(map[string]bool, len(want))
	for _, w := range want {
		wanted[w.Key()] = true
	}
	existing := make(map[string]Object, len(have))
	var out []Change
	for _, h := range have {
		existing[h.Key()] = unwrap(h)
		if wanted[h.Key()] {
			continue
		}
		c := Change{Op: Remove, Have: unwrap(h), Reason: reason}
		if w, ok := h.(Wanted); ok {
			c.Scope, c.Origin = w.Scope, w.Origin
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b Change) int { return a.Have.Kind().removal() - b.Have.Kind().removal() })
	for _, w := range want {
		c := Change{Op: Add, Want: unwrap(w.Object), Scope: w.Scope, Origin: w.Origin, Reason: reason}
		if h, ok := existing[w.Key()]; ok {
			if c.Want.Equal(h) {
				continue
			}
			c.Op, c.Have = Update, h
		}
		out = append(out, c)
	}
	for i := range out {
		out[i].Traffic = traffic(out[i])
	}
	return out
}

// removal is the place of a kind among what is removed. A table goes behind the interfaces: the reports of a
// VMAC that leaves its groups would else carry the virtual MAC, and switches would look for it here.
func (k Kind) removal() int {
	switch k {
	case KindTable:
		return -int(KindLink)
	case KindLink:
		return -int(KindTable)
	}
	return -int(k)
}

// traffic says what the traffic notices. Destinations and services keep their connections when they
// are changed (the kernel does so); a destination that goes ends its connections.
func traffic(c Change) Traffic {
	switch {
	case c.Object().Kind() == KindSysctl, c.Object().Kind() == KindDropped && c.Op == Remove:
		return Hitless
	case c.Object().Kind() == KindAddress:
		return MovesAddress
	case c.Op == Remove:
		return DropsConnections
	}
	return Hitless
}

// The names of the phases.
const (
	PhaseStart = "start"
	PhaseStop  = "stop"
	// PhaseHealthy is when the last of the servers that begin as down has come up.
	PhaseHealthy = "all real servers up"
	// PhaseQuorumLost is about one virtual server.
	PhaseQuorumLost = "quorum lost"
)

// Phase is a step in the life of a director, with the changes that it makes when nothing stands in
// the way: nothing of it exists before, and all real servers are healthy unless they begin as down.
type Phase struct {
	// Name is one of the above, or the state that the instance goes to: "MASTER", "BACKUP", "FAULT".
	Name string
	// Instance is the instance that it is about, or the virtual server; empty for what belongs to none.
	Instance string
	Changes  []Change
}

// Phases lists what a director does in its life: start; the first success of servers that begin as down; what
// the loss of a quorum does; each instance's way to MASTER, from there to
// BACKUP, to FAULT and to stop; and stop.
func Phases(p *plan.Plan, f Facts) []Phase {
	base := Desired(p, f, State{Running: true})
	start := Desired(p, f, AtStart(p))
	out := []Phase{{Name: PhaseStart, Changes: Diff(nil, start, "karun starts")}}
	if up := Diff(objects(start), base, "every check has succeeded"); len(up) > 0 {
		out = append(out, Phase{Name: PhaseHealthy, Changes: up})
	}
	out = append(out, sorryPhases(p, base)...)
	for i := range p.Instances {
		name := p.Instances[i].Name
		scope := Scope{ScopeInstance, name}
		master := State{Running: true, Instances: map[string]plan.State{name: plan.StateMaster}}
		mine := InScope(Desired(p, f, master), scope)
		enter := Diff(nil, mine, name+" becomes "+plan.StateMaster.String())
		out = append(out, Phase{plan.StateMaster.String(), name, enter})
		for _, s := range []plan.State{plan.StateBackup, plan.StateFault} {
			leave := Diff(objects(mine), nil, name+" goes from "+plan.StateMaster.String()+" to "+s.String())
			out = append(out, Phase{s.String(), name, leave})
		}
		out = append(out, Phase{PhaseStop, name, Diff(objects(mine), nil, "karun stops while "+name+" is "+plan.StateMaster.String())})
	}
	return append(out, Phase{Name: PhaseStop, Changes: Diff(objects(base), nil, "karun stops")})
}

// sorryPhases are what the loss of its quorum does to each virtual server with a sorry server.
func sorryPhases(p *plan.Plan, base []Wanted) []Phase {
	sorry := everySorry(p)
	if sorry == nil {
		return nil
	}
	lost := Desired(p, Facts{}, State{Running: true, Sorry: sorry})
	var out []Phase
	for i := range p.VirtualServers {
		name := p.VirtualServers[i].Name()
		if sorry[name] {
			scope := Scope{ScopeVirtualServer, name}
			changes := Diff(objects(InScope(base, scope)), InScope(lost, scope), name+" has lost its quorum")
			out = append(out, Phase{PhaseQuorumLost, name, changes})
		}
	}
	return out
}

// objects turns what is wanted into what exists.
func objects(ws []Wanted) []Object {
	out := make([]Object, len(ws))
	for i, w := range ws {
		out[i] = w
	}
	return out
}
