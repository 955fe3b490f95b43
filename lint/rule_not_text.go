package lint

import (
	"strings"

	"ka/lang/diag"
)

func ruleNotText() *Rule {
	return &Rule{
		Name:     "not-text",
		Severity: diag.Error,
		Title:    "a NUL byte in the file",
		Text: `keepalived drops each line with a NUL byte. The file is not plain text: often it is UTF-16, or a disk was full while
it was written.`,
		Bad: "-- node1.conf --\n" + strings.Replace(node1, "    advert_int 1\n", "    advert_int 1\x00\n", 1),
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
