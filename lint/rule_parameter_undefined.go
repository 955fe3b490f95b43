package lint

import (
	"ka/lang/diag"
)

func ruleParameterUndefined() *Rule {
	return &Rule{
		Name:     "parameter-undefined",
		Severity: diag.Error,
		Title:    "a parameter that is not replaced",
		Text: `keepalived replaces ${NAME} by the value of $NAME=VALUE on a line read before. A name that is not defined there stays
as it is, and its braces become those of a block: the rest of the line and the next "}" are read as something else.
The same happens to a parameter of several lines that is not the last on its line, and where the words behind the
name do not fit (${_PWD x}); ${_ENV} without a name crashes keepalived.

$NAME without braces stays as it is, too: at the start of a line keepalived takes it for a keyword, elsewhere for a
value. It is reported where it starts a line, and where it is a word of its own in a text that defines parameters.
A line that is nearly a definition ($NAME = VALUE, $2ND=VALUE) is none: keepalived takes it for a keyword.

In quotes $NAME and ${NAME} are text for whoever reads it later: they are not reported.`,
		Bad: `-- node1.conf --
$PRIORITY=100
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority ${PRIO}
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
		Good: `-- node1.conf --
$PRIORITY=100
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority ${PRIORITY}
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
	}
}
