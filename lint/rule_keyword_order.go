package lint

import (
	"ka/lang/diag"
)

func ruleKeywordOrder() *Rule {
	return &Rule{
		Name:     "keyword-order",
		Severity: diag.Error,
		Title:    "a keyword above the one that it belongs to",
		Text: `keepalived reads a block from top to bottom. The flags of the schedulers sh and mh count only below ` + "`lvs_sched sh`" + ` or
` + "`lvs_sched mh`" + `, and ` + "`sorry_server_inhibit`" + ` and ` + "`sorry_server_lvs_method`" + ` only below ` + "`sorry_server`" + `. Above it they are ignored.`,
		Bad: `-- node1.conf --
virtual_server 192.168.8.100 80 {
    lb_kind NAT
    protocol TCP
    sh-port
    lvs_sched sh
    real_server 192.168.8.130 80 {
        TCP_CHECK {
        }
    }
}
`,
		Good: `-- node1.conf --
virtual_server 192.168.8.100 80 {
    lb_kind NAT
    protocol TCP
    lvs_sched sh
    sh-port
    real_server 192.168.8.130 80 {
        TCP_CHECK {
        }
    }
}
`,
	}
}
