package director

import (
	"net/netip"
	"testing"

	"ka/compiler/plan"
)

func TestSame(t *testing.T) {
	lifetime := uint32(5)
	make1 := func() *plan.Instance {
		n := lifetime
		return &plan.Instance{
			Origin: plan.Origin{File: "a", Line: 1}, Name: "VI_1", Priority: 100,
			VIPs:   []plan.Address{{Prefix: netip.MustParsePrefix("10.0.0.1/24"), PreferredLifetime: &n}},
			Notify: plan.Notify{Master: &plan.Command{Argv: []string{"/x", "y"}}},
		}
	}
	moved := make1()
	moved.Origin.Line, moved.VIPs[0].Origin.Line, moved.Notify.Master.Origin.Line = 7, 8, 9
	if !same(make1(), moved) {
		t.Error("another line of the text is another instance")
	}
	for name, change := range map[string]func(*plan.Instance){
		"priority": func(i *plan.Instance) { i.Priority = 101 },
		"address":  func(i *plan.Instance) { i.VIPs[0].Prefix = netip.MustParsePrefix("10.0.0.2/24") },
		"lifetime": func(i *plan.Instance) { *i.VIPs[0].PreferredLifetime = 6 },
		"none":     func(i *plan.Instance) { i.VIPs[0].PreferredLifetime = nil },
		"more":     func(i *plan.Instance) { i.VIPs = append(i.VIPs, i.VIPs[0]) },
		"word":     func(i *plan.Instance) { i.Notify.Master.Argv[1] = "z" },
		"command":  func(i *plan.Instance) { i.Notify.Backup = i.Notify.Master },
		"unicast":  func(i *plan.Instance) { i.Unicast = &plan.Unicast{} },
	} {
		other := make1()
		change(other)
		if same(make1(), other) || same(other, make1()) {
			t.Errorf("%s: the same", name)
		}
	}
}
