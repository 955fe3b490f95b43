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
	defaultHookTimeout      = 10 * time.Second
)

var (
	defaultGroup4 = netip.AddrFrom4([4]byte{224, 0, 0, 18})
	defaultGroup6 = netip.MustParseAddr("ff02::12")
)

// globals are the settings of global_defs that instances and servers fall back on.
type globals struct {
	version          int
	downTimerAdverts int
	garp             plan.GARP
	group4, group6   netip.Addr
	defaultInterface string
	// vrrp is resolved also where the text has none of its keywords and the plan no such group. What is
	// on in strict mode by itself is not added: an instance may leave strict mode.
	vrrp plan.VRRPGlobal
	// priorityChanges writes changes of priority to the FIFOs.
	priorityChanges bool
	// The alerts are what holds for objects that say nothing (smtp_alert and its kin).
	vrrpAlerts, virtualServerAlerts, realServerAlerts bool
	logAllFailures                                    bool
}

// global reads all global_defs blocks as one: keepalived adds them up, wherever they stand.
func (c *compilation) global() {
	var body []*syntax.Statement
	for _, s := range check.FindAll(c.tree.Body, kw.GlobalDefs) {
		body = append(body, s.Children()...)
	}
	c.visit(body)
	c.globalVRRP(body)
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
	g.Startup = c.hookScript(body, kw.StartupScript, kw.StartupScriptTimeout)
	g.Shutdown = c.hookScript(body, kw.ShutdownScript, kw.ShutdownScriptTimeout)
	g.Processes = c.processes(body)
	g.FIFOs = c.fifos(body)
	g.LVS = c.globalLVS(body)
	g.Firewall = c.firewall(body)
	g.Buffers = c.buffers(body)
	g.SNMP = c.snmp(body)
	g.DBus = c.dbus(body)
	g.Files = c.outputFiles(body)
	g.Run = c.run()
	c.judgeGlobal(body)
}

// globalVRRP reads what instances fall back on.
func (c *compilation) globalVRRP(body []*syntax.Statement) {
	s := c.settings(body)
	v := plan.VRRPGlobal{
		Strict:              s.flag(kw.VRRPStrict),
		NoAdvertToLower:     s.flag(kw.VRRPLowerPrioNoAdvert),
		AdvertToHigher:      s.flag(kw.VRRPHigherPrioSendAdvert),
		CheckUnicastSource:  s.flag(kw.VRRPCheckUnicastSrc),
		SkipAddressCheck:    s.flag(kw.VRRPSkipCheckAdvAddr),
		ChecksumAsV2:        s.flag(kw.V3ChecksumAsV2),
		OwnerIgnoresAdverts: s.flag(kw.VRRPOwnerIgnoreAdverts),
		LogUnknownVRIDs:     s.flag(kw.LogUnknownVrids),
		NoLocalIGMP:         s.flag(kw.DisableLocalIGMP),
		GARPInterval:        s.seconds(kw.VRRPGARPInterval, 0),
		NAInterval:          s.seconds(kw.VRRPGNAInterval, 0),
		StartupDelay:        s.longest(kw.VRRPStartupDelay),
		AfterBoot:           s.longest(kw.VRRPDelayAfterBoot),
		MACPrefix:           s.word(kw.VMACPrefix, "vrrp"),
	}
	v.AddressMACPrefix = s.word(kw.VMACAddrPrefix, v.MACPrefix)
	if st := s.statement(kw.DynamicInterfaces); st != nil {
		v.DynamicInterfaces = true
		v.ChangingInterfaces = name(st) == kw.AllowIfChanges
	}
	if st := s.statement(kw.VRRPGARPExtraIf); st != nil {
		v.ExtraInterval, v.ExtraAll, _ = c.extraInterfaces(st)
	}
	v.Origin = s.origin()
	if s.found() {
		c.plan.Global.VRRP = &v
	}
	c.globals = globals{
		version:          int(check.UintArg(body, kw.VRRPVersion, defaultVersion)),
		downTimerAdverts: int(check.UintArg(body, kw.VRRPDownTimerAdverts, defaultDownTimerAdverts)),
		garp:             globalGARP(body),
		group4:           addressArg(body, kw.VRRPMcastGroup4, defaultGroup4),
		group6:           addressArg(body, kw.VRRPMcastGroup6, defaultGroup6),
		defaultInterface: s.word(kw.DefaultInterface, defaultInterface),
		vrrp:             v,
		priorityChanges:  s.flag(kw.VRRPNotifyPriorityChanges),
		logAllFailures:   s.flag(kw.CheckerLogAllFailures),
	}
}

func secondsOf(word string) time.Duration {
	d, _ := schema.ParseSeconds(word, 0)
	return d
}

// globalGARP reads the announcements. vrrp_min_garp puts single ones in the place of what still has its
// default where it stands; what is written behind it counts again.
func globalGARP(body []*syntax.Statement) plan.GARP {
	minimal := -1
	for i, s := range body {
		if !s.Dropped && s.Keyword != nil && s.Keyword.Name == kw.VRRPMinGARP && check.FlagSet([]*syntax.Statement{s}, kw.VRRPMinGARP) {
			minimal = i
		}
	}
	pick := func(keyword string, standard, least int64) int64 {
		if minimal < 0 {
			return int64(check.SecondsArg(body, keyword, time.Duration(standard)*time.Second) / time.Second)
		}
		seen := int64(check.SecondsArg(body[:minimal], keyword, time.Duration(standard)*time.Second) / time.Second)
		if seen == standard {
			seen = least
		}
		return int64(check.SecondsArg(body[minimal:], keyword, time.Duration(seen)*time.Second) / time.Second)
	}
	second := func(keyword string, standard, least int64) time.Duration {
		return time.Duration(pick(keyword, standard, least)) * time.Second
	}
	g := plan.GARP{
		Delay:         second(kw.VRRPGARPMasterDelay, int64(defaultGARPDelay/time.Second), 0),
		Repeat:        int(pick(kw.VRRPGARPMasterRepeat, defaultGARPRepeat, 1)),
		Refresh:       second(kw.VRRPGARPMasterRefresh, 0, 0),
		RefreshRepeat: int(pick(kw.VRRPGARPMasterRefreshRepeat, defaultGARPRefresh, 0)),
	}
	g.LowerPriorityDelay = check.SecondsArg(body, kw.VRRPGARPLowerPrioDelay, g.Delay)
	g.LowerPriorityRepeat = int(check.UintArg(body, kw.VRRPGARPLowerPrioRepeat, uint64(g.Repeat)))
	return g
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
