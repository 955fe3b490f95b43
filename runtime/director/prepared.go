package director

import (
	"fmt"
	"slices"

	"ka/compiler/plan"
)

// prepared is what an instance needs to be there before its process starts: interfaces of its own, and
// settings of the kernel.
type prepared struct {
	Base               string
	VMAC               *plan.VMAC
	IPVLAN             *plan.IPVLAN
	VMACForAddresses   bool
	PromoteSecondaries bool
}

func preparedOf(in *plan.Instance) (p prepared, any bool) {
	l := in.Link
	p = prepared{in.Interface, l.VMAC, l.IPVLAN, l.VMACForAddresses, l.PromoteSecondaries}
	return p, l.VMAC != nil || l.IPVLAN != nil || l.VMACForAddresses || l.PromoteSecondaries
}

// preparedOtherwise lists the instances of a new plan that need something else to be there than the old
// plan has, and those of the old one whose things nobody needs any more: both take a restart.
func preparedOtherwise(old, p *plan.Plan) []string {
	var reasons []string
	missing := func(from, in *plan.Plan, what string) {
		for i := range from.Instances {
			want, any := preparedOf(&from.Instances[i])
			if any && !slices.ContainsFunc(in.Instances, func(x plan.Instance) bool {
				have, _ := preparedOf(&x)
				return same(want, have)
			}) {
				reasons = append(reasons, at(from.Instances[i].Origin)+fmt.Sprintf(
					"instance %q: a reload does not %s interfaces (VMAC, ipvlan) and settings of the kernel: restart karun", from.Instances[i].Name, what))
			}
		}
	}
	missing(p, old, "make")
	missing(old, p, "remove")
	return reasons
}
