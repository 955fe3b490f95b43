package lint

import (
	"ka/lang/diag"
	"ka/lang/schema/kw"
)

func ruleBFDSelf() *Rule {
	return &Rule{
		Name:     "bfd-self",
		Severity: diag.Warning,
		Title:    "a BFD session of a node with itself",
		Text: `` + "`" + kw.NeighborIP + "`" + ` is the other node's address, ` + "`" + kw.SourceIP + "`" + ` this node's. Where both are the same, the session says nothing
about the other node. keepalived does not look at it.`,
		Bad: `-- node1.conf --
bfd_instance peer {
    neighbor_ip 192.168.8.1
    source_ip 192.168.8.1
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
    source_ip 192.168.8.1
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
