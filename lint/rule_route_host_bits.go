package lint

import (
	"ka/lang/diag"
)

func ruleRouteHostBits() *Rule {
	return &Rule{
		Name:     "route-host-bits",
		Severity: diag.Warning,
		Title:    "a destination with bits behind its length",
		Text: `The destination of a route is a network; bits behind its prefix length belong to no network. Linux refuses an IPv4
route with such bits and clears them for IPv6, so the route is missing or is not what the text says. keepalived does
not look at them. ka takes the network.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        192.168.8.100/24
    }
    virtual_routes {
        10.20.0.1/24 via 192.168.8.1 dev eth0
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
    virtual_routes {
        10.20.0.0/24 via 192.168.8.1 dev eth0
    }
}
`,
	}
}
