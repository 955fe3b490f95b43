package lint

import "ka/lang/diag"

func ruleNotConfiguration() *Rule {
	return &Rule{
		Name:            "not-configuration",
		Severity:        diag.Error,
		ExplainsInBlock: []string{"missing-keyword"},
		ExplainsInside:  true,
		Title:           "pasted text that is no configuration",
		Text: `The file holds something else than a configuration: the mark of a merge conflict, a shell prompt or a whole script,
HTML of the page it was copied from, the fence of a Markdown block, the YAML it was wrapped in, or ` + "`[...]`" + ` where
somebody left lines out. keepalived reports each such line as an unknown keyword and starts without it; braces in the
text are taken for its own, and the lines of both sides of a merge conflict are read, the last of each wins.

Each region is one finding. What would be reported about its lines is a note of it.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
<<<<<<< HEAD
    state BACKUP
=======
    state MASTER
>>>>>>> topic
    interface eth0
    virtual_router_id 51
    priority 100
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
