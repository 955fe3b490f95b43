package lint

import (
	"ka/lang/diag"
)

func ruleMissingArgument() *Rule {
	return &Rule{
		Name:            "missing-argument",
		Severity:        diag.Error,
		ExplainsInBlock: []string{"missing-keyword"},
		Title:           "a keyword without the words it needs",
		Text: `The keyword needs a word behind it. keepalived does one of three things, by keyword: it reports it, it ends at once
with status 2 (the whole service is then down), or it crashes.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    advert_int
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
    advert_int 1
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
	}
}
