package lint

import (
	"ka/lang/diag"
)

// authIgnoredRule names a rule whose findings leave no doubt about the rest of the instance.
const authIgnoredRule = "auth-ignored"

func ruleAuthIgnored() *Rule {
	return &Rule{
		Name:            authIgnoredRule,
		Severity:        diag.Error,
		ExplainsInBlock: []string{"auth-mismatch"},
		Title:           "authentication that is not used",
		Text: `VRRP version 3 has no authentication: keepalived drops the block and sends without it. The same happens in version 2
to a block without a password. Who trusts in the password is mistaken, and a partner that has one rejects the adverts.
Adverts of version 2 over IPv6 hold no password: with one, each node rejects all others.

Remove the block on every node, or write the password.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    version 3
    authentication {
        auth_type PASS
        auth_pass S3cret
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
    version 3
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
	}
}
