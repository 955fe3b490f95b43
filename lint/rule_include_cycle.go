package lint

import (
	"ka/lang/diag"
)

func ruleIncludeCycle() *Rule {
	return &Rule{
		Name:     "include-cycle",
		Severity: diag.Error,
		Title:    "a file that includes itself",
		Text: `A file includes itself, directly or through others. keepalived reads it again and again until it has no file
descriptors left.`,
		Bad: `-- node1.conf --
global_defs {
    router_id lb01
}
include node1.conf
`,
		Good: `-- node1.conf --
include vrrp.inc
-- vrrp.inc --
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
		Structural: true,
	}
}
