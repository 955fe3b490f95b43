package lint

import (
	"fmt"
	"strings"

	"ka/lang/diag"
)

func ruleTooManyVips() *Rule {
	return &Rule{
		Name:     "too-many-vips",
		Severity: diag.Warning,
		Title:    "more addresses than an advert can count",
		Text: `An advert counts its addresses in one byte: at most 255. keepalived takes the rest as if they stood in
` + "`virtual_ipaddress_excluded`" + `: they are added and removed with the others, and not advertised. If the list of another node
has another order, its adverts differ.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
` + manyAddresses(256) + `    }
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

// manyAddresses writes n lines of virtual addresses.
func manyAddresses(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "        192.168.%d.%d\n", 8+i/200, 1+i%200)
	}
	return b.String()
}
