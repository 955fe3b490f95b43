package notify

import (
	"fmt"
	"strings"
	"testing"

	"ka/compiler/plan"
)

func TestWords(t *testing.T) {
	cmd := func(words ...string) *plan.Command { return &plan.Command{Argv: words} }
	inst := &plan.Instance{Name: "VI_1", Notify: plan.Notify{
		Master: cmd("/m", "a b"), Fault: cmd("/f"), Stop: cmd("/s"), Any: cmd("/any", "x"),
	}}
	for state, want := range map[plan.State]string{
		plan.StateMaster:  `["/m" "a b"] ["/any" "x" "INSTANCE" "VI_1" "MASTER" "150"]`,
		plan.StateBackup:  `["/any" "x" "INSTANCE" "VI_1" "BACKUP" "150"]`,
		plan.StateFault:   `["/f"] ["/any" "x" "INSTANCE" "VI_1" "FAULT" "150"]`,
		plan.StateStopped: `["/s"] ["/any" "x" "INSTANCE" "VI_1" "STOP" "150"]`,
	} {
		var got []string
		for _, w := range Words(inst, state, 150) {
			got = append(got, fmt.Sprintf("%q", w))
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: %s, want %s", state, s, want)
		}
	}
	if len(inst.Notify.Any.Argv) != 2 {
		t.Error("the plan's own words were changed")
	}
	if got := Words(&plan.Instance{}, plan.StateMaster, 1); got != nil {
		t.Errorf("without commands: %q", got)
	}
}
