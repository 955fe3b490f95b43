package lint

import (
	"ka/lang/diag"
)

func ruleSettingIgnored() *Rule {
	return &Rule{
		Name:     "setting-ignored",
		Severity: diag.Warning,
		Title:    "a setting that cannot apply",
		Text: `Some settings exclude each other: ` + "`ops`" + ` is for UDP, a virtual server on firewall marks has no protocol and no
` + "`ha_suspend`" + `, and the words about a regular expression need one. keepalived ignores what does not apply.`,
		Bad: `-- node1.conf --
virtual_server 192.168.8.100 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    ops
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
}
`,
	}
}
