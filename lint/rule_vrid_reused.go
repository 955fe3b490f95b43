package lint

import (
	"ka/lang/diag"
)

func ruleVRIDReused() *Rule {
	return &Rule{
		Name:     "vrid-reused",
		Severity: diag.Error,
		Title:    "two instances of one node with one virtual router id on one interface",
		Text: `keepalived cannot tell two virtual routers of the same family, interface and ` + "`virtual_router_id`" + ` apart. It then does not
start any instance. With unicast the instances collide if they have the same source and a peer in common.`,
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
    virtual_router_id 51
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
