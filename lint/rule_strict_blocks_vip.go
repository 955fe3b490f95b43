package lint

import (
	"ka/lang/diag"
)

func ruleStrictBlocksVIP() *Rule {
	return &Rule{
		Name:     "strict-blocks-vip",
		Severity: diag.Warning,
		Title:    "strict mode drops what is sent to the addresses",
		Text: `In strict mode a node accepts nothing for the virtual addresses unless it owns them (priority 255): keepalived adds
firewall rules that drop it all. The addresses do not answer to ping, services on them are not reached, and neither are
virtual servers. Many files have ` + "`vrrp_strict`" + ` only because the packaged example has it.

With version 3, ` + "`accept`" + ` in the instance lifts it. In version 2 there is no such word: leave strict mode. Whoever wants
it so writes ` + "`no_accept`" + `.`,
		Bad: `-- node1.conf --
global_defs {
    vrrp_strict
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
    router_id lb1
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
