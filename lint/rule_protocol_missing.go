package lint

import (
	"ka/lang/diag"
)

func ruleProtocolMissing() *Rule {
	return &Rule{
		Name:     "protocol-missing",
		Severity: diag.Warning,
		Title:    "a virtual server without a protocol balances UDP",
		Text: `keepalived's default is UDP. A web server without ` + "`protocol TCP`" + ` is never reached: the service exists, and no TCP connection
ever matches it.`,
		Bad: `-- node1.conf --
virtual_server 192.168.8.100 80 {
    lb_algo rr
    lb_kind NAT
    real_server 192.168.8.130 80 {
        TCP_CHECK {
        }
    }
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
