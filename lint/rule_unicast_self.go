package lint

import (
	"ka/lang/diag"
)

func ruleUnicastSelf() *Rule {
	return &Rule{
		Name:     "unicast-self",
		Severity: diag.Warning,
		Title:    "a node that is its own peer",
		Text: `The list of peers holds the node's own source address: it sends its adverts to itself. Lists that are the same on all
nodes do that; each node should name the others.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    unicast_src_ip 192.168.8.1
    unicast_peer {
        192.168.8.1
        192.168.8.2
    }
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
    unicast_src_ip 192.168.8.1
    unicast_peer {
        192.168.8.2
    }
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
	}
}
