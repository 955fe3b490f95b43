package lint

import (
	"ka/lang/diag"
	"ka/lang/schema/kw"
)

func ruleSingleMemberGroup() *Rule {
	return &Rule{
		Name:     "single-member-group",
		Severity: diag.Warning,
		Title:    "a sync group of one",
		Text: `A ` + "`" + kw.VRRPSyncGroup + "`" + ` keeps instances in one state. With a single member there is nothing to keep in step; either the
second instance is missing, or the group does nothing but run its notifications.`,
		Bad: `-- node1.conf --
vrrp_sync_group G1 {
    group {
        VI_1
    }
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
vrrp_instance VI_2 {
    state BACKUP
    interface eth0
    virtual_router_id 52
    priority 100
    virtual_ipaddress {
        192.168.8.101/24
    }
}
`,
		Good: `-- node1.conf --
vrrp_sync_group G1 {
    group {
        VI_1
        VI_2
    }
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
vrrp_instance VI_2 {
    state BACKUP
    interface eth0
    virtual_router_id 52
    priority 100
    virtual_ipaddress {
        192.168.8.101/24
    }
}
`,
	}
}
