package lint

import (
	"ka/lang/diag"
)

func ruleOwnerPriority() *Rule {
	return &Rule{
		Name:     "owner-priority",
		Severity: diag.Error,
		Title:    "weights beside priority 255",
		Text: `Priority 255 is that of the owner of the addresses, and never changes. keepalived drops what is tracked with a weight:
its failure has no consequence, and the addresses stay.

Write a priority of 254 or less, or ` + "`weight 0`" + `: a failure is then a fault, and moves the addresses.`,
		Bad: `-- node1.conf --
vrrp_script chk {
    script "/usr/bin/pgrep haproxy"
    interval 1
}
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 255
    track_script {
        chk weight -10
    }
    virtual_ipaddress {
        192.168.8.100/24
    }
}
` + secured,
		Good: `-- node1.conf --
vrrp_script chk {
    script "/usr/bin/pgrep haproxy"
    interval 1
}
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 255
    track_script {
        chk weight 0
    }
    virtual_ipaddress {
        192.168.8.100/24
    }
}
` + secured,
	}
}
