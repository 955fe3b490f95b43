package lint

import (
	"ka/lang/diag"
)

func ruleSorryServerConflict() *Rule {
	return &Rule{
		Name:     "sorry-server-conflict",
		Severity: diag.Warning,
		Title:    "a sorry server that does not fit",
		Text: `A sorry server of another family than the virtual server is dropped, unless a tunnel reaches it. One that is a real server of
the same virtual server too must be inhibited in both places or in neither: keepalived follows the real server.`,
		Bad: `-- node1.conf --
virtual_server 192.168.8.100 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    sorry_server 192.168.8.130 80
    sorry_server_inhibit
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
    sorry_server 192.168.8.140 80
    real_server 192.168.8.130 80 {
        TCP_CHECK {
        }
    }
}
`,
	}
}
