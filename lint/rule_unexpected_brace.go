package lint

import (
	"ka/lang/diag"
)

func ruleUnexpectedBrace() *Rule {
	return &Rule{
		Name:           "unexpected-brace",
		Severity:       diag.Error,
		ExplainsOnLine: []string{"extra-words", "missing-argument"},
		Title:          "a brace that opens or closes nothing",
		Text: `A closing brace has no block to close, or an opening one follows a word that has no block. What follows a surplus
closing brace is read at the top level, where its keywords mean nothing.

Also a word that is nothing but a quoted brace counts as a brace.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        192.168.8.100/24
    }
}
}
`,
		Good: `-- node1.conf --
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
		Structural: true,
	}
}
