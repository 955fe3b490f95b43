package lint

import (
	"ka/lang/diag"
)

func ruleNoHealthCheck() *Rule {
	return &Rule{
		Name:     "no-health-check",
		Severity: diag.Warning,
		Title:    "a real server without a health check",
		Text: `keepalived takes a real server without any checker as up for ever: it gets its share of the connections even when it is
dead. ` + "`TCP_CHECK { }`" + ` is the least to write.`,
		Bad: `-- node1.conf --
virtual_server 192.168.8.100 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 192.168.8.130 80 {
        weight 1
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
