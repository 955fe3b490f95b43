//go:build linux

package director

import (
	"strings"
	"testing"

	"ka/runtime/control"
	"ka/runtime/lab/need"
)

// TestOtherMasterIsLogged: a master that hears another one, which does not hear it, says so once, with who it is.
func TestOtherMasterIsLogged(t *testing.T) {
	need.Program(t, "nft")
	w := newWire(t)
	w.In("b", "nft", "add table ip deaf ; add chain ip deaf in { type filter hook input priority 0 ; } ; add rule ip deaf in ip protocol 112 drop")
	a := w.start("a", testPlan(150), "")
	b := w.start("b", testPlan(100), "")
	for _, k := range []*karun{a, b} {
		k.logged(`"msg":"transition"`, `"to":"MASTER"`)
	}
	a.logged(`"level":"WARN"`, `"msg":"other-master"`, `"instance":"VI_1"`, `"source":"10.77.0.2"`, `"heard":100`, `"priority":150`)
	until(t, "three more adverts", func() bool {
		st, err := control.Get(t.Context(), a.runDir)
		return err == nil && st.Instances[0].Counters["lower-adverts-answered"] >= 4
	})
	if n := strings.Count(a.text(), `"msg":"other-master"`); n != 1 {
		t.Errorf("%d records of one other master:\n%s", n, a.text())
	}
}
