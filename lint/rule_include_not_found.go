package lint

import (
	"ka/lang/diag"
)

func ruleIncludeNotFound() *Rule {
	return &Rule{
		Name:     "include-not-found",
		Severity: diag.Error,
		Title:    "an included file is not there",
		Text: `The file that an ` + "`include`" + ` line names does not exist, is a directory, or cannot be read. keepalived prints a
message and goes on without it (exit status 0); ` + "`includer`" + `, ` + "`includem`" + `, ` + "`includew`" + `, ` + "`includeb`" + ` and ` + "`includea`" + ` make
some of these cases fatal. The fatal ones are errors, the others warnings.

Everything behind the word up to the end of the line is one pattern: no quotes, no second file, no comment sign.
A pattern with wildcards that matches nothing is no finding.`,
		Bad: `-- node1.conf --
includem vrrp.conf
`,
		Good: `-- node1.conf --
include vrrp.inc
-- vrrp.inc --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
	}
}
