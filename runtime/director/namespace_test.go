//go:build linux

package director

import (
	"strings"
	"testing"

	"ka/compiler/plan"
)

// TestNamespace: karun works in the network namespace that its file names, with every thread, wherever it
// was started.
func TestNamespace(t *testing.T) {
	w := newWire(t)
	before := w.State("b")
	p := testPlan(255)
	p.Instances[0].InitialState = plan.StateMaster
	p.Global.Run = &plan.Run{Namespace: w.Namespace("a")}
	k := w.start("b", p, "")
	k.logged(`"msg":"address"`, `"op":"+"`, vip)
	if !strings.Contains(w.State("a"), vip) || w.State("b") != before {
		t.Errorf("a\n%s\nb\n%s", w.State("a"), w.State("b"))
	}
	if code := k.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	for name, reason := range map[string]string{"nosuchnamespace": "ip netns add", "../netns": "no name of a network namespace"} {
		p.Global.Run.Namespace = name
		k := w.start("b", p, "")
		if code := k.wait(); code != 3 || !strings.Contains(k.text(), reason) {
			t.Errorf("%s: exit status %d:\n%s", name, code, k.text())
		}
	}
}
