package lint

import (
	"ka/lang/diag"
)

func ruleVIPMissing() *Rule {
	return &Rule{
		Name:     "vip-missing",
		Severity: diag.Warning,
		Title:    "an instance without a virtual address",
		Text: `The instance has no ` + "`virtual_ipaddress`" + `. In version 2 keepalived takes part in the election all the same, about nothing.
In version 3 and in strict mode it does not start any instance at all, which is an error; there ` + "`no_virtual_ipaddress`" + `
says that it is meant (not in strict mode).`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
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
