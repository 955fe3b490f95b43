package lint

import "ka/lang/diag"

func ruleCommentInWord() *Rule {
	return &Rule{
		Name:           "comment-in-word",
		Severity:       diag.Warning,
		ExplainsOnLine: []string{"missing-argument", "invalid-value", "unclosed-quote", "script-shell-syntax"},
		Title:          "a comment starts in the middle of a word",
		Text: "`#` and `!`" + ` start a comment wherever they stand, also in the middle of a word. Only double quotes protect them, single quotes
do not. So ` + "`auth_pass pa#ss1`" + ` sets the password ` + "`pa`" + `: the cluster works, with a password that nobody chose, until a node
is configured by something else. A path or a command loses its end.

A comment that is glued to a number or to the word before is none of this rule's business. The rule says how much of a
password is read, and never prints it.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    authentication {
        auth_type PASS
        auth_pass pa#ss1
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
        auth_pass "pa#ss1"
    }
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
	}
}
