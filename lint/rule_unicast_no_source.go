package lint

import (
	"ka/lang/diag"
)

func ruleUnicastNoSource() *Rule {
	return &Rule{
		Name:     "unicast-no-source",
		Severity: diag.Error,
		Title:    "unicast without an interface and without a source address",
		Text: `An instance that sends to peers needs no ` + "`interface`" + `. Without one it needs ` + "`unicast_src_ip`" + `, and no address of the link
in IPv6, which means nothing without an interface. keepalived otherwise does not start any instance.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    virtual_router_id 51
    priority 100
    unicast_peer {
        192.168.8.2
    }
    virtual_ipaddress {
        192.168.8.100/24 dev eth0
    }
}
`,
		Good: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    virtual_router_id 51
    priority 100
    unicast_src_ip 192.168.8.1
    unicast_peer {
        192.168.8.2
    }
    virtual_ipaddress {
        192.168.8.100/24 dev eth0
    }
}
`,
	}
}
