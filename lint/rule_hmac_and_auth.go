package lint

import (
	"ka/lang/diag"
)

func ruleHMACAndAuth() *Rule {
	return &Rule{
		Name:     "hmac-and-auth",
		Severity: diag.Error,
		Title:    "a password beside signatures",
		Text: `An instance has either ` + "`authentication`" + ` or ` + "`auth_hmac`" + `. keepalived drops the password where both are written, and a
node that still wants it rejects the adverts.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    authentication {
        auth_type PASS
        auth_pass S3cret
    }
    auth_hmac {
        key 1 0123456789abcdef0123456789abcdef
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
