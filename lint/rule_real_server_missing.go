package lint

import (
	"ka/lang/diag"
)

func ruleRealServerMissing() *Rule {
	return &Rule{
		Name:     "real-server-missing",
		Severity: diag.Error,
		Title:    "a virtual server without real servers",
		Text:     `keepalived drops a virtual server without a real server: nothing answers on its address.`,
		Bad: `-- node1.conf --
virtual_server 192.168.8.100 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
}
`,
		Good: `-- node1.conf --
virtual_server 192.168.8.100 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 192.168.8.130 80 {
        TCP_CHECK {
        }
    }
}
`,
	}
}
