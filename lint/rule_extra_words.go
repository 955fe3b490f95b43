package lint

import (
	"ka/lang/diag"
)

func ruleExtraWords() *Rule {
	return &Rule{
		Name:            "extra-words",
		Severity:        diag.Warning,
		Title:           "words behind a setting that keepalived reads over",
		ExplainsInBlock: []string{"missing-keyword"},
		ExplainsOnLine:  []string{"auth-ignored"},
		Text: `keepalived takes the words that a keyword needs and reads over the rest of the line, without a word about it. So the second of two
settings on one line is lost, and a remark without ` + "`#`" + ` looks like a part of the value but is none.

When the next word is a keyword of the block, the finding says so: each setting has a line of its own.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP priority 150
    interface eth0
    virtual_router_id 51
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
		Good: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    priority 150
    interface eth0
    virtual_router_id 51
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
	}
}
