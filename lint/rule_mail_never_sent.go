package lint

import (
	"fmt"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

func ruleMailNeverSent() *Rule {
	return &Rule{
		Name:     "mail-never-sent",
		Severity: diag.Warning,
		Title:    "mail settings, and nothing that sends mail",
		Text: `Instances send mail only with ` + "`smtp_alert`" + `, their own or that of ` + "`global_defs`" + `. Without it, and without virtual servers, the mail
settings have no effect: a change of the master is told to nobody.`,
		Bad: `-- node1.conf --
global_defs {
    notification_email {
        ops@example.org
    }
    notification_email_from lb1@example.org
    smtp_server 192.0.2.25
}
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
		Good: `-- node1.conf --
global_defs {
    notification_email {
        ops@example.org
    }
    notification_email_from lb1@example.org
    smtp_server 192.0.2.25
    smtp_alert
}
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
		Run: runMailNeverSent,
	}
}

func runMailNeverSent(s *Set, r *Reporter) {
	for _, n := range s.Nodes {
		m := n.Plan.Global.Mail
		server := globalLine(n, kw.SMTPServer)
		if m == nil || server == nil || n.Tree.Unresolved(server.Span) || sendsMail(n, m) {
			continue
		}
		r.Report(diag.Diagnostic{
			Node: n.Name, Span: server.Span,
			Message: fmt.Sprintf("mail is set up and never sent: nothing has %s", kw.SMTPAlert),
			Help:    fmt.Sprintf("write \"%s\" in %s, or take the mail settings out", kw.SMTPAlert, kw.GlobalDefs),
		})
	}
}

// sendsMail reports whether anything of the node sends mail: real servers do unless they are told not to.
func sendsMail(n *Node, m *plan.Mail) bool {
	body := n.Tree.Body
	groups := append(check.FindAll(body, kw.VRRPInstance), check.FindAll(body, kw.VRRPSyncGroup)...)
	if m.VRRPAlerts && len(groups) > 0 {
		return true
	}
	for _, st := range groups {
		if check.FlagSet(st.Children(), kw.SMTPAlert) {
			return true
		}
	}
	return len(check.FindAll(body, kw.VirtualServer)) > 0
}

// globalLine is the line of global_defs that counts, nil where there is none.
func globalLine(n *Node, keyword string) *syntax.Statement {
	var body []*syntax.Statement
	for _, st := range check.FindAll(n.Tree.Body, kw.GlobalDefs) {
		body = append(body, st.Children()...)
	}
	return check.Find(body, keyword)
}
