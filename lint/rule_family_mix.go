package lint

import (
	"ka/lang/diag"
)

func ruleFamilyMix() *Rule {
	return &Rule{
		Name:     "family-mix",
		Severity: diag.Error,
		Title:    "IPv4 and IPv6 in one instance or virtual server",
		Text: `A virtual router advertises one family, that of its first address. keepalived drops addresses of the other family
from ` + "`virtual_ipaddress`" + `, so they are nowhere. Addresses in ` + "`virtual_ipaddress_excluded`" + ` may be of either family: they
are added with the others and not advertised. Multicast and source addresses of the other family are ignored. A
virtual server likewise drops real servers of the other family (tunnels apart).

For both families with a failover of their own, write two instances in one ` + "`vrrp_sync_group`" + `.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        192.168.8.100/24
        2001:db8::100/64
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
    virtual_ipaddress_excluded {
        2001:db8::100/64
    }
}
`,
	}
}
