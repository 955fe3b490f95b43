package lint

import (
	"ka/lang/diag"
)

func ruleCheckPortDiffers() *Rule {
	return &Rule{
		Name:     "check-port-differs",
		Severity: diag.Warning,
		Title:    "a check looks at another port than the service",
		Text: `A health check has a ` + "`connect_port`" + ` that is not the port of the real server. The service may be down while something
else answers on the other port: the real server stays in the table, and its clients get nothing. It is right where the
other port is made for the purpose; say so with an ignore comment, or check both.`,
		Bad: `-- node1.conf --
virtual_server 192.168.8.100 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 192.168.8.130 80 {
        TCP_CHECK {
            connect_port 8080
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
