package lint

import (
	"strings"

	"ka/lang/diag"
)

func ruleUndefinedReference() *Rule {
	return &Rule{
		Name:     "undefined-reference",
		Severity: diag.Error,
		Title:    "a name that is defined nowhere",
		Text: `A tracked script, a virtual server group or the like is not defined in this file. keepalived reports it and goes on
without it: the instance runs unchecked.

A name that is defined, but too far down, is ` + "`used-before-defined`" + `.`,
		Bad:  strings.Replace(trackedScript, "        chk_nginx\n", "        chk_ngnix\n", 1),
		Good: trackedScript,
	}
}
