package director

import (
	"net/netip"
	"slices"
	"testing"

	"ka/compiler/plan"
)

func TestMatchInstances(t *testing.T) {
	group := netip.MustParseAddr("224.0.0.18")
	multicast := func(name string, vrid uint8) plan.Instance {
		return plan.Instance{Name: name, Interface: "eth0", VRID: vrid, Group: group}
	}
	unicast := func(name string) plan.Instance {
		in := multicast(name, 1)
		in.Unicast = &plan.Unicast{}
		return in
	}
	vmac := multicast("V", 9)
	vmac.Link.VMAC = &plan.VMAC{Name: "vrrp.9"}
	for name, tt := range map[string]struct {
		old, new []plan.Instance
		want     []int
	}{
		"the same":           {[]plan.Instance{multicast("A", 1), multicast("B", 2)}, []plan.Instance{multicast("A", 1), multicast("B", 2)}, []int{0, 1}},
		"another order":      {[]plan.Instance{multicast("A", 1), multicast("B", 2)}, []plan.Instance{multicast("B", 2), multicast("A", 1)}, []int{1, 0}},
		"another name":       {[]plan.Instance{multicast("A", 1)}, []plan.Instance{multicast("B", 1)}, []int{0}},
		"names exchanged":    {[]plan.Instance{multicast("A", 1), multicast("B", 2)}, []plan.Instance{multicast("A", 2), multicast("B", 1)}, []int{1, 0}},
		"another VRID":       {[]plan.Instance{multicast("A", 1)}, []plan.Instance{multicast("A", 2)}, []int{-1}},
		"unicast now":        {[]plan.Instance{multicast("A", 1)}, []plan.Instance{unicast("A")}, []int{-1}},
		"a VMAC now":         {[]plan.Instance{multicast("V", 9)}, []plan.Instance{vmac}, []int{-1}},
		"added and removed":  {[]plan.Instance{multicast("A", 1)}, []plan.Instance{multicast("C", 3), multicast("A", 1)}, []int{-1, 0}},
		"unicast, one VRID":  {[]plan.Instance{unicast("A"), unicast("B")}, []plan.Instance{unicast("C"), unicast("B"), unicast("A")}, []int{-1, 1, 0}},
		"unicast, new names": {[]plan.Instance{unicast("A"), unicast("B")}, []plan.Instance{unicast("C"), unicast("A")}, []int{1, 0}},
	} {
		var old []*plan.Instance
		for i := range tt.old {
			old = append(old, &tt.old[i])
		}
		if got := matchInstances(old, tt.new); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
