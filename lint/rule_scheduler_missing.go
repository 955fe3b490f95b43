package lint

import (
	"ka/lang/diag"
)

func ruleSchedulerMissing() *Rule {
	return &Rule{
		Name:     "scheduler-missing",
		Severity: diag.Warning,
		Title:    "a virtual server without a scheduler",
		Text:     `Without ` + "`lvs_sched`" + ` (or ` + "`lb_algo`" + `) keepalived uses wlc, and says so in its log. Write the scheduler that is meant.`,
		Bad: `-- node1.conf --
virtual_server 192.168.8.100 80 {
    lb_kind NAT
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
