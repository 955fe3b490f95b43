package lint

import (
	"ka/lang/diag"
)

func ruleNopreemptIgnored() *Rule {
	return &Rule{
		Name:     "nopreempt-ignored",
		Severity: diag.Warning,
		Title:    "nopreempt beside state MASTER has no effect",
		Text: `keepalived clears ` + "`nopreempt`" + ` where the instance has ` + "`state MASTER`" + ` (and says so in the log only). After its
recovery the node takes the addresses back, which the word should have prevented.

Write ` + "`state BACKUP`" + ` on every node; the priority decides who is master.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state MASTER
    interface eth0
    virtual_router_id 51
    priority 100
    nopreempt
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
    nopreempt
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
	}
}
