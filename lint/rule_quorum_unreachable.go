package lint

import (
	"ka/lang/diag"
)

func ruleQuorumUnreachable() *Rule {
	return &Rule{
		Name:     "quorum-unreachable",
		Severity: diag.Warning,
		Title:    "a quorum that the real servers cannot reach",
		Text: `` + "`quorum`" + ` counts the weight of healthy real servers, not their number. keepalived lowers one above the weight of all of them
to that weight: the quorum is then lost with the first failure. It also keeps ` + "`hysteresis`" + ` below the quorum. Where all weights
are 0 the service never has its quorum.`,
		Bad: `-- node1.conf --
virtual_server 192.168.8.100 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    quorum 2
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
    quorum 2
    real_server 192.168.8.130 80 {
        weight 2
        TCP_CHECK {
        }
    }
}
`,
	}
}
