package lint

import (
	"ka/lang/diag"
)

func ruleHMACOff() *Rule {
	return &Rule{
		Name:     "hmac-off",
		Severity: diag.Error,
		Title:    "auth_hmac without its active key",
		Text: `` + "`active_key`" + ` names the key that signs. If it is missing, or names a key that is not there, keepalived switches
` + "`auth_hmac`" + ` off: the adverts go out without a signature, and others are accepted without one.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    auth_hmac {
        key 1 0123456789abcdef0123456789abcdef
        active_key 2
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
    auth_hmac {
        key 1 0123456789abcdef0123456789abcdef
        active_key 1
    }
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
	}
}
