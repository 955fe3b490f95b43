package lint

import (
	"ka/lang/diag"
)

func ruleDuplicateKeyword() *Rule {
	return &Rule{
		Name:     "duplicate-keyword",
		Severity: diag.Warning,
		Title:    "a setting is given twice in one block",
		Text: `Only one of the two counts: for most keywords keepalived uses the last one and says nothing, for some it keeps the first. The
finding says which.

A second list ` + "`group`" + ` is an error: keepalived drops the whole sync or track group, and reads what follows in its block as if it
stood outside.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    advert_int 1
    priority 150
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
		Good: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 150
    advert_int 1
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
	}
}
