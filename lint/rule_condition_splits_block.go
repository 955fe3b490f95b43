package lint

import (
	"ka/lang/diag"
)

func ruleConditionSplitsBlock() *Rule {
	return &Rule{
		Name:     "condition-splits-block",
		Severity: diag.Warning,
		Title:    "a condition in front of a block that it does not cover",
		Text: `@id in front of a line makes that line count on one node only. It does not cover the block that the line opens: on
the other nodes its lines, and its closing brace, are read as part of what is around it. The same is true of a
definition that goes on in further lines.

Two lines for two nodes that open one block are fine, and so is a block of which each line has its condition.`,
		Bad: `-- node1.conf --
@node1 vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
		Good: `-- node1.conf --
@node1 vrrp_instance VI_1 {
@node1     state BACKUP
@node1     interface eth0
@node1     virtual_router_id 51
@node1     priority 100
@node1     virtual_ipaddress {
@node1         192.168.8.100/24
@node1     }
@node1 }
`,
	}
}
