package compiler

import (
	"fmt"
	"net/netip"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lang/source"
	"ka/lang/syntax"
)

// otherPort is a check that looks at another port than that of the service, where no check of the real server
// looks at the service itself.
type otherPort struct {
	at             source.Span
	kind           plan.CheckKind
	looks, service netip.AddrPort
}

// otherPorts reports the checks of other ports. A port made for checks is common, and may well tell of the service:
// that is no more than a remark. Where the port is that of another service of the same machine, the check judges
// that one.
func (c *compilation) otherPorts() {
	if len(c.lvs.others) == 0 {
		return
	}
	services := c.realServices()
	for _, o := range c.lvs.others {
		d := diag.Diagnostic{
			Rule: ruleCheckPort, Severity: diag.Info, Span: o.at,
			Message: fmt.Sprintf("%s looks at port %d, the service is on port %d: it may be down there while this check succeeds", o.kind, o.looks.Port(), o.service.Port()),
			Help:    "see that what answers there knows of the service, or add a check of the service's own port",
		}
		if other := services[o.looks]; other != nil && o.looks.Addr() == o.service.Addr() {
			d.Severity = diag.Warning
			d.Message = fmt.Sprintf("%s looks at port %d, which is another service of this machine: the one on port %d may be down while this check succeeds", o.kind, o.looks.Port(), o.service.Port())
			d.Help = "remove the line, or add a check of the service's own port"
			d.Related = []diag.Note{{Message: "the other service", Span: other.Span}}
		}
		c.report(d)
	}
}

// realServices are the real servers of the whole text by address and port, the first of each.
func (c *compilation) realServices() map[netip.AddrPort]*syntax.Statement {
	services := map[netip.AddrPort]*syntax.Statement{}
	for _, s := range check.FindAll(c.tree.Body, kw.VirtualServer) {
		for _, real := range check.FindAll(s.Children(), kw.RealServer) {
			if at, ok := serverAddress(real); ok && services[at] == nil {
				services[at] = real
			}
		}
	}
	return services
}
