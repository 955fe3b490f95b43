package lint

import (
	"ka/lang/diag"
)

func ruleCheckPortDiffers() *Rule {
	return &Rule{
		Name:     "check-port-differs",
		Severity: diag.Warning,
		Title:    "a check looks at another port than the service",
		Text: `A health check has a ` + "`connect_port`" + ` that is the port of another service of the same machine, and no check looks at
the service's own port: while the other one answers, the real server stays in the table, and its clients get nothing.

A port that no virtual server uses is probably made for checks, and tells of the service: that is info, shown with
` + "`--info`" + `. Where another check of the real server looks at its own port, nothing is said.`,
		Bad: `-- node1.conf --
virtual_server 192.168.8.100 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 192.168.8.130 80 {
        TCP_CHECK {
        }
    }
}
virtual_server 192.168.8.100 443 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 192.168.8.130 443 {
        TCP_CHECK {
            connect_port 80
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
virtual_server 192.168.8.100 443 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 192.168.8.130 443 {
        TCP_CHECK {
        }
        HTTP_GET {
            connect_port 80
            url {
                path /health
                status_code 200
            }
        }
    }
}
`,
	}
}
