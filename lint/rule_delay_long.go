package lint

import (
	"ka/lang/diag"
)

func ruleDelayLong() *Rule {
	return &Rule{
		Name:     "delay-long",
		Severity: diag.Info,
		Title:    "a delay that is longer than usual",
		Text: `keepalived takes the value and writes a line about it to its log: ` + "`vrrp_garp_interval`" + ` and ` + "`vrrp_gna_interval`" + ` of a
second or more, which spread the announcements of many addresses over minutes after a failover, and a startup delay
of a minute or more, in which a node that was started as the only one leaves its addresses to nobody. The unit is
seconds; a number of milliseconds is a common slip.`,
		Bad: `-- node1.conf --
global_defs {
    vrrp_garp_interval 10
}
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
		Good: `-- node1.conf --
global_defs {
    vrrp_garp_interval 0.01
}
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
