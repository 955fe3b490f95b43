package lint

import (
	"ka/lang/diag"
)

func ruleDefinitionCut() *Rule {
	return &Rule{
		Name:     "definition-cut",
		Severity: diag.Error,
		Title:    "an empty line or a comment inside a definition",
		Text: `A definition goes on as long as its lines end in a backslash. An empty line ends it; so does, for the processes that
read the blocks, a line of nothing but a comment or blanks. The lines behind it are read as configuration where they
stand. (The manual has an example with empty lines; it does not work as printed.)`,
		Bad: `-- node1.conf --
$VIPS= \
    192.168.8.100/24 \
    # the second
    192.168.8.101/24
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        $VIPS
    }
}
`,
		Good: `-- node1.conf --
$VIPS= \
    192.168.8.100/24 \
    192.168.8.101/24
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        $VIPS
    }
}
`,
	}
}
