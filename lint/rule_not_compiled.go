package lint

import (
	"ka/lang/diag"
)

func ruleNotCompiled() *Rule {
	return &Rule{
		Name:     "not-compiled",
		Severity: diag.Error,
		Title:    "a keyword that this release cannot run",
		Text: `The keyword is correct, and keepalived acts on it, but karun cannot do it yet. ` + "`kac`" + ` and ` + "`karun`" + ` refuse to compile
it, rather than run something else than the text says; ` + "`--as-keepalived`" + ` does not change that. kalint does not
report it.

docs/limits.md lists these keywords.`,
		CompileOnly: true,
	}
}
