package lint

import (
	"ka/lang/diag"
)

func ruleTooLarge() *Rule {
	return &Rule{
		Name:       "too-large",
		Severity:   diag.Error,
		Title:      "more text than a reader takes",
		Text:       `There is a bound on how much text is read, so that a small file cannot keep the reader busy for ever.`,
		Structural: true,
	}
}
