package lint

import "ka/lang/diag"

func ruleTypographicQuote() *Rule {
	return &Rule{
		Name:            "typographic-quote",
		Severity:        diag.Error,
		ExplainsItsText: true,
		ExplainsInBlock: []string{"missing-keyword"},
		Title:           "curly quotes or full-width punctuation",
		Text: `Web pages, word processors and chat programs turn straight quotes into curly ones, and input methods write full-width
punctuation and digits. To keepalived they are letters: ` + "`notify_master “/etc/ha/up.sh”`" + ` looks for a program whose name starts
with a quote, and does not say so. Text in straight double quotes and comments is left alone.

` + "`--fix-intent`" + ` writes the plain characters.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        192.168.8.100/24
    }
    notify_master “/etc/keepalived/up.sh”
}
` + secured,
		Good: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        192.168.8.100/24
    }
    notify_master "/etc/keepalived/up.sh"
}
` + secured,
	}
}
