package lint

import "ka/lang/diag"

func ruleBraceInWord() *Rule {
	return &Rule{
		Name:           "brace-in-word",
		Severity:       diag.Error,
		ExplainsOnLine: []string{"auth-pass-truncated", "invalid-value"},
		Title:          "a brace in the middle of a word",
		Text: `keepalived cuts a line at every brace that is not in double quotes, also in the middle of a word and in single quotes. A
password ` + "`a{b`" + ` becomes ` + "`a`" + `, and the brace opens or closes a block: what follows is read in the wrong place.

The rule looks at passwords, at single quotes, and at double quotes with a \" in them, which keepalived takes for their
end; the braces of placeholders are [template-residue](template-residue.md)'s. The rest of the file is judged as if the
word were in double quotes.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    authentication {
        auth_type PASS
        auth_pass a{b}c
    }
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
    authentication {
        auth_type PASS
        auth_pass "a{b}c"
    }
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
	}
}
