package failover_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ka/compiler/plan"
	"ka/lint/failover"
)

// TestMemory: an answer is kept while what is played is the same, wherever it stands, and for one
// judgement only.
func TestMemory(t *testing.T) {
	pair := func(weight int, change ...func(*plan.Instance)) []failover.Participant {
		return []failover.Participant{node("a", 150, weight, change...), node("b", 100, weight, change...)}
	}
	moved := func(i *plan.Instance) {
		i.Origin = plan.Origin{File: "a.conf", Line: i.Origin.Line + 7}
		i.TrackScripts[0].Origin.Line += 7
	}
	m := &failover.Memory{}
	m.Turn()
	first := m.Analyse(pair(-20))
	if len(first) != 1 {
		t.Fatalf("%d findings, want 1", len(first))
	}
	m.Turn()
	if again := m.Analyse(pair(-20, moved)); &again[0] != &first[0] {
		t.Error("the same play on other lines is played again")
	}
	m.Turn()
	changed := m.Analyse(pair(-30))
	if d := cmp.Diff(failover.Analyse(pair(-30)), changed); d != "" {
		t.Errorf("after a change (-played +remembered):\n%s", d)
	}
	m.Turn()
	m.Turn()
	if again := m.Analyse(pair(-30)); &again[0] == &changed[0] {
		t.Error("what a judgement did not ask for is still kept")
	}
	var none *failover.Memory
	none.Turn()
	if len(none.Analyse(pair(-20))) != 1 {
		t.Error("without a memory nothing is found")
	}
}
