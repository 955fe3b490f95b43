package lint

import (
	"ka/lang/diag"
)

func ruleRulePreferenceMissing() *Rule {
	return &Rule{
		Name:     "rule-preference-missing",
		Severity: diag.Warning,
		Title:    "a routing rule without a preference",
		Text: `The preference orders the routing rules of a machine. keepalived gives a rule without one 16384, the next one of the
same family 16383, and so on: the rules end up in the opposite order of the text, and a line more or less moves all
that follow.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        192.168.8.100/24
    }
    virtual_rules {
        from 192.168.8.100 table 100
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
    virtual_rules {
        from 192.168.8.100 table 100 preference 1000
    }
}
`,
	}
}
