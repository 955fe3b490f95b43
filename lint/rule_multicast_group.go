package lint

import (
	"ka/lang/diag"
)

func ruleMulticastGroup() *Rule {
	return &Rule{
		Name:     "multicast-group",
		Severity: diag.Error,
		Title:    "a multicast group that is not of the link",
		Text: `The group of an IPv6 instance must be a multicast address of the link (ff02::/16). keepalived ignores another one and
sends to ff02::12, or to ` + "`vrrp_mcast_group6`" + `: nodes that were set up otherwise do not hear it.

In ` + "`vrrp_mcast_group6`" + ` keepalived takes any multicast address, with a line in its log: that is a warning.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    mcast_dst_ip ff05::12
    virtual_ipaddress {
        fe80::100/64
    }
}
`,
		Good: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    mcast_dst_ip ff02::1:12
    virtual_ipaddress {
        fe80::100/64
    }
}
`,
	}
}
