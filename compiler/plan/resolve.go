package plan

import "strconv"

// Names are the numbers behind the names that belong to the machine.
type Names struct {
	// Tables are the routing tables by the names of iproute2's files.
	Tables map[string]uint32
	// VRFs are the routing tables of VRF interfaces, by the interface's name.
	VRFs map[string]uint32
	// Groups are interface groups by the names of iproute2's files.
	Groups map[string]uint32
}

// Resolve gives a copy of p in which the tables that routes and rules name have their numbers, and the groups
// of interfaces are numbers. What n does not know stays without; p itself stays as it is.
func Resolve(p *Plan, n Names) *Plan {
	q := *p
	q.StaticRoutes, q.StaticRules = n.routes(p.StaticRoutes), n.rules(p.StaticRules)
	q.Instances = append([]Instance(nil), p.Instances...)
	for i := range q.Instances {
		in := &q.Instances[i]
		in.Routes, in.Rules = n.routes(in.Routes), n.rules(in.Rules)
		if v := in.Link.VMAC; v != nil {
			vmac := *v
			vmac.Group, in.Link.VMAC = n.group(v.Group), &vmac
		}
		if v := in.Link.IPVLAN; v != nil {
			ipvlan := *v
			ipvlan.Group, in.Link.IPVLAN = n.group(v.Group), &ipvlan
		}
	}
	return &q
}

func (n Names) group(name string) string {
	if number, ok := n.Groups[name]; ok {
		return strconv.FormatUint(uint64(number), 10)
	}
	return name
}

func (n Names) routes(in []Route) []Route {
	out := append([]Route(nil), in...)
	for i := range out {
		switch r := &out[i]; {
		case r.VRF != "":
			r.Table = n.VRFs[r.VRF]
		case r.TableName != "":
			r.Table = n.Tables[r.TableName]
		}
	}
	return out
}

func (n Names) rules(in []Rule) []Rule {
	out := append([]Rule(nil), in...)
	for i := range out {
		if out[i].TableName != "" {
			out[i].Table = n.Tables[out[i].TableName]
		}
	}
	return out
}
