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
// the instance being another one on the wire: trackers and notifications.
func missingOf(in *plan.Instance) []Lack {
	var out []Lack
	name := in.Name
	part := func(origin plan.Origin, what string, drop func(*plan.Instance)) {
		out = append(out, Lack{
			origin, fmt.Sprintf("instance %q: %s is not run by this release", name, what), helpTakeOut,
			func(p *plan.Plan) { changeInstance(p, name, drop) },
		})
	}
	for _, l := range []struct {
		keyword string
		list    func(*plan.Instance) *[]plan.Tracker
	}{
		{kw.TrackBFD, func(i *plan.Instance) *[]plan.Tracker { return &i.TrackBFD }},
	} {
		if trackers := *l.list(in); len(trackers) > 0 {
			what := fmt.Sprintf("%s %q", l.keyword, trackers[0].Name)
			if n := len(trackers) - 1; n > 0 {
				what += fmt.Sprintf(" (and %d more)", n)
			}
			part(trackers[0].Origin, what, func(i *plan.Instance) { *l.list(i) = nil })
		}
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
