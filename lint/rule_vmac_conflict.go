package lint

import (
	"ka/lang/diag"
)

func ruleVMACConflict() *Rule {
	return &Rule{
		Name:     "vmac-conflict",
		Severity: diag.Error,
		Title:    "interfaces with virtual MACs that get in each other's way",
		Text: `` + "`use_vmac`" + ` makes an interface. Its name must be free: keepalived ignores a name that another instance has. An address of
another, independent instance on that interface holds the instance that made it in FAULT. And one instance makes one
interface: ` + "`use_vmac`" + ` or ` + "`use_ipvlan`" + `. So it is with all instances on one interface: the kernel has either kind on it, and one
type (bridge, private, vepa) for all of its ipvlans, which is that of the one made last.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    use_vmac vrrp51
    virtual_ipaddress {
        192.168.8.100/24
    }
}
vrrp_instance VI_2 {
    state BACKUP
    interface eth0
    virtual_router_id 52
    priority 100
    use_vmac vrrp51
    virtual_ipaddress {
        192.168.8.101/24
    }
}
`,
		Good: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    use_vmac vrrp51
    virtual_ipaddress {
        192.168.8.100/24
    }
}
vrrp_instance VI_2 {
    state BACKUP
    interface eth0
    virtual_router_id 52
    priority 100
    use_vmac vrrp52
    virtual_ipaddress {
        192.168.8.101/24
    }
}
`,
	}
}
