//go:build linux

package labcmd

import (
	"strings"
	"testing"

	"ka/compiler/plan"
	"ka/runtime/lab"
	"ka/runtime/lab/node"
)

// TestContain: whatever a file asks for, no command of it runs, and nothing is written beside the lab.
func TestContain(t *testing.T) {
	cmd := func(word string) *plan.Command { return &plan.Command{Argv: []string{word}, User: "nobody"} }
	p := &plan.Plan{
		Scripts:   []plan.Script{{Name: "chk", Command: *cmd("/check")}},
		Instances: []plan.Instance{{Name: "VI_1", Notify: plan.Notify{Master: cmd("/m"), LowerPriority: cmd("/l"), Deleted: cmd("/d")}}},
		Groups:    plan.Groups{Sync: []plan.SyncGroup{{Name: "G", Notify: plan.GroupNotify{Any: cmd("/g")}}}},
		Global: plan.Global{
			Startup: &plan.HookScript{Command: *cmd("/start")}, Shutdown: &plan.HookScript{Command: *cmd("/end")},
			FIFOs: &plan.FIFOs{VRRP: &plan.FIFO{Path: "/run/fifo", Script: cmd("/reader")}},
			Mail:  &plan.Mail{Server: "192.0.2.25:25", Recipients: []string{"a@b"}},
			Run:   &plan.Run{Namespace: "blue"}, Processes: &plan.Processes{VRRP: plan.Process{RealTimePriority: 99}},
		},
	}
	p.Trackables.Files = []plan.TrackFile{{Name: "f", Path: "/run/number", Init: &plan.FileInit{Value: 1}}}
	n := &labNode{plan: p, running: &node.Node{}}
	n.contain()
	n.substitute()
	visited := 0
	p.EachCommand(func(o plan.CommandOwner, c *plan.Command) {
		visited++
		if !strings.HasPrefix(c.Argv[0], lab.MountPoint) || c.User != "" {
			t.Errorf("%+v runs %q as %q", o, c.Argv, c.User)
		}
	})
	if visited != 7 {
		t.Errorf("%d commands", visited)
	}
	if p.Trackables.Files[0].Init != nil {
		t.Error("the first number of a file is written")
	}
	if g := p.Global; g.FIFOs != nil || g.Mail != nil || g.Run != nil || g.Processes != nil {
		t.Errorf("%+v", g)
	}
}
