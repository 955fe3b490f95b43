package lint

import (
	"ka/lang/diag"
)

func ruleDuplicateVirtualServer() *Rule {
	return &Rule{
		Name:     "duplicate-virtual-server",
		Severity: diag.Error,
		Title:    "a virtual server that is defined twice",
		Text: `Two blocks have the same address, port and protocol. The kernel has room for one of them: keepalived writes both,
the second fails or replaces the first, and the checks of both go on.`,
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
virtual_server 192.168.8.100 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 192.168.8.131 80 {
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
virtual_server 192.168.8.100 443 {
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
