package compiler

import (
	"net/netip"
	"time"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// The defaults of keepalived 2.4.3 (reference vrrp 2).
const (
	defaultVersion          = 2
	defaultDownTimerAdverts = 3
	defaultGARPDelay        = 5 * time.Second
	defaultGARPRepeat       = 5
	defaultGARPRefresh      = 1
	defaultSMTPTimeout      = 30 * time.Second
	defaultSMTPPort         = 25
	defaultInterface        = "eth0"
)

var (
	defaultGroup4 = netip.AddrFrom4([4]byte{224, 0, 0, 18})
	defaultGroup6 = netip.MustParseAddr("ff02::12")
)

// globals are the settings of global_defs that instances fall back on.
type globals struct {
	version          int
	downTimerAdverts int
	garp             plan.GARP
	group4, group6   netip.Addr
	defaultInterface string
}

// global reads all global_defs blocks as one: keepalived adds them up, wherever they stand.
func (c *compilation) global() {
	var body []*syntax.Statement
	for _, s := range check.FindAll(c.tree.Body, kw.GlobalDefs) {
		body = append(body, s.Children()...)
	}
	c.visit(body)
	g := &c.plan.Global
	g.RouterID, _, _ = check.Value(body, kw.RouterID)
	g.ScriptSecurity = check.FlagSet(body, kw.EnableScriptSecurity)
	if s := check.Find(body, kw.ScriptUser); s != nil {
		g.ScriptUser = name(s)
		c.need(plan.NeedUser, g.ScriptUser, c.origin(s))
		if w, ok := s.Arg(1); ok {
			g.ScriptGroup = w.Text
			c.need(plan.NeedGroup, g.ScriptGroup, c.origin(s))
		}
	}
	g.Mail = c.mail(body)
	c.globals = globals{
		version:          int(check.UintArg(body, kw.VRRPVersion, defaultVersion)),
		downTimerAdverts: int(check.UintArg(body, kw.VRRPDownTimerAdverts, defaultDownTimerAdverts)),
		garp:             globalGARP(body),
		group4:           addressArg(body, kw.VRRPMcastGroup4, defaultGroup4),
		group6:           addressArg(body, kw.VRRPMcastGroup6, defaultGroup6),
		defaultInterface: defaultInterface,
	}
	if text, _, ok := check.Value(body, kw.DefaultInterface); ok {
		c.globals.defaultInterface = text
	}
}

func globalGARP(body []*syntax.Statement) plan.GARP {
	g := plan.GARP{
		Delay:         check.SecondsArg(body, kw.VRRPGARPMasterDelay, defaultGARPDelay),
		Repeat:        int(check.UintArg(body, kw.VRRPGARPMasterRepeat, defaultGARPRepeat)),
		Refresh:       check.SecondsArg(body, kw.VRRPGARPMasterRefresh, 0),
		RefreshRepeat: int(check.UintArg(body, kw.VRRPGARPMasterRefreshRepeat, defaultGARPRefresh)),
	}
	g.LowerPriorityDelay = check.SecondsArg(body, kw.VRRPGARPLowerPrioDelay, g.Delay)
	g.LowerPriorityRepeat = int(check.UintArg(body, kw.VRRPGARPLowerPrioRepeat, uint64(g.Repeat)))
	return g
}

// mail reads the mail settings, nil where there are none.
func (c *compilation) mail(body []*syntax.Statement) *plan.Mail {
	lists := check.FindAll(body, kw.NotificationEmail)
	server := check.Find(body, kw.SMTPServer)
	var m plan.Mail
	if from := check.Find(body, kw.NotificationEmailFrom); from != nil {
		m.From, m.Origin = name(from), c.origin(from)
	}
	if server != nil {
		m.Server, m.Origin = mailServer(server), c.origin(server)
	}
	for i, l := range lists {
		if i == 0 {
			m.Origin = c.origin(l)
		}
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
	if server == nil && len(m.Recipients) == 0 && m.From == "" {
		return nil
	}
	m.ConnectTimeout = check.SecondsArg(body, kw.SMTPConnectTimeout, defaultSMTPTimeout)
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

// addressArg reads the address of a keyword, cut as keepalived cuts it.
func addressArg(body []*syntax.Statement, keyword string, otherwise netip.Addr) netip.Addr {
	text, _, ok := check.Value(body, keyword)
	if !ok {
		return otherwise
	}
	if a, ok := schema.ParseAddress(schema.CutAddress(text)); ok {
		return a
	}
	return otherwise
}
