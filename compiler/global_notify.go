package compiler

import (
	"fmt"
	"net/netip"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// mail reads the mail settings, nil where there are none.
func (c *compilation) mail(body []*syntax.Statement) *plan.Mail {
	s := c.settings(body)
	m := plan.Mail{
		From: s.word(kw.NotificationEmailFrom, ""), HELO: s.word(kw.SMTPHeloName, ""),
		ConnectTimeout: s.seconds(kw.SMTPConnectTimeout, defaultSMTPTimeout),
		NoFaults:       s.flag(kw.NoEmailFaults), NoChecks: s.flag(kw.NoCheckerEmails),
	}
	if server := s.statement(kw.SMTPServer); server != nil {
		m.Server = mailServer(server)
	}
	for _, l := range check.FindAll(body, kw.NotificationEmail) {
		s.note(l)
		for _, entry := range l.Children() {
			if entry.Dropped {
				continue
			}
			m.Recipients = append(m.Recipients, entry.Head.Text)
			for _, w := range entry.Args {
				m.Recipients = append(m.Recipients, w.Text)
			}
		}
	}
	any := s.flag(kw.SMTPAlert)
	m.VRRPAlerts = s.flagOr(kw.SMTPAlertVRRP, any)
	m.VirtualServerAlerts = s.flagOr(kw.SMTPAlertChecker, any)
	m.RealServerAlerts = s.flagOr(kw.SMTPAlertChecker, s.flagOr(kw.SMTPAlert, true))
	c.globals.vrrpAlerts = m.VRRPAlerts
	c.globals.virtualServerAlerts, c.globals.realServerAlerts = m.VirtualServerAlerts, m.RealServerAlerts
	if !s.found() {
		return nil
	}
	m.Origin = s.origin()
	return &m
}

// mailServer gives host:port, an IPv6 address in brackets.
func mailServer(s *syntax.Statement) string {
	port := uint64(defaultSMTPPort)
	if w, ok := s.Arg(1); ok {
		if n, ok := schema.ParseUint(w.Text); ok && n > 0 {
			port = n
		}
	}
	host := name(s)
	if a, ok := schema.ParseAddress(host); ok {
		return netip.AddrPortFrom(a, uint16(port)).String()
	}
	return host + ":" + utoa(port)
}

// hookScript reads a script that the parent process runs once, nil where there is none. A timeout
// without a script means nothing.
func (c *compilation) hookScript(body []*syntax.Statement, keyword, timeout string) *plan.HookScript {
	s := c.settings(body)
	cmd := s.command(keyword)
	if cmd == nil {
		return nil
	}
	c.needCommand(cmd)
	return &plan.HookScript{Command: *cmd, Timeout: s.seconds(timeout, defaultHookTimeout)}
}

// fifos reads the pipes for notifications, nil where there are none.
func (c *compilation) fifos(body []*syntax.Statement) *plan.FIFOs {
	s := c.settings(body)
	f := plan.FIFOs{
		PriorityChanges: s.flag(kw.VRRPNotifyPriorityChanges),
		StatesOnReload:  s.flag(kw.FIFOWriteVRRPStatesOnReload),
		All:             c.fifo(s, kw.NotifyFIFO, kw.NotifyFIFOScript),
		VRRP:            c.fifo(s, kw.VRRPNotifyFIFO, kw.VRRPNotifyFIFOScript),
		LVS:             c.fifo(s, kw.LVSNotifyFIFO, kw.LVSNotifyFIFOScript),
	}
	c.fifoConflicts(body, &f)
	if !s.found() {
		return nil
	}
	f.Origin = s.origin()
	return &f
}

func (c *compilation) fifo(s *settings, keyword, script string) *plan.FIFO {
	st := s.statement(keyword)
	cmd := s.command(script)
	if st == nil && cmd == nil {
		return nil
	}
	f := &plan.FIFO{Script: cmd}
	if cmd != nil {
		f.Origin = cmd.Origin
		c.needCommand(cmd)
	}
	if st == nil {
		return f
	}
	f.Origin, f.Path = c.origin(st), name(st)
	if w, ok := st.Arg(1); ok {
		f.User = w.Text
		c.need(plan.NeedUser, f.User, f.Origin)
	}
	if w, ok := st.Arg(2); ok {
		f.Group = w.Text
		c.need(plan.NeedGroup, f.Group, f.Origin)
	}
	return f
}

// fifoConflicts drops the pipes that keepalived drops because another keyword has the same one
// (reference diagnostics D085).
func (c *compilation) fifoConflicts(body []*syntax.Statement, f *plan.FIFOs) {
	same := func(a, b *plan.FIFO) bool { return a != nil && b != nil && a.Path != "" && a.Path == b.Path }
	if same(f.All, f.VRRP) {
		c.sameFIFO(body, kw.VRRPNotifyFIFO, kw.NotifyFIFO, "drops this one")
		f.VRRP = nil
	}
	if same(f.All, f.LVS) {
		c.sameFIFO(body, kw.LVSNotifyFIFO, kw.NotifyFIFO, "drops this one")
		f.LVS = nil
	}
	if same(f.VRRP, f.LVS) && f.VRRP.Script != nil && f.LVS.Script != nil {
		c.sameFIFO(body, kw.LVSNotifyFIFO, kw.VRRPNotifyFIFO, "runs one script for both")
		f.LVS.Script = nil
	}
}

// sameFIFO reports a pipe that another keyword has already.
func (c *compilation) sameFIFO(body []*syntax.Statement, keyword, other, consequence string) {
	s, first := check.Find(body, keyword), check.Find(body, other)
	c.report(diag.Diagnostic{
		Rule: ruleDuplicateName, Severity: diag.Warning, Span: s.Args[0].Span,
		Message: fmt.Sprintf("%q is the FIFO of %s already; keepalived %s", name(s), other, consequence),
		Help:    "give it a path of its own",
		Related: []diag.Note{{Message: "the other one", Span: first.Args[0].Span}},
	})
}
