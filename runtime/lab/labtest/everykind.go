package labtest

// EveryKind is a configuration for host a with each kind of object that karun makes, in both families.
const EveryKind = `static_ipaddress {
    10.77.0.50/24 dev eth0
    2001:db8:77::50/64 dev eth0
}
static_routes {
    blackhole 10.99.3.0/24 table 99
    10.99.4.0/24 nexthop via 10.77.0.2 nexthop via 10.77.0.3
    2001:db8:99::/64 via 2001:db8:77::2
}
static_rules {
    from 10.77.0.50 table 99 preference 1000
    from 2001:db8:77::50 table 99 preference 1000
}
vrrp_instance V4 {
    interface eth0
    virtual_router_id 51
    priority 254
    use_vmac
    virtual_ipaddress {
        10.77.0.100/24
    }
    virtual_ipaddress_excluded {
        10.77.0.101/32 dev lo
    }
    virtual_routes {
        10.99.2.0/24 via 10.77.0.2
    }
    virtual_rules {
        from 10.77.0.100 table 99 preference 1001
        to 2001:db8:78::/64 fwmark 7/0xff unreachable preference 1002
    }
}
vrrp_instance V6 {
    interface eth0
    virtual_router_id 52
    priority 254
    version 3
    use_vmac
    no_accept
    virtual_ipaddress {
        fe80::100
        2001:db8:77::100/64
    }
}
vrrp_instance P {
    interface eth0
    virtual_router_id 53
    priority 254
    promote_secondaries
    no_accept
    virtual_ipaddress {
        10.77.0.103
    }
}
`
