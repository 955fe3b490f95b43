package lint

import (
	"ka/lang/diag"
)

func ruleInvalidValue() *Rule {
	return &Rule{
		Name:            "invalid-value",
		Severity:        diag.Error,
		ExplainsInBlock: []string{"missing-keyword"},
		Title:           "a value that is not allowed",
		Text: `A number is outside its range, an address is none, a word is not among those that are allowed. keepalived reports
it and takes the default, or leaves the line out.

The finding names what is allowed.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 300
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
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
	}
}
