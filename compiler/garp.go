package compiler

import (
	"time"

	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// extraInterfaces reads "all" and the seconds of garp_extra_if; wrong is the first word that is neither.
func extraInterfaces(s *syntax.Statement) (interval time.Duration, all bool, wrong *syntax.Word) {
	timed := false
	for i, w := range s.Args {
		d, ok := schema.ParseSeconds(w.Text, 0)
		switch {
		case w.Text == kw.All:
			all = true
		case ok:
			interval, timed = d, true
		case wrong == nil:
			wrong = &s.Args[i]
		}
	}
	if !timed && wrong == nil {
		wrong = &s.Head
	}
	return interval, all, wrong
}
