package lint

import (
	"ka/lang/diag"
)

func ruleMisplacedKeyword() *Rule {
	return &Rule{
		Name:            "misplaced-keyword",
		Severity:        diag.Error,
		ExplainsInBlock: []string{"missing-keyword"},
		Title:           "a keyword in a block it does not belong to",
		Text: `The word is a keyword, but not of this block: keepalived leaves the line out. The finding names the blocks that the
word belongs to. A usual cause is a closing brace too early or too late.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    authentication {
        nopreempt
        auth_type PASS
        auth_pass 1111
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
    nopreempt
    authentication {
        auth_type PASS
        auth_pass 1111
    }
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
	}
}
