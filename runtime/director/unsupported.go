package director

import (
	"fmt"

	"ka/compiler/plan"
	"ka/runtime/health"
	"ka/runtime/vrrp"
)

// unsupported lists what no machine can run with this release.
func unsupported(p *plan.Plan) []problem {
	var out []problem
	for i := range p.Instances {
		inst := &p.Instances[i]
		if err := vrrp.Supported(*inst); err != nil {
			name := inst.Name
			out = append(out, problem{at(inst.Origin) + fmt.Sprintf("instance %q: %v", name, err),
				func(p *plan.Plan) { keepInstances(p, func(i *plan.Instance) bool { return i.Name != name }) }})
		}
	}
	for _, vs := range p.VirtualServers {
		for _, rs := range vs.RealServers {
			for _, c := range rs.Checks {
				if _, err := health.New(c); err != nil {
					kind := c.Kind
					out = append(out, problem{at(c.Origin) + err.Error(), func(p *plan.Plan) { dropChecks(p, kind) }})
				}
			}
		}
	}
	return append(out, unsupportedGlobal(p)...)
}
