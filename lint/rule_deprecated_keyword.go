package lint

import (
	"ka/lang/diag"
)

func ruleDeprecatedKeyword() *Rule {
	return &Rule{
		Name:     deprecatedKeyword,
		Severity: diag.Warning,
		Title:    "an old word for which there is a new one",
		Text: `keepalived still reads the word, but reports it as deprecated and may drop it. The fix (` + "`kalint --fix`" + `) writes the
new word where the meaning is the same.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    lvs_sync_daemon_interface eth1
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
		Good: `-- node1.conf --
global_defs {
    lvs_sync_daemon eth1 inst VI_1
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
