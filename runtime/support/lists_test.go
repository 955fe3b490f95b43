package support

import (
	"strings"
	"testing"

	"ka/compiler/plan"
)

// TestMissingLists: what stands in lists is refused by name, and left out with --allow-partial; a route
// that ran before runs on.
func TestMissingLists(t *testing.T) {
	at := plan.Origin{File: "node.conf", Line: 7}
	plain := plan.Rule{Origin: at, Action: "nop", IPProtocol: "TCP"}
	other := plain
	other.IPProtocol = "carrier-pigeon"
	p := &plan.Plan{Instances: []plan.Instance{{Name: "VI_1", Interface: "eth0", Version: 2, VRID: 51, Priority: 100}}}
	member := p.Instances[0]
	member.Name, member.Rules = "VI_2", []plan.Rule{plain, other}
	grouped := p.Instances[0]
	grouped.Name, grouped.Version = "VI_3", 4
	p.Instances = append(p.Instances, member, grouped)
	p.StaticRules = []plan.Rule{other, plain}
	p.Groups = plan.Groups{
		Track: []plan.TrackGroup{{Origin: at, Name: "T", Members: []string{"VI_2"}}},
		Sync: []plan.SyncGroup{
			{Origin: at, Name: "G", Members: []string{"VI_3"}},
			{Origin: at, Name: "H", Members: []string{"VI_1", "VI_2"}},
		},
		GARP:     []plan.GARPGroup{{Origin: at, Interfaces: []string{"eth0"}}},
		Linkbeat: []plan.LinkbeatInterface{{Origin: at, Interface: "eth0"}},
		Delays:   []plan.InterfaceDelay{{Origin: at, Interface: "eth0"}},
	}
	p.Trackables = plan.Trackables{
		Files:     []plan.TrackFile{{Origin: at, Name: "F", Path: "/run/f"}},
		Processes: []plan.TrackProcess{{Origin: at, Name: "P", Command: "nginx"}},
		BFD:       []plan.BFDInstance{{Origin: at, Name: "B"}},
	}
	list := missingLists(p)
	var said strings.Builder
	for _, pr := range list {
		said.WriteString(pr.String() + "\n")
		if !strings.HasPrefix(pr.String(), "node.conf:7: ") || !strings.Contains(pr.String(), "--allow-partial") {
			t.Errorf("no place, or nothing to do: %s", pr.String())
		}
	}
	for _, want := range []string{
		`the IP protocol "carrier-pigeon" of a rule`, `sync group "G": its member "VI_3" is not run`,
	} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("nothing says %q:\n%s", want, said.String())
		}
	}
	q := Without(p, list)
	if more := missingLists(q); len(more) != 0 {
		t.Errorf("left in: %v", texts(more))
	}
	if len(q.Groups.Sync) != 1 || len(q.Groups.Sync[0].Members) != 2 {
		t.Errorf("groups: %v", q.Groups.Sync)
	}
	if len(q.StaticRules) != 1 || len(q.Instances) != 2 || len(q.Instances[1].Rules) != 1 {
		t.Errorf("left out too much: %d static rules, %d instances", len(q.StaticRules), len(q.Instances))
	}
	if len(p.StaticRules) != 2 || len(p.Instances) != 3 || len(p.Instances[1].Rules) != 2 {
		t.Error("the plan itself was changed")
	}
}
