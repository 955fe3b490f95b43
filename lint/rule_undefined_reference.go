package lint

import (
	"ka/lang/diag"
)

func ruleUndefinedReference() *Rule {
	return &Rule{
		Name:     "undefined-reference",
		Severity: diag.Error,
		Title:    "a name that is defined nowhere",
		Text: `A tracked script, a virtual server group or the like is not defined in this file. keepalived reports it and goes on
without it: the instance runs unchecked.

A name that is defined, but too far down, is ` + "`used-before-defined`" + `.`,
		Bad: `-- node1.conf --
vrrp_script chk_nginx {
    script "/usr/bin/pidof nginx"
    interval 2
}
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    track_script {
        chk_ngnix
    }
    virtual_ipaddress {
        192.168.8.100/24
    }
}
` + secured,
		Good: `-- node1.conf --
vrrp_script chk_nginx {
    script "/usr/bin/pidof nginx"
    interval 2
}
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    track_script {
        chk_nginx
    }
    virtual_ipaddress {
        192.168.8.100/24
    }
}
` + secured,
	}
}
