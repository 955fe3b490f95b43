package director

import (
	"testing"

	"ka/compiler/plan"
)

func TestPreparedOtherwise(t *testing.T) {
	plain := plan.Instance{Name: "A", Interface: "eth0"}
	vmac := plan.Instance{Name: "B", Interface: "eth0", Link: plan.Link{VMAC: &plan.VMAC{Name: "vrrp.2"}}}
	moved := vmac
	moved.Name, moved.Origin.Line = "C", 7
	other := vmac
	other.Link.VMAC = &plan.VMAC{Name: "vrrp.3"}
	of := func(list ...plan.Instance) *plan.Plan { return &plan.Plan{Instances: list} }
	for name, tt := range map[string]struct {
		old, new *plan.Plan
		want     int
	}{
		"without any":             {of(plain), of(plain, plain), 0},
		"the same, other names":   {of(plain, vmac), of(moved, plain), 0},
		"one that comes":          {of(plain), of(plain, vmac), 1},
		"one that goes":           {of(plain, vmac), of(plain), 1},
		"another in its place":    {of(vmac), of(other), 2},
		"another base":            {of(vmac), of(func() plan.Instance { in := vmac; in.Interface = "eth1"; return in }()), 2},
		"secondaries are let go":  {of(func() plan.Instance { in := plain; in.Link.PromoteSecondaries = true; return in }()), of(plain), 1},
		"one of two that is left": {of(vmac, moved), of(vmac), 0},
	} {
		if got := preparedOtherwise(tt.old, tt.new); len(got) != tt.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
