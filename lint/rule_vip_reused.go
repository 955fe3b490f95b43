package lint

import (
	"ka/lang/diag"
)

func ruleVIPReused() *Rule {
	return &Rule{
		Name:     "vip-reused",
		Severity: diag.Warning,
		Title:    "two instances of one node hold the same address",
		Text: `Each instance adds its addresses when it becomes master and removes them when it leaves. If two instances hold the same
address, the one that leaves takes it away from the other one. keepalived does not look for it.`,
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
vrrp_instance VI_2 {
    state BACKUP
    interface eth0
    virtual_router_id 52
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
vrrp_instance VI_2 {
    state BACKUP
    interface eth0
    virtual_router_id 52
    priority 100
    virtual_ipaddress {
        192.168.8.101/24
    }
}
`,
	}
}
