package director

import (
	"fmt"

	"ka/compiler/plan"
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
	out = append(out, unsupportedServers(p)...)
	out = append(out, unsupportedLists(p)...)
	out = append(out, unsupportedInstances(p)...)
	return append(out, unsupportedGlobal(p)...)
}
