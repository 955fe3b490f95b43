package lint

import (
	"strings"

	"ka/lang/diag"
)

func ruleNestingTooDeep() *Rule {
	return &Rule{
		Name:            "nesting-too-deep",
		Severity:        diag.Error,
		ExplainsInBlock: []string{"unknown-keyword", "misplaced-keyword"},
		Title:           "blocks in blocks in blocks, over 32 deep",
		Text: `No configuration that means something nests deeper than 5 blocks. The limit keeps broken or hostile text from using
up the memory of the reader.`,
		Bad: "-- node1.conf --\n" + strings.Repeat("global_defs {\n", 40) + strings.Repeat("}\n", 40),
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
