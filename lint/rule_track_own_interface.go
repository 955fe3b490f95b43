package lint

import (
	"ka/lang/diag"
)

func ruleTrackOwnInterface() *Rule {
	return &Rule{
		Name:     "track-own-interface",
		Severity: diag.Info,
		Title:    "the own interface is tracked twice",
		Text: `An instance always tracks the interface that it is on. keepalived ignores a line of ` + "`track_interface`" + ` that names it, with
its weight.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    track_interface {
        eth0
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
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
	}
}
