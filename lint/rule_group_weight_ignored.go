package lint

import (
	"ka/lang/diag"
	"ka/lang/schema/kw"
)

func ruleGroupWeightIgnored() *Rule {
	return &Rule{
		Name:     "group-weight-ignored",
		Severity: diag.Error,
		Title:    "a weight that its sync group makes void",
		Text: `What a member of a ` + "`" + kw.VRRPSyncGroup + "`" + ` watches by itself with a weight does not change its priority: the members would
no longer agree. Only with ` + "`" + kw.SyncGroupTrackingWeight + "`" + ` do such weights count. keepalived says that of interfaces, too,
but their weights count all the same.

A group that has an owner among its members, with priority 255, cannot use weights at all, and takes a failure as a fault of all members.

Watch it in the group, where the weight holds for all members.`,
		Bad: `-- node1.conf --
vrrp_script chk {
    script /usr/bin/chk
    interval 1
}
vrrp_sync_group G1 {
    group {
        VI_1
        VI_2
    }
    track_script {
        chk weight -20
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
    interface eth0
    virtual_router_id 52
    priority 255
    virtual_ipaddress {
        192.168.8.101/24
    }
}
` + secured,
		Good: `-- node1.conf --
vrrp_script chk {
    script /usr/bin/chk
    interval 1
}
vrrp_sync_group G1 {
    group {
        VI_1
        VI_2
    }
    track_script {
        chk weight -20
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
` + secured,
	}
}
