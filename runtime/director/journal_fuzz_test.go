//go:build linux

package director

import (
	"testing"

	"ka/compiler/effect"
)

// FuzzJournal: whatever stands in the file, reading it ends with a journal or an error, and what was
// read can be written again.
func FuzzJournal(f *testing.F) {
	var j journal
	j.Version, j.FIFOs = journalVersion, []string{"/run/fifo"}
	for _, w := range effect.All(richPlan(100)) {
		j.add(w.Object)
	}
	seed, err := j.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add(seed[:len(seed)/2])
	f.Add([]byte(`{"version":2}`))
	f.Add([]byte(`{"version":1,"addresses":[{"Prefix":"x"}]}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		j, err := parseJournal(data)
		if err != nil {
			return
		}
		back, err := j.encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseJournal(back)
		if err != nil || len(again.objects()) != len(j.objects()) {
			t.Fatalf("read again: %v, %v", again, err)
		}
		for _, o := range j.objects() {
			_, _ = o.Key(), o.String()
		}
	})
}
