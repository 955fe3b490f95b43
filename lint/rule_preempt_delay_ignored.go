package lint

import (
	"ka/lang/diag"
)

func rulePreemptDelayIgnored() *Rule {
	return &Rule{
		Name:     "preempt-delay-ignored",
		Severity: diag.Warning,
		Title:    "preempt_delay has no effect here",
		Text: `keepalived clears ` + "`preempt_delay`" + ` beside ` + "`state MASTER`" + ` or ` + "`nopreempt`" + `: the node takes over at once, or never.

Write ` + "`state BACKUP`" + `; the priority decides who is master.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state MASTER
    interface eth0
    virtual_router_id 51
    priority 100
    preempt_delay 300
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
    preempt_delay 300
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
	}
}
