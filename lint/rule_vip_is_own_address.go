package lint

import (
	"ka/lang/diag"
)

func ruleVIPIsOwnAddress() *Rule {
	return &Rule{
		Name:     "vip-is-own-address",
		Severity: diag.Warning,
		Title:    "a virtual address that is the node's own",
		Text: `A virtual address belongs to no machine: whoever is master has it. If it is the source address of the adverts, or stands
in ` + "`static_ipaddress`" + `, keepalived removes it from the node that leaves MASTER, and with it what the node is reached at.
Only with priority 255 is the node its owner.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    mcast_src_ip 192.168.8.100
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
    mcast_src_ip 192.168.8.1
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
	}
}
