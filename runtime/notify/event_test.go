package notify

import (
	"fmt"
	"strings"
	"testing"

	"ka/compiler/plan"
)

func words(runs []Run) string {
	var out []string
	for _, r := range runs {
		out = append(out, fmt.Sprintf("%q", r.Argv))
	}
	return strings.Join(out, " ")
}

func TestWords(t *testing.T) {
	cmd := func(words ...string) *plan.Command { return &plan.Command{Argv: words} }
	n := &plan.Notify{
		Master: cmd("/m", "a b"), Fault: cmd("/f"), Stop: cmd("/s"), Deleted: cmd("/d"), LowerPriority: cmd("/l"), Any: cmd("/any", "x"),
	}
	for kind, want := range map[Kind]string{
		Master:         `["/m" "a b"] ["/any" "x" "INSTANCE" "VI_1" "MASTER" "150"]`,
		Backup:         `["/any" "x" "INSTANCE" "VI_1" "BACKUP" "150"]`,
		Fault:          `["/f"] ["/any" "x" "INSTANCE" "VI_1" "FAULT" "150"]`,
		Stop:           `["/s"] ["/any" "x" "INSTANCE" "VI_1" "STOP" "150"]`,
		Deleted:        `["/d"] ["/any" "x" "INSTANCE" "VI_1" "DELETED" "150"]`,
		HeardLower:     `["/l"]`,
		MasterPriority: ``,
		BackupPriority: ``,
	} {
		if got := words(InstanceCommands(n).Runs(Event{Name: "VI_1", Kind: kind, Priority: 150})); got != want {
			t.Errorf("%s: %s, want %s", kind, got, want)
		}
	}
	if len(n.Any.Argv) != 2 {
		t.Error("the plan's own words were changed")
	}
	if got := InstanceCommands(&plan.Notify{}).Runs(Event{Name: "VI_1", Kind: Master}); got != nil {
		t.Errorf("without commands: %s", words(got))
	}
	g := &plan.GroupNotify{Backup: cmd("/b"), Any: cmd("/any")}
	if got, want := words(GroupCommands(g).Runs(Event{Group: true, Name: "G", Kind: Backup})), `["/b"] ["/any" "GROUP" "G" "BACKUP" "0"]`; got != want {
		t.Errorf("group: %s, want %s", got, want)
	}
}

// TestLine: the lines of a real keepalived 2.4.3's FIFO.
func TestLine(t *testing.T) {
	for want, e := range map[string]Event{
		`INSTANCE "V1" BACKUP 200`:              {Name: "V1", Kind: Backup, Priority: 200},
		`INSTANCE "V1" BACKUP_PRIORITY 210`:     {Name: "V1", Kind: PriorityKind(plan.StateFault), Priority: 210},
		`INSTANCE "V 1" MASTER_PRIORITY 1`:      {Name: "V 1", Kind: PriorityKind(plan.StateMaster), Priority: 1},
		`INSTANCE "V1" MASTER_RX_LOWER_PRI 255`: {Name: "V1", Kind: HeardLower, Priority: 255},
		`GROUP "G" STOP 0`:                      {Group: true, Name: "G", Kind: StateKind(plan.StateStopped)},
		`INSTANCE "a?b" FAULT 7`:                {Name: "a\nb", Kind: Fault, Priority: 7},
	} {
		if got := string(e.Line()); got != want+"\n" {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
