package lint

import (
	"ka/lang/diag"
)

func ruleDuplicateName() *Rule {
	return &Rule{
		Name:     "duplicate-name",
		Severity: diag.Error,
		Title:    "a name that is used twice",
		Text: `Two blocks of one kind have the same name, or a list names the same thing twice. keepalived keeps the first and
skips the other, so what is written there has no effect. For ` + "`vrrp_script`" + ` it is a warning: the first one runs.`,
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
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 52
    priority 100
    virtual_ipaddress {
        192.168.8.101/24
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
