package lint

import (
	"ka/lang/diag"
)

func ruleCheckIncomplete() *Rule {
	return &Rule{
		Name:     "check-incomplete",
		Severity: diag.Error,
		Title:    "a health check that lacks what it needs",
		Text: `HTTP_GET and SSL_GET need a ` + "`url`" + ` with a ` + "`path`" + `, MISC_CHECK a ` + "`misc_path`" + `, FILE_CHECK a ` + "`track_file`" + ` and BFD_CHECK a ` + "`name`" + `; a
check of a link-local address needs ` + "`bind_if`" + `. keepalived drops a check without it, and a real server that has no other
check then counts as up for ever.`,
		Bad: `-- node1.conf --
virtual_server 192.168.8.100 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 192.168.8.130 80 {
        HTTP_GET {
            connect_timeout 3
        }
    }
}
`,
		Good: `-- node1.conf --
virtual_server 192.168.8.100 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 192.168.8.130 80 {
        HTTP_GET {
            connect_timeout 3
            url {
                path /
            }
        }
    }
}
`,
	}
}
