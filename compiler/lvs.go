package compiler

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// The defaults of keepalived 2.4.3 (reference ipvs 1, 3).
const (
	defaultScheduler   = "wlc"
	defaultWeight      = 1
	defaultQuorum      = 1
	defaultPersistence = 360 * time.Second
)

// The rules that the compilation of virtual servers reports.
const (
	ruleInvalid          = "invalid-value"
	ruleDuplicateReal    = "duplicate-real-server"
	ruleDuplicateVirtual = "duplicate-virtual-server"
	ruleNoRealServer     = "real-server-missing"
	ruleOrder            = "keyword-order"
	ruleSettingIgnored   = "setting-ignored"
	ruleMulticastGroup   = "multicast-group"
	ruleDelayLong        = "delay-long"
	rulePortRewritten    = "port-rewritten"
	ruleSorry            = "sorry-server-conflict"
	ruleQuorum           = "quorum-unreachable"
	ruleNoCheck          = "no-health-check"
	ruleCheckPort        = "check-port-differs"
	ruleRegex            = "regex-invalid"
	ruleIncomplete       = "check-incomplete"
)

// virtual is a virtual_server while it is read.
type virtual struct {
	*compilation
	from *syntax.Statement
	body []*syntax.Statement
	out  plan.VirtualServer
	// members is the group that it is on, nil for others.
	members *plan.VirtualServerGroup
	// hasFamily says that ipv6 is settled. Where neither the address nor ip_family does that, for a mark
	// and for a group of both families, the first server that no tunnel reaches does.
	hasFamily, ipv6 bool
	// inherited by real servers.
	weight      uint64
	times       checkTimes
	inhibit     bool
	virtualHost string
	// unmethodical counts the real servers that rely on the method of the virtual server.
	unmethodical int
	// servers are the real servers by their addresses as written.
	servers map[netip.AddrPort]server
	// pending are findings about what the block lacks; one that keepalived drops as a whole lacks nothing else.
	pending   diag.List
	sorryFrom *syntax.Statement
	// dropped says that keepalived drops the virtual server, which is reported.
	dropped bool
	found   findings
}

// server is a real server that was read: its block, and, where it counts, whether it stays in the table while
// it is down.
type server struct {
	from              *syntax.Statement
	counts, inhibited bool
}

// virtualServer compiles a virtual_server.
func (c *compilation) virtualServer(s *syntax.Statement) {
	v := c.turn(s)
	if v.dropped || !v.firstOfItsKind() {
		return
	}
	c.list = append(c.list, v.pending...)
	if v.members != nil {
		v.out.Ordinal = c.lvs.uses[v.members.Name]
		c.lvs.uses[v.members.Name]++
	}
	c.need(plan.NeedIPVS, "", v.out.Origin)
	c.need(plan.NeedScheduler, v.out.Scheduler, v.out.Origin)
	if c.plan.VirtualServers == nil {
		c.plan.VirtualServers = make([]plan.VirtualServer, 0, len(c.lvs.blocks))
	}
	c.plan.VirtualServers = append(c.plan.VirtualServers, v.out)
}

// readVirtual reads the block of a virtual_server.
func (c *compilation) readVirtual(s *syntax.Statement) *virtual {
	v := &virtual{
		compilation: c, from: s, body: s.Children(),
		out: plan.VirtualServer{Origin: c.origin(s), Scheduler: defaultScheduler},
	}
	c.visit(v.body)
	if v.dropped = !v.identity(); v.dropped {
		return v
	}
	v.family()
	v.scheduling()
	v.out.Method, v.out.Tunnel = v.forwarding(v.body, kw.LVSMethod, plan.NAT, plan.Tunnel{})
	v.persistence()
	v.settings()
	v.realServers()
	if v.dropped = len(v.out.RealServers) == 0; v.dropped {
		c.noRealServer(s)
		return v
	}
	v.sorry()
	v.afterwards()
	return v
}

// identity reads what the virtual server is on. It reports false where that is nothing.
func (v *virtual) identity() bool {
	word := name(v.from)
	switch word {
	case kw.Fwmark:
		second, _ := v.from.Arg(1)
		n, _ := schema.ParseUint(second.Text)
		if n == 0 {
			v.drop(v.from, diag.Diagnostic{
				Rule: ruleInvalid, Severity: diag.Error, Span: second.Span,
				Message: "0 is no firewall mark: keepalived takes the server as one on no address, which never gets a packet",
				Help:    "write a mark from 1 to 4294967295",
			})
			return false
		}
		v.out.FirewallMark = uint32(n)
		return true
	case kw.Group:
		if v.isAhead {
			v.waits = true // the members of a group get their family in the order of the text
			return false
		}
		second, _ := v.from.Arg(1)
		v.out.Group = second.Text
		g := v.serviceGroup(second.Text)
		if g == nil {
			v.undefinedGroup(second)
			return false
		}
		v.members = g
		if len(g.Members) == 0 {
			v.leaveOut(v.from, fmt.Sprintf("%s %q has no entry that counts", kw.VirtualServerGroup, second.Text))
			return false
		}
		return true
	}
	address, ok := serverAddress(v.from)
	v.out.Address = address
	return ok
}

// undefinedGroup reports a group that is nowhere in the text; keepalived drops the server, and only logs it.
func (v *virtual) undefinedGroup(w syntax.Word) {
	if v.leftOutWithDefinition(definition{kw.VirtualServerGroup, w.Text}, v.from) {
		return
	}
	d := diag.Diagnostic{
		Rule: ruleUndefined, Severity: diag.Error, Span: w.Span,
		Message: fmt.Sprintf("%s %q is not defined; keepalived drops the virtual server", kw.VirtualServerGroup, w.Text),
		Help:    fmt.Sprintf("define \"%s %s { }\", or write its name right", kw.VirtualServerGroup, w.Text),
	}
	offer(&d, w, v.lvs.groupNames)
	v.drop(v.from, d)
}

// drop reports what keepalived leaves out, and lists it as left out.
func (c *compilation) drop(s *syntax.Statement, d diag.Diagnostic) {
	c.report(d)
	c.leaveOut(s, d.Message+" ["+d.Rule+"]")
}

// onMarksOnly says that the virtual server is on no address at all.
func (v *virtual) onMarksOnly() bool {
	if v.members == nil {
		return v.out.FirewallMark != 0
	}
	for _, m := range v.members.Members {
		if m.FirewallMark == 0 {
			return false
		}
	}
	return true
}

// family settles the family where the text does: by the address, the group, or ip_family.
func (v *virtual) family() {
	switch {
	case v.members != nil:
		four, six := familiesOf(v.members)
		v.hasFamily, v.ipv6 = four != six, six
	case v.out.FirewallMark == 0:
		v.hasFamily, v.ipv6 = true, v.out.Address.Addr().Is6()
	}
	for _, s := range check.FindAll(v.body, kw.IPFamily) {
		six := name(s) == kw.Inet6
		if !v.hasFamily {
			v.hasFamily, v.ipv6 = true, six
			continue
		}
		if six != v.ipv6 {
			v.drop(s, diag.Diagnostic{
				Rule: ruleInvalid, Severity: diag.Error, Span: s.Args[0].Span,
				Message: fmt.Sprintf("%q contradicts the family that the virtual server has already; keepalived ignores the line", name(s)),
				Help:    "remove the line: the family comes from the addresses",
			})
		}
	}
}

// scheduling reads scheduler, flags and protocol. A flag of sh or mh counts only behind that scheduler.
func (v *virtual) scheduling() {
	given := false
	for _, s := range v.body {
		if s.Dropped || s.Keyword == nil {
			continue
		}
		switch k := s.Keyword; {
		case k.Name == kw.LVSSched || k.AliasOf == kw.LVSSched:
			v.out.Scheduler, given = name(s), true
		case k.Name == kw.Ops:
			v.out.OnePacket = true
		default:
			v.schedulerFlag(s, given)
		}
	}
	if !given {
		v.silent("scheduler-missing", kw.LVSSched, fmt.Sprintf("no scheduler is set; keepalived uses %s", defaultScheduler),
			fmt.Sprintf("write \"%s %s\", or another scheduler, in the block", kw.LVSSched, defaultScheduler))
	}
	v.protocol()
}

// schedulerFlags are the flags by keyword: the scheduler that they belong to ("" for any), and the bit.
func schedulerFlags(keyword string) (scheduler string, bit uint8) {
	switch keyword {
	case kw.Flag1:
		return "", 1
	case kw.Flag2:
		return "", 2
	case kw.Flag3:
		return "", 4
	case kw.ShFallback:
		return schedulerSH, 1
	case kw.ShPort:
		return schedulerSH, 2
	case kw.MhFallback:
		return schedulerMH, 1
	case kw.MhPort:
		return schedulerMH, 2
	}
	return "", 0
}

// The schedulers that have flags of their own.
const (
	schedulerSH = "sh"
	schedulerMH = "mh"
)

func (v *virtual) schedulerFlag(s *syntax.Statement, given bool) {
	scheduler, bit := schedulerFlags(s.Keyword.Name)
	switch {
	case bit == 0:
	case scheduler == "" || given && scheduler == v.out.Scheduler:
		v.out.SchedulerFlags |= bit
	default:
		v.drop(s, diag.Diagnostic{
			Rule: ruleOrder, Severity: diag.Error, Span: s.Head.Span,
			Message: fmt.Sprintf("%q counts only behind \"%s %s\"; keepalived ignores it here", s.Head.Text, kw.LVSSched, scheduler),
			Help:    fmt.Sprintf("write \"%s %s\" above it, or remove it", kw.LVSSched, scheduler),
		})
	}
}

// protocol is UDP unless the block says otherwise, and none where there are only marks.
func (v *virtual) protocol() {
	text, from, given := check.Value(v.body, kw.Protocol)
	if v.onMarksOnly() {
		if given {
			v.report(diag.Diagnostic{
				Rule: ruleSettingIgnored, Severity: diag.Warning, Span: from.Span,
				Message: fmt.Sprintf("a virtual server on firewall marks has no %s; keepalived ignores it", kw.Protocol),
				Help:    "remove the line",
			})
		}
	} else {
		v.out.Protocol = plan.UDP
		for _, p := range []plan.Protocol{plan.TCP, plan.SCTP} {
			if strings.EqualFold(text, p.String()) {
				v.out.Protocol = p
			}
		}
		if !given {
			v.silent("protocol-missing", kw.Protocol, "no protocol is set; keepalived balances UDP",
				fmt.Sprintf("write \"%s TCP\" in the block, or \"%s UDP\" if that is meant", kw.Protocol, kw.Protocol))
		}
	}
	if v.out.OnePacket && v.out.Protocol != plan.UDP && v.out.Protocol != 0 {
		v.out.OnePacket = false
		s := check.Find(v.body, kw.Ops)
		v.report(diag.Diagnostic{
			Rule: ruleSettingIgnored, Severity: diag.Warning, Span: s.Head.Span,
			Message: fmt.Sprintf("%q is for UDP only; keepalived ignores it with %s", kw.Ops, v.out.Protocol),
			Help:    "remove the line",
		})
	}
}

// silent reports a setting that the block lacks, unless a line that was meant to be it is reported already.
func (v *virtual) silent(rule, keyword, message, help string) {
	for _, line := range v.body {
		if line.Dropped && line.Keyword != nil && (line.Keyword.Name == keyword || line.Keyword.AliasOf == keyword) {
			return
		}
		if line.Dropped && (hides(line, keyword) || line.Keyword == nil && line.Block == nil && nearKeyword(line.Head.Text, keyword)) {
			return
		}
	}
	v.pending = append(v.pending, diag.Diagnostic{Rule: rule, Severity: diag.Warning, Span: v.from.Span, Message: message, Help: help})
}

// nearKeyword reports whether a word was meant to be a keyword or an alias of it.
func nearKeyword(word, keyword string) bool {
	words := []string{keyword}
	for _, k := range schema.Keywords(kw.VirtualServer) {
		if k.AliasOf == keyword {
			words = append(words, k.Name)
		}
	}
	_, near := schema.NearestWord(word, words)
	return near
}

// forwarding reads the forwarding method. keepalived ignores a line whose options do not fit together
// as a whole; the last good one counts.
func (v *virtual) forwarding(body []*syntax.Statement, keyword string, method plan.Method, tunnel plan.Tunnel) (plan.Method, plan.Tunnel) {
	for _, s := range check.FindAll(body, keyword) {
		if m, t, ok := v.methodLine(s); ok {
			method, tunnel = m, t
		}
	}
	return method, tunnel
}

// methodLine reads one line: the method, and the options of a tunnel.
func (c *compilation) methodLine(s *syntax.Statement) (plan.Method, plan.Tunnel, bool) {
	var method plan.Method
	var tunnel plan.Tunnel
	for _, m := range []plan.Method{plan.NAT, plan.TUN, plan.DR} {
		if name(s) == m.String() {
			method = m
		}
	}
	checksum := ""
	for i := 1; i < len(s.Args); i++ {
		next, _ := s.Arg(i + 1)
		switch s.Args[i].Text {
		case kw.Type:
			for _, t := range []plan.TunnelType{plan.TunnelIPIP, plan.TunnelGUE, plan.TunnelGRE} {
				if t.String() == next.Text {
					tunnel.Type = t
				}
			}
			i++
		case kw.Port:
			n, _ := schema.ParseUint(next.Text)
			tunnel.Port = uint16(n)
			i++
		case kw.Csum:
			tunnel.Checksum, checksum = plan.TunnelChecksummed, kw.Csum
		case kw.Remcsum:
			tunnel.Checksum, checksum = plan.TunnelRemoteChecksum, kw.Remcsum
		case kw.Nocsum:
			tunnel.Checksum, checksum = plan.TunnelNoChecksum, kw.Nocsum
		}
	}
	problem, help := tunnelProblem(tunnel, checksum)
	if last := s.Args[len(s.Args)-1].Text; len(s.Args) > 1 && (last == kw.Type || last == kw.Port) && s.Args[len(s.Args)-2].Text != kw.Type {
		problem = fmt.Sprintf("%q needs a word behind it", last)
		help = "write it, or remove " + strconv.Quote(last)
	}
	if problem == "" {
		return method, tunnel, true
	}
	c.drop(s, diag.Diagnostic{
		Rule: ruleInvalid, Severity: diag.Error, Span: s.Span,
		Message: problem + "; keepalived ignores the whole line", Help: help,
	})
	return method, tunnel, false
}

// tunnelProblem says what does not fit together in the options of a tunnel.
func tunnelProblem(t plan.Tunnel, checksum string) (problem, help string) {
	switch {
	case t.Type == plan.TunnelGUE && t.Port == 0:
		return "a gue tunnel needs a port", fmt.Sprintf("add \"%s 6080\", or the port that the real servers listen on", kw.Port)
	case t.Type != plan.TunnelGUE && t.Port != 0:
		return fmt.Sprintf("only a gue tunnel has a port, this one is %s", t.Type),
			fmt.Sprintf("remove \"%s %d\", or write \"%s %s\"", kw.Port, t.Port, kw.Type, plan.TunnelGUE)
	case t.Type == plan.TunnelIPIP && checksum != "" && checksum != kw.Nocsum:
		return "an ipip tunnel has no checksum option", fmt.Sprintf("remove %q", checksum)
	case t.Type == plan.TunnelGRE && t.Checksum == plan.TunnelRemoteChecksum:
		return fmt.Sprintf("a gre tunnel takes no %q", kw.Remcsum), fmt.Sprintf("write %q or %q", kw.Csum, kw.Nocsum)
	}
	return "", ""
}

// settings reads what remains of the head of the block.
func (v *virtual) settings() {
	v.weight = check.UintArg(v.body, kw.Weight, defaultWeight)
	v.times = defaultTimes().over(v.body)
	v.times.alpha = check.FlagSet(v.body, kw.Alpha)
	v.inhibit = check.FlagSet(v.body, kw.InhibitOnFailure)
	v.virtualHost, _, _ = check.Value(v.body, kw.Virtualhost)
	v.out.Alpha = v.times.alpha
	v.out.Omega = check.FlagSet(v.body, kw.Omega)
	v.out.SNMPName, _, _ = check.Value(v.body, kw.SNMPName)
	v.out.SMTPAlert = v.alerts(v.body, v.globals.virtualServerAlerts)
	v.out.QuorumUp, v.out.QuorumDown = v.script(v.body, kw.QuorumUp), v.script(v.body, kw.QuorumDown)
	v.out.HASuspend = check.FlagSet(v.body, kw.HaSuspend)
	if v.out.HASuspend && v.out.FirewallMark != 0 {
		v.out.HASuspend = false
		v.report(diag.Diagnostic{
			Rule: ruleSettingIgnored, Severity: diag.Warning, Span: check.Find(v.body, kw.HaSuspend).Head.Span,
			Message: fmt.Sprintf("%q needs an address; keepalived switches it off with a firewall mark", kw.HaSuspend),
			Help:    "remove the line",
		})
	}
}

// script reads a notification of a virtual or real server, nil where there is none.
func (v *virtual) script(body []*syntax.Statement, keyword string) *plan.Command {
	s := check.Find(body, keyword)
	if s == nil {
		return nil
	}
	cmd := v.command(s)
	v.needCommand(cmd)
	return cmd
}

// alerts reads smtp_alert with its default of global_defs. Without mail settings nothing is mailed.
func (v *virtual) alerts(body []*syntax.Statement, otherwise bool) bool {
	return v.plan.Global.Mail != nil && boolArg(body, kw.SMTPAlert, otherwise)
}

// boolArg is FlagSet with a default where the keyword is not there.
func boolArg(body []*syntax.Statement, keyword string, otherwise bool) bool {
	if check.Find(body, keyword) == nil {
		return otherwise
	}
	return check.FlagSet(body, keyword)
}

// serverAddress reads an address and a port; a missing port, or one of zeros, is 0.
func serverAddress(s *syntax.Statement) (netip.AddrPort, bool) {
	a, ok := schema.ParseAddress(schema.CutAddress(name(s)))
	if !ok {
		return netip.AddrPort{}, false
	}
	port := uint64(0)
	if w, ok := s.Arg(1); ok {
		port, _ = schema.ParseUint(w.Text)
	}
	return netip.AddrPortFrom(a, uint16(port)), true
}
