package lint

import (
	"ka/lang/diag"
)

func ruleUnknownKeyword() *Rule {
	return &Rule{
		Name:            "unknown-keyword",
		Severity:        diag.Error,
		ExplainsInBlock: []string{"missing-keyword"},
		Title:           "a word that is no keyword",
		Text: `keepalived does not know the word. It reports it, leaves the line out and starts without it, so a misspelt
` + "`priority`" + ` means priority 100. If a block follows, its contents are read as part of the surrounding block.

The nearest keyword of this block is suggested. The contents of an unknown block are not reported again.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    prioriti 150
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
