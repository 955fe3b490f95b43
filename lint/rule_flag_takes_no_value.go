package lint

import (
	"ka/lang/diag"
)

func ruleFlagTakesNoValue() *Rule {
	return &Rule{
		Name:     "flag-takes-no-value",
		Severity: diag.Warning,
		Title:    "a value behind a switch that has none",
		Text: `The word alone switches something on. What stands behind it is not read, so ` + "`nopreempt off`" + ` switches it on as well. To leave it
off, remove the line.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    nopreempt off
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
