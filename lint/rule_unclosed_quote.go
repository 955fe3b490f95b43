package lint

import (
	"ka/lang/diag"
)

func ruleUnclosedQuote() *Rule {
	return &Rule{
		Name:            "unclosed-quote",
		Severity:        diag.Error,
		ExplainsInBlock: []string{"missing-keyword"},
		Title:           "a double quote is never closed",
		Text: `A line has an odd number of double quotes. Everything behind the last one is lost, braces included, because quotes
protect only up to the end of the line. A backslash before a quote does not make it an ordinary character.`,
		Bad: `-- node1.conf --
global_defs {
    router_id "lb01
}
`,
		Good: `-- node1.conf --
global_defs {
    router_id "lb01"
}
`,
		Structural: true,
	}
}
