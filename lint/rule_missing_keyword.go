package lint

import (
	"ka/lang/diag"
)

func ruleMissingKeyword() *Rule {
	return &Rule{
		Name:     "missing-keyword",
		Severity: diag.Error,
		Title:    "a block without a keyword that it needs",
		Text: `A block lacks what keepalived cannot do without: an instance without ` + "`virtual_router_id`" + ` or ` + "`interface`" + `, a
` + "`vrrp_script`" + ` without ` + "`script`" + `. keepalived leaves the whole block out.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    priority 100
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
    priority 100
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
	}
}
