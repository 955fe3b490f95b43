package lint

import (
	"ka/lang/diag"
	"ka/lang/schema/kw"
)

func ruleBFDIntervalLong() *Rule {
	return &Rule{
		Name:     "bfd-interval-long",
		Severity: diag.Warning,
		Title:    "a BFD interval over ten seconds",
		Text: `The times of a ` + "`" + kw.BFDInstance + "`" + ` count milliseconds. A value above 10000 is taken, and makes a session that notices the
loss of its neighbour after minutes: VRRP itself would be faster.`,
		Bad: `-- node1.conf --
bfd_instance peer {
    neighbor_ip 192.168.8.2
    min_rx 50000
}
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        192.168.8.100/24
    }
    track_bfd {
        peer
    }
}
`,
		Good: `-- node1.conf --
bfd_instance peer {
    neighbor_ip 192.168.8.2
    min_rx 50
}
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        192.168.8.100/24
    }
    track_bfd {
        peer
    }
}
`,
	}
}
