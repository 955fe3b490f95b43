package lint

import (
	"ka/lang/diag"
)

func ruleTextDirective() *Rule {
	return &Rule{
		Name:     "text-directive",
		Severity: diag.Error,
		Title:    "a parameter, condition or loop that this release does not read",
		Text: `Parameters (` + "`$NAME=value`" + `, ` + "`${NAME}`" + `), conditions (` + "`@id`" + `) and loops (` + "`~SEQ`" + `, ` + "`~LST`" + `) change the text before
keepalived reads it. This release does not evaluate them: what depends on them cannot be judged, so findings near
them may be missing or wrong.

See docs/limits.md.`,
		Bad: `-- node1.conf --
$PRIORITY=100
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
