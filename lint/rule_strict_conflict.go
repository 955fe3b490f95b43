package lint

import (
	"ka/lang/diag"
)

func ruleStrictConflict() *Rule {
	return &Rule{
		Name:     "strict-conflict",
		Severity: diag.Warning,
		Title:    "a setting that strict mode does not allow",
		Text: `` + "`vrrp_strict`" + `, or ` + "`strict_mode`" + ` in an instance, holds keepalived to the RFC. It puts the values of the RFC in the place of
others: three intervals until a master counts as dead, no advert in answer to a lower priority, its own MAC address,
the state that the priority asks for. Unicast is not in the RFC: keepalived then does not start (an error).

Leave strict mode, or remove the setting.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    strict_mode
    version 3
    accept
    down_timer_adverts 5
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
    strict_mode
    version 3
    accept
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
	}
}
