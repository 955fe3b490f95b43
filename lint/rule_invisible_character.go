package lint

import (
	"strings"

	"ka/lang/diag"
)

func ruleInvisibleCharacter() *Rule {
	return &Rule{
		Name:            "invisible-character",
		Severity:        diag.Error,
		ExplainsInBlock: []string{"missing-keyword"},
		Title:           "a no-break space or another character that is not seen",
		Text: `No-break and ideographic spaces, zero-width characters and byte order marks come with text that is pasted from web
pages. keepalived does not take them for blanks: a no-break space is part of a word, so ` + "`⍽priority`" + ` is an unknown
keyword and ` + "`10⍽`" + ` no number. In an editor the line looks right.

Reported once a line, outside comments. ` + "`kalint --fix-intent`" + ` replaces them with blanks, or deletes those that have
no width. That changes what keepalived reads: the line takes effect.`,
		Bad: strings.Replace(`-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`, "    priority", "\u00a0\u00a0\u00a0 priority", 1),
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
