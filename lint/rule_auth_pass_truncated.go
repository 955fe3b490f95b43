package lint

import (
	"fmt"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lint/cluster"
)

// passwordBytes is the room for a password in the packet (RFC 2338, 5.3.6.2).
const passwordBytes = 8

func ruleAuthPassTruncated() *Rule {
	return &Rule{
		Name:     "auth-pass-truncated",
		Severity: diag.Warning,
		Title:    "only 8 bytes of a password count",
		Text: `VRRP version 2 has room for 8 bytes. keepalived cuts longer passwords off, so what looks like a long secret is a
short one. It is an error where the passwords of two nodes differ only behind the eighth byte: the nodes accept each
other although the files say they should not.

The rule never prints a password. The password travels in clear text anyway; it keeps clusters apart, it does not
protect.`,
		Bad: `-- node1.conf --
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    authentication {
        auth_type PASS
        auth_pass correcthorse
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
        auth_pass correcth
    }
    virtual_ipaddress {
        192.168.8.100/24
    }
}
`,
		Run: runAuthPassTruncated,
	}
}

// runAuthPassTruncated finds nodes whose passwords differ in the text and are equal on the wire. That a
// password is too long is found by the compiler, one node at a time.
func runAuthPassTruncated(s *Set, r *Reporter) {
	for _, vr := range s.Clusters.Routers {
		if !agreeOn(vr.Members, authOf) {
			continue // auth-mismatch
		}
		ref, others := odd(vr.Members, writtenPassword)
		for _, m := range others {
			if authOf(m).Type != plan.AuthPass {
				continue
			}
			r.Report(diag.Diagnostic{
				Node: m.Node, Span: authPlace(m), Severity: diag.Error, Subject: vr.Subject(),
				Message: fmt.Sprintf("auth_pass of %q differs from that on %s only behind byte %d, which is cut off: the nodes accept each other's adverts",
					m.Instance.Name, ref.Node, passwordBytes),
				Help:    fmt.Sprintf("write passwords of at most %d bytes: equal ones for one virtual router, different ones for two", passwordBytes),
				Related: []diag.Note{note(ref, authPlace(ref), "the password on %s", ref.Node)},
			})
		}
	}
}

// writtenPassword is the password as the text has it. It is compared and never shown.
func writtenPassword(m cluster.Member) string {
	block := check.Find(m.Statement.Children(), kw.Authentication)
	if block == nil {
		return ""
	}
	st := check.Find(block.Children(), kw.AuthPass)
	if st == nil {
		return ""
	}
	w, _ := st.Arg(0)
	return w.Text
}
