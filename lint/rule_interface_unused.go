package lint

import (
	"ka/lang/diag"
)

func ruleInterfaceUnused() *Rule {
	return &Rule{
		Name:     "interface-unused",
		Severity: diag.Warning,
		Title:    "settings of an interface that nothing uses",
		Text: `A line of ` + "`linkbeat_interfaces`" + ` or ` + "`interface_up_down_delays`" + ` says how an interface is watched. Where no instance is on that
interface, has an address or a route on it, or tracks it, nobody watches it, and the line has no effect. Mostly the name
is misspelt, or the interface was renamed elsewhere.`,
		Bad: `-- node1.conf --
interface_up_down_delays {
    eth9 0.5
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
interface_up_down_delays {
    eth0 0.5
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
