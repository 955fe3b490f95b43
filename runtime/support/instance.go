package support

import (
	"fmt"

	"ka/compiler/plan"
	"ka/lang/schema/kw"
)

// missingParts lists the parts of instances that this release cannot run.
func missingParts(p *plan.Plan) []Lack {
	var out []Lack
	for i := range p.Instances {
		out = append(out, missingOf(&p.Instances[i])...)
	}
	return out
}

// missingOf lists what of an instance this release cannot run, and what can be left out without
// the instance being another one on the wire: notifications.
func missingOf(in *plan.Instance) []Lack {
	var out []Lack
	name := in.Name
	part := func(origin plan.Origin, what string, drop func(*plan.Instance)) {
		out = append(out, Lack{
			origin, fmt.Sprintf("instance %q: %s is not run by this release", name, what), helpTakeOut,
			func(p *plan.Plan) { changeInstance(p, name, drop) },
		})
	}
	n := &in.Notify
	if n.DeletedState || n.Deleted != nil {
		origin := in.Origin
		if n.Deleted != nil {
			origin = n.Deleted.Origin
		}
		part(origin, kw.NotifyDeleted, func(i *plan.Instance) { i.Notify.Deleted, i.Notify.DeletedState = nil, false })
	}
	return out
}
