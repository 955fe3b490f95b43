package lint

import (
	"ka/lang/diag"
)

func ruleVIPNotLinkLocal() *Rule {
	return &Rule{
		Name:     "vip-not-link-local",
		Severity: diag.Info,
		Title:    "the first IPv6 address is none of the link",
		Text: `The RFC wants an address of fe80::/10 first in the adverts of an IPv6 virtual router, for the hosts to use as their
router (RFC 9568, 5.2.9). keepalived takes another one as well, and complains in strict mode.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
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
        fe80::100/64
        2001:db8::100/64
    }
}
`,
	}
}
