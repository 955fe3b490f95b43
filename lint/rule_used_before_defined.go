package lint

import (
	"ka/lang/diag"
)

func ruleUsedBeforeDefined() *Rule {
	return &Rule{
		Name:     "used-before-defined",
		Severity: diag.Error,
		Title:    "a name that is defined too far down",
		Text: `keepalived reads the text once, from top to bottom. A ` + "`vrrp_script`, `track_file`, `vrrp_track_process` or\n`bfd_instance`" + ` must be defined before the instances, groups and checks that name it, a ` + "`track_group`" + ` before the static
lines that do. A definition further down is as good as none: keepalived reports the name and goes on without it, and
the instance runs unchecked.

Members of sync groups, virtual server groups and the instance of ` + "`lvs_sync_daemon`" + ` may be defined anywhere.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    track_script {
        chk_nginx
    }
    virtual_ipaddress {
        192.168.8.100/24
    }
}
vrrp_script chk_nginx {
    script "/usr/bin/pidof nginx"
    interval 2
}
` + secured,
		Good: trackedScript,
	}
}
