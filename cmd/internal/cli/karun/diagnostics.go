//go:build linux

package karun

import (
	"fmt"
	"io"

	"ka/lang/diag"
)

// writeDiagnostics prints what is wrong with a configuration, a line each.
func writeDiagnostics(w io.Writer, list diag.List) error {
	for _, d := range list {
		if d.Severity < diag.Warning {
			continue
		}
		place := ""
		if d.Span.File != nil {
			pos := d.Span.Position()
			place = fmt.Sprintf("%s:%d:%d: ", d.Span.File.Name, pos.Line, pos.Column)
		}
		if _, err := fmt.Fprintf(w, "%s%s: %s [%s]\n", place, d.Severity, d.Message, d.Rule); err != nil {
			return err
		}
	}
	return nil
}
