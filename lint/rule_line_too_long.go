package lint

import (
	"strings"

	"ka/lang/diag"
)

// lineTooLongRule names the rule whose findings explain all others on their line.
const lineTooLongRule = "line-too-long"

func ruleLineTooLong() *Rule {
	return &Rule{
		Name:     lineTooLongRule,
		Severity: diag.Error,
		Title:    "a line of 1023 bytes or more",
		Text: `keepalived reads lines of at most 1022 bytes. Of a longer one it drops the first 1023 bytes and reads the rest as a
line of its own, comments included.`,
		Bad: "-- node1.conf --\n# " + strings.Repeat("x", 1100) + "\n" + node1,
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
		Structural: true,
	}
}
