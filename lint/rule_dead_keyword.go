package lint

import (
	"ka/lang/diag"
)

func ruleDeadKeyword() *Rule {
	return &Rule{
		Name:     "dead-keyword",
		Severity: diag.Warning,
		Title:    "a word that keepalived does not read (any more)",
		Text: `Tutorials teach the word, but keepalived does not read it, in this block or at all: ` + "`nat_mask`" + `, ` + "`nb_get_retry`" + ` in
TCP_CHECK, ` + "`lvs_id`" + ` and others. The finding says what keepalived does instead.

` + "`kalint --fix-intent`" + ` writes what was meant. That changes what keepalived does: ` + "`retry 3`" + ` instead of one try.`,
		Bad:  svcBad,
		Good: svcGood,
	}
}
