package lint

import "ka/lang/diag"

func ruleTemplateResidue() *Rule {
	return &Rule{
		Name:            "template-residue",
		Severity:        diag.Warning,
		ExplainsItsText: true,
		ExplainsInBlock: []string{"missing-keyword", "unicast-empty"},
		Title:           "a placeholder that nobody filled in",
		Text: `The text holds something that a person or a program was to replace: ` + "`{{ vip }}`, `${VIP:-x}`, `<ip>`, `@VIP@`,\n`__VIP__`, `YOUR_IP`, `X.X.X.X`" + `. keepalived takes it literally: where an address belongs it leaves out the line, where a
name belongs (an interface, a script) it looks for a thing of that name. Braces outside of double quotes are worse:
keepalived cuts the line there and closes the block around it, so the file is read quite differently from what it says.
That is an error.

Each placeholder is reported once for each file, with the first places that hold it; what keepalived rejects because of
it is a note of that finding. A reference to a parameter (` + "`$VIP`, `${VIP}`" + `) is taken for a placeholder only where the file
defines no parameters at all.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface YOUR_NIC
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
