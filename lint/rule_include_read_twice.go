package lint

import (
	"ka/lang/diag"
)

func ruleIncludeReadTwice() *Rule {
	return &Rule{
		Name:     "include-read-twice",
		Severity: diag.Warning,
		Title:    "an include line whose files are read twice",
		Text: `keepalived's parent reads the files and hands a copy of the text, includes followed, to the processes that read the
blocks. Where an include does not start its line (it stands behind a condition, a loop, a brace, or its word comes
out of a parameter), the copy has the files in it and the line too, so those processes read them twice: instances
and servers are there twice, and keepalived reports duplicates. In global_defs, which only the parent reads, it does
no harm. ka reads the files once.`,
		Bad: `-- node1.conf --
global_defs {
    router_id lb01
} include vrrp.inc
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
		Good: `-- node1.conf --
global_defs {
    router_id lb01
}
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
	}
}
