//go:build linux

package director

import (
	"testing"

	"ka/compiler/plan"
)

// TestReloadFreesGroup: a member whose interface is gone keeps its sync group in FAULT, until a reload takes it away;
// the line of the other one is the same.
func TestReloadFreesGroup(t *testing.T) {
	w := newWire(t)
	faulty, well := router("FAULTY", 1, 200, "10.77.0.101/24"), router("WELL", 2, 200, "10.77.0.102/24")
	faulty.TrackInterfaces = []plan.Tracker{{Name: "gone0"}}
	p := routers(faulty, well)
	p.Groups.Sync = []plan.SyncGroup{{Name: "G", Members: []string{"FAULTY", "WELL"}}}
	k := w.start("a", p, "")
	k.logged(`"msg":"transition"`, `"instance":"WELL"`, `"to":"FAULT"`)
	k.reload(routers(well))
	k.logged(`"msg":"transition"`, `"instance":"WELL"`, `"to":"BACKUP"`)
	k.logged(`"msg":"address"`, `"op":"+"`, "10.77.0.102/24")
	k.stop()
}
