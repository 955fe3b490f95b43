package lint

import (
	"ka/lang/diag"
)

func ruleHMACKeyLength() *Rule {
	return &Rule{
		Name:     "hmac-key-length",
		Severity: diag.Error,
		Title:    "a key of auth_hmac that is too short or too long",
		Text: `A key of ` + "`auth_hmac`" + ` has 32 to 64 bytes, behind ` + "`hex:`" + ` twice as many digits. keepalived drops another one; if it was the
active key, the adverts go out without a signature.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    auth_hmac {
        key 1 secret
        active_key 1
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
