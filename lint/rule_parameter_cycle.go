package lint

import (
	"ka/lang/diag"
)

func ruleParameterCycle() *Rule {
	return &Rule{
		Name:     "parameter-cycle",
		Severity: diag.Error,
		Title:    "a parameter whose value refers to itself",
		Text: `The value of a parameter is looked at again when it is used. Where it leads back to the same parameter, keepalived
replaces for ever and does not start; where the text grows by it, keepalived stops at 1024 bytes and reads what is
there.`,
		Bad: `-- node1.conf --
$PRIO=${BASE}
$BASE=${PRIO}
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority ${PRIO}
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
		Good: `-- node1.conf --
$PRIO=${BASE}
$BASE=100
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority ${PRIO}
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
	}
}
