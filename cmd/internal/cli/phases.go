package cli

import (
	"fmt"
	"io"

	"ka/compiler/effect"
)

// WritePhases prints what a director does in each step of its life: kac plan and karun --dry-run print
// the same, because karun applies the same changes. A phase without changes is left out.
func WritePhases(w io.Writer, phases []effect.Phase) error {
	for _, ph := range phases {
		if len(ph.Changes) == 0 {
			continue
		}
		title := ph.Name
		if ph.Instance != "" {
			title = ph.Instance + " " + ph.Name
		}
		if _, err := fmt.Fprintf(w, "%s:\n", title); err != nil {
			return err
		}
		for _, c := range ph.Changes {
			if _, err := fmt.Fprintf(w, "  %s\n", c); err != nil {
				return err
			}
		}
	}
	return nil
}
