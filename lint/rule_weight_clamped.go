package lint

import (
	"ka/lang/diag"
)

func ruleWeightClamped() *Rule {
	return &Rule{
		Name:     "weight-clamped",
		Severity: diag.Warning,
		Title:    "a weight that the bounds of the priority make void",
		Text: `Priority and weights together count from 1 to 254. With priority 254 a weight of 10 adds nothing, and its check can fail
without any consequence. The rule adds up what counts while all is well, and what counts when one check fails.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 254
    track_interface {
        eth1 weight 10
    }
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
    track_interface {
        eth1 weight 10
    }
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
	}
}
