package lint

import (
	"ka/lang/diag"
)

func ruleSequenceInvalid() *Rule {
	return &Rule{
		Name:     "sequence-invalid",
		Severity: diag.Error,
		Title:    "a loop that keepalived does not read",
		Text: `~SEQ(NAME, FIRST, STEP, LAST) repeats the rest of its line for each number, ~LST(NAME, A, B) for each value. A loop
whose parentheses, numbers or values do not fit is dropped with its line. Loops of more than 100000 rounds are
refused here; keepalived would read them for hours.

A loop, or a condition (@id), that stands at the start of a line only because a parameter put it there is taken for
an unknown keyword by keepalived 2.4.3; release 2.2.7 read it.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        ~SEQ(I, 100, -1, 102) 192.168.8.$I
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
        ~SEQ(I, 100, 102) 192.168.8.$I
    }
}
`,
	}
}
