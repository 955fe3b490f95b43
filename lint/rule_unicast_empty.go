package lint

import (
	"ka/lang/diag"
)

func ruleUnicastEmpty() *Rule {
	return &Rule{
		Name:     "unicast-empty",
		Severity: diag.Warning,
		Title:    "unicast keywords without a peer",
		Text: `The instance asks for unicast (` + "`unicast_src_ip`" + `, or an empty ` + "`unicast_peer`" + `), but names no peer. keepalived sends its
adverts by multicast then, which a network without multicast does not deliver: two masters. With
` + "`unicast_fault_no_peer`" + ` the instance stays in FAULT for ever.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    unicast_src_ip 192.168.8.1
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
