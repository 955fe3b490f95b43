package lint

import (
	"ka/lang/diag"
)

func ruleRegexInvalid() *Rule {
	return &Rule{
		Name:     "regex-invalid",
		Severity: diag.Error,
		Title:    "a regular expression that does not compile",
		Text: `The pattern of a page is PCRE2. One that does not compile is ignored, with a line in the log only, and any page is right then.
Reported is what certainly does not compile: open groups and classes, quantifiers without anything before them or with their
numbers out of order, bounds between which no match can begin.`,
		Bad: `-- node1.conf --
virtual_server 192.168.8.100 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 192.168.8.130 80 {
        HTTP_GET {
            url {
                path /
                regex "^(ok"
            }
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
            url {
                path /
                regex "^(ok)"
            }
        }
    }
}
`,
	}
}
