package lint

import (
	"ka/lang/diag"
)

func rulePersistenceForced() *Rule {
	return &Rule{
		Name:     "persistence-forced",
		Severity: diag.Warning,
		Title:    "a virtual server without a port is made persistent",
		Text: `A service on all ports of an address must be persistent in the kernel. Where no ` + "`persistence_timeout`" + ` is written
keepalived sets 360 s. If one port is meant, the port is missing; if all are, write the time.`,
		Bad: `-- node1.conf --
virtual_server 192.168.8.100 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 192.168.8.130 80 {
        TCP_CHECK {
        }
    }
}
`,
		Good: `-- node1.conf --
virtual_server 192.168.8.100 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    persistence_timeout 600
    real_server 192.168.8.130 80 {
        TCP_CHECK {
        }
    }
}
`,
	}
}
