package lint

import (
	"ka/lang/diag"
)

func ruleVIPNotUnicast() *Rule {
	return &Rule{
		Name:     "vip-not-unicast",
		Severity: diag.Warning,
		Title:    "a virtual address that no host can have",
		Text: `The address of the network itself, its broadcast address, loopback, multicast and 0.0.0.0 are no addresses of hosts.
keepalived takes them, and nobody reaches them. Often a digit is missing, or the prefix length is meant for another
network.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        192.168.8.0/24
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
