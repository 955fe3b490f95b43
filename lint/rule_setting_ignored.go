package lint

import (
	"ka/lang/diag"
)

func ruleSettingIgnored() *Rule {
	return &Rule{
		Name:     "setting-ignored",
		Severity: diag.Warning,
		Title:    "a setting that has no effect beside another one",
		Text: `Some settings only count together with others, or are put out of force by them. keepalived then ignores the setting, or
changes it, with a line in its log: ` + "`unicast_ttl`" + ` without peers, ` + "`vmac_xmit_base`" + ` without ` + "`use_vmac`" + `, ` + "`mcast_dst_ip`" + `
beside unicast peers, ` + "`timer_expired_backup`" + ` without ` + "`nopreempt`" + `, ` + "`owner_ignore_adverts`" + ` below priority 255; ` + "`ops`" + ` where
the protocol is not UDP, the words about a regular expression where there is none; ` + "`vrrp_iptables`" + ` beside ` + "`nftables`" + `, ` + "`vrrp_ipsets`" + ` without
` + "`vrrp_iptables`" + `, ` + "`random_seed`" + ` at all.

The instance works, but not as the text says. Remove the setting, or write what it needs.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    unicast_ttl 64
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
		Good: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
	}
}
