package lint

import (
	"ka/lang/diag"
)

func ruleUnclosedBlock() *Rule {
	return &Rule{
		Name:     "unclosed-block",
		Severity: diag.Error,
		Title:    "a block is never closed",
		Text: `A block has no closing brace, so all that follows is read as part of it, up to the end of the file. keepalived says
only how many braces are missing, and starts all the same with what it made of the text.

The finding points at the keyword whose block stays open. Indentation helps to find the place: ` + "`kac fmt`" + ` shows
which block a line belongs to.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        192.168.8.100/24
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
