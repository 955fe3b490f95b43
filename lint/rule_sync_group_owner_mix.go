package lint

import (
	"ka/lang/diag"
	"ka/lang/schema/kw"
)

func ruleSyncGroupOwnerMix() *Rule {
	return &Rule{
		Name:     "sync-group-owner-mix",
		Severity: diag.Warning,
		Title:    "owners and others in one sync group",
		Text: `Priority 255 belongs to the owner of an address: it takes over whenever it is up and never waits. The other members of
its ` + "`" + kw.VRRPSyncGroup + "`" + ` have to win an election first, so the group cannot change state together. keepalived reports it
and goes on.`,
		Bad: `-- node1.conf --
vrrp_sync_group G1 {
    group {
        VI_1
        VI_2
    }
}
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    priority 255
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
