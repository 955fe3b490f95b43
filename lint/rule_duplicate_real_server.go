package lint

import (
	"ka/lang/diag"
)

func ruleDuplicateRealServer() *Rule {
	return &Rule{
		Name:     "duplicate-real-server",
		Severity: diag.Error,
		Title:    "a real server that is listed twice",
		Text: `The same address and port stands twice in one virtual server. keepalived removes the second block, with its weight
and its checks.`,
		Bad: `-- node1.conf --
virtual_server 192.168.8.100 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 192.168.8.130 80 {
        TCP_CHECK {
        }
    }
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
    real_server 192.168.8.131 80 {
        TCP_CHECK {
        }
    }
}
`,
	}
}
