package lint

import (
	"ka/lang/diag"
)

func ruleAdvertIntRounded() *Rule {
	return &Rule{
		Name:     "advert-int-rounded",
		Severity: diag.Warning,
		Title:    "an advert interval that is rounded",
		Text: `Version 2 counts whole seconds up to 255, version 3 hundredths of a second up to 40.95 s. keepalived rounds other values,
half up: ` + "`advert_int 0.5`" + ` means one second in version 2.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    advert_int 0.5
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
    version 3
    advert_int 0.5
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
	}
}
