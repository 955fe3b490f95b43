package lint

import "strings"

// node1 and node2 are the pair that the examples of the rules across nodes start from.
const (
	node1 = `vrrp_instance VI_1 {
    state MASTER
    interface eth0
    virtual_router_id 51
    priority 100
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass S3cret
    }
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`
	node2 = `vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 90
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass S3cret
    }
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`
	pairGood = "-- node1.conf --\n" + node1 + "-- node2.conf --\n" + node2
)

// pairBad is the pair with one line of the second node replaced.
func pairBad(old, replacement string) string {
	return "-- node1.conf --\n" + node1 + "-- node2.conf --\n" + strings.Replace(node2, old, replacement, 1)
}

const authBlock = `    authentication {
        auth_type PASS
        auth_pass S3cret
    }
`

// trackedScript is a node that tracks a script.
const trackedScript = `-- node1.conf --
vrrp_script chk_nginx {
    script "/usr/bin/pidof nginx"
    interval 2
}
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    track_script {
        chk_nginx
    }
    virtual_ipaddress {
        192.168.8.100/24
    }
}
` + secured

// tracking is a node that tracks a script with the given lines.
func tracking(script string) string {
	return "-- node1.conf --\n" + secured + "vrrp_script chk_web {\n" + script + "}\n" + `vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    track_script {
        chk_web
    }
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`
}

func withoutAuth(text string) string { return strings.Replace(text, authBlock, "", 1) }

func withVersion3(text string) string {
	return strings.Replace(text, "    advert_int 1\n", "    advert_int 1\n    version 3\n", 1)
}

// withService appends a virtual server with two real servers to a node.
func withService(text, scheduler, second string) string {
	return text + `virtual_server 192.168.8.100 80 {
    delay_loop 6
    lb_algo ` + scheduler + `
    lb_kind DR
    protocol TCP
    real_server 192.168.8.130 80 {
        TCP_CHECK {
        }
    }
    real_server ` + second + ` 80 {
        TCP_CHECK {
        }
    }
}
`
}

// The examples of dead-keyword: a virtual server as tutorials show it.
const (
	svcGood = `-- node1.conf --
virtual_server 192.168.8.100 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 192.168.8.130 80 {
        TCP_CHECK {
            retry 3
        }
    }
}
`
	svcBad = `-- node1.conf --
virtual_server 192.168.8.100 80 {
    lb_algo rr
    lb_kind NAT
    nat_mask 255.255.255.0
    protocol TCP
    real_server 192.168.8.130 80 {
        TCP_CHECK {
            retry 3
        }
    }
}
`
)

// secured is a part of each example with scripts, which would be a finding by itself without it.
const secured = `global_defs {
    enable_script_security
    script_user keepalived_script
}
`
