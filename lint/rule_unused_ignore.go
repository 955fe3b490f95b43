package lint

import "ka/lang/diag"

// ruleUnusedIgnore documents what the engine reports about comments; it has no Run of its own because
// only the engine knows what was hidden.
func ruleUnusedIgnore() *Rule {
	return &Rule{
		Name:     unusedIgnoreRule,
		Severity: diag.Warning,
		Title:    "a comment that ignores a finding hides nothing",
		Text: `A comment "kalint:ignore RULE reason" hides the findings of one rule on its own line, or, on a line of its
own, on the next line that holds text. Both comment signs of keepalived.conf work ("#" and "!").

It is reported when it hides nothing: the mistake was repaired, the comment is on the wrong line, no rule has
that name, or it gives no reason. The reason is required: who reads the file in a year has to know why the
finding was accepted. Findings that make the file unusable (a block that is never closed) cannot be ignored.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    # kalint:ignore nopreempt-ignored we want it so
    priority 100
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
		Good: `-- node1.conf --
vrrp_instance VI_1 {
    state MASTER
    interface eth0
    virtual_router_id 51
    # kalint:ignore nopreempt-ignored the next step of the move to BACKUP everywhere
    nopreempt
    priority 100
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
	}
}
