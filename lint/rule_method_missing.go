package lint

import (
	"ka/lang/diag"
)

func ruleMethodMissing() *Rule {
	return &Rule{
		Name:     "method-missing",
		Severity: diag.Warning,
		Title:    "a virtual server without a forwarding method",
		Text: `Without ` + "`lvs_method`" + ` (or ` + "`lb_kind`" + `) keepalived uses NAT. Where real servers answer to the clients directly, as they do with
direct routing, nothing works then. Write the method that is meant.`,
		Bad: `-- node1.conf --
virtual_server 192.168.8.100 80 {
    lb_algo rr
    protocol TCP
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
