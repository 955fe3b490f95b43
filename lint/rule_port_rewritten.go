package lint

import (
	"ka/lang/diag"
)

func rulePortRewritten() *Rule {
	return &Rule{
		Name:     "port-rewritten",
		Severity: diag.Warning,
		Title:    "a port of a real server that is not used",
		Text: `With direct routing and tunnels packets reach the real server as they came: with the address and the port of the virtual
server. A port of a real server or of a sorry server that differs is replaced, and with a firewall mark there is none. Health
checks keep the port as written.`,
		Bad: `-- node1.conf --
virtual_server 192.168.8.100 80 {
    lb_algo rr
    lb_kind DR
    protocol TCP
    real_server 192.168.8.130 8080 {
        TCP_CHECK {
        }
    }
}
`,
		Good: `-- node1.conf --
virtual_server 192.168.8.100 80 {
    lb_algo rr
    lb_kind DR
    protocol TCP
    real_server 192.168.8.130 80 {
        TCP_CHECK {
        }
    }
}
`,
	}
}
