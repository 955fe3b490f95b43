//go:build linux

package track

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestDebounce plays what is seen, "+5" up and "-9" down at that second, and collects what counts.
func TestDebounce(t *testing.T) {
	for _, tt := range []struct {
		name     string
		down, up time.Duration
		seen     string
		want     string
	}{
		{"no delay", 0, 0, "+1 -2 +3", "+1 -2 +3"},
		{"down lasts", 3 * time.Second, 0, "+1 -2 +9", "+1 -5 +9"},
		{"down goes back", 3 * time.Second, 0, "+1 -2 +4 -10", "+1 -13"},
		{"said twice, the first counts", 3 * time.Second, 0, "+1 -2 -4", "+1 -5"},
		{"both", 2 * time.Second, 4 * time.Second, "+1 -9 +20 -22 +30", "+5 -11 +34"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := Debounce{Down: tt.down, Up: tt.up}
			var got []string
			note := func(changed bool, now time.Duration) {
				if changed {
					got = append(got, fmt.Sprintf("%s%d", map[bool]string{true: "+", false: "-"}[d.IsUp()], int(now.Seconds())))
				}
			}
			until := func(end time.Duration) {
				if at, ok := d.Deadline(); ok && at <= end {
					note(d.Fire(at), at)
				}
			}
			for _, word := range strings.Fields(tt.seen) {
				var second int
				if _, err := fmt.Sscan(word[1:], &second); err != nil {
					t.Fatal(err)
				}
				now := time.Duration(second) * time.Second
				until(now)
				note(d.See(now, word[0] == '+'), now)
			}
			until(time.Hour)
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("got %s, want %s", s, tt.want)
			}
		})
	}
}
