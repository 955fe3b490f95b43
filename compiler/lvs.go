package compiler

import (
	"fmt"
	"net/netip"
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
	defaultScheduler        = "wlc"
	defaultWeight           = 1
	defaultPersistence      = 360 * time.Second
	defaultDelayLoop        = 60 * time.Second
	defaultConnectTimeout   = 5 * time.Second
	defaultRetry            = 1
	defaultDelayBeforeRetry = time.Second

	ruleDuplicateReal = "duplicate-real-server"
	ruleNoRealServer  = "real-server-missing"
)

// virtualServer compiles a virtual_server on an address.
func (c *compilation) virtualServer(s *syntax.Statement) {
	body := s.Children()
	c.visit(body)
	address, ok := serverAddress(s)
	if !ok {
		c.notCompiled(s.Args[0], fmt.Sprintf("\"%s %s\"", kw.VirtualServer, s.Args[0].Text))
		return
	}
	vs := plan.VirtualServer{Origin: c.origin(s), Address: address, Protocol: protocol(body), Scheduler: defaultScheduler}
	if text, _, ok := check.Value(body, kw.LVSSched); ok {
		vs.Scheduler = text
	}
	vs.Method = c.method(body, plan.NAT)
	c.persistence(&vs, body)
	checks := defaultTimes().over(body)
	seen := map[netip.AddrPort]*syntax.Statement{}
	weight := check.UintArg(body, kw.Weight, defaultWeight)
	for _, rs := range check.FindAll(body, kw.RealServer) {
		c.realServer(&vs, rs, weight, checks, seen)
	}
	if len(vs.RealServers) == 0 {
		c.noRealServer(s)
		return
	}
	if !c.firstOfItsKind(&vs, s) {
		return
	}
	c.need(plan.NeedIPVS, "", vs.Origin)
	c.need(plan.NeedScheduler, vs.Scheduler, vs.Origin)
	c.plan.VirtualServers = append(c.plan.VirtualServers, vs)
}

// firstOfItsKind refuses a second service on the same protocol, address and port. keepalived does not
// notice it, and what it then does depends on the order of its work.
func (c *compilation) firstOfItsKind(vs *plan.VirtualServer, s *syntax.Statement) bool {
	key := vs.Protocol.String() + " " + vs.Address.String()
	first := c.servers[key]
	if first == nil {
		c.servers[key] = s
		return true
	}
	c.report(diag.Diagnostic{
		Rule: "duplicate-virtual-server", Severity: diag.Error, Span: s.Span,
		Message: fmt.Sprintf("%s %s is defined a second time for %s", kw.VirtualServer, vs.Address, vs.Protocol),
		Help:    "put all real servers into one block",
		Related: []diag.Note{{Message: "the first definition", Span: first.Span}},
	})
	return false
}

func (c *compilation) noRealServer(s *syntax.Statement) {
	for _, line := range s.Children() {
		if line.Dropped && (line.Keyword == nil && line.Block != nil || line.Keyword != nil && line.Keyword.Name == kw.RealServer) {
			// Reported where the real server should have been.
			c.leaveOut(s, "no real server is left ["+ruleNoRealServer+"]")
			return
		}
	}
	d := diag.Diagnostic{
		Rule: ruleNoRealServer, Severity: diag.Error, Span: s.Span,
		Message: "the virtual server has no real server; keepalived drops it",
		Help:    fmt.Sprintf("write \"%s ADDRESS PORT { }\" in the block", kw.RealServer),
	}
	c.report(d)
	c.leaveOut(s, d.Message+" ["+d.Rule+"]")
}

// serverAddress reads an address and a port; a missing port, or one of zeros, is 0. ok is false where
// the words are no address (a fwmark, a group).
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

// protocol is UDP unless the block says otherwise.
func protocol(body []*syntax.Statement) plan.Protocol {
	text, _, _ := check.Value(body, kw.Protocol)
	for _, p := range []plan.Protocol{plan.TCP, plan.SCTP} {
		if strings.EqualFold(text, p.String()) {
			return p
		}
	}
	return plan.UDP
}

// method reads the forwarding method of a virtual or real server.
func (c *compilation) method(body []*syntax.Statement, otherwise plan.Method) plan.Method {
	s := check.Find(body, kw.LVSMethod)
	if s == nil {
		return otherwise
	}
	if w, ok := s.Arg(1); ok && schema.ArgumentWords(schema.Lookup(kw.VirtualServer, kw.LVSMethod)).Keyword(w.Text) != nil {
		c.notCompiled(w, fmt.Sprintf("the tunnel option %q", w.Text))
	}
	for _, m := range []plan.Method{plan.NAT, plan.TUN, plan.DR} {
		if name(s) == m.String() {
			return m
		}
	}
	return otherwise
}

// persistence reads how long clients stay: 360 s where only the keyword, only a granularity, or no port
// is given.
func (c *compilation) persistence(vs *plan.VirtualServer, body []*syntax.Statement) {
	if text, _, ok := check.Value(body, kw.PersistenceTimeout); ok {
		vs.Persistence = defaultPersistence
		if n, ok := schema.ParseUint(text); ok && n > 0 {
			vs.Persistence = time.Duration(n) * time.Second
		}
	}
	if text, from, ok := check.Value(body, kw.PersistenceGranularity); ok {
		if vs.Persistence == 0 {
			vs.Persistence = defaultPersistence
		}
		mask, ok := schema.ParseAddress(text)
		if !ok || vs.Address.Addr().Is6() {
			c.notCompiled(from.Head, fmt.Sprintf("%q with a prefix length", kw.PersistenceGranularity))
		} else if mask != netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
			vs.PersistenceNetmask = mask
		}
	}
	if vs.Address.Port() == 0 && vs.Persistence == 0 {
		vs.Persistence = defaultPersistence
	}
}

// realServer compiles a real_server into vs.
func (c *compilation) realServer(vs *plan.VirtualServer, s *syntax.Statement, weight uint64, times checkTimes, seen map[netip.AddrPort]*syntax.Statement) {
	body := s.Children()
	c.visit(body)
	written, ok := serverAddress(s)
	if !ok {
		return
	}
	rs := plan.RealServer{Origin: c.origin(s), Address: written}
	rs.Method = c.method(body, vs.Method)
	rs.Weight = uint32(check.UintArg(body, kw.Weight, weight))
	if first := seen[written]; first != nil {
		d := diag.Diagnostic{
			Rule: ruleDuplicateReal, Severity: diag.Error, Span: s.Span,
			Message: fmt.Sprintf("%s %s is listed a second time; keepalived removes this one", kw.RealServer, written),
			Help:    "remove the block",
			Related: []diag.Note{{Message: "the first one", Span: first.Span}},
		}
		c.report(d)
		c.leaveOut(s, d.Message+" ["+d.Rule+"]")
		return
	}
	seen[written] = s
	if written.Addr().Is6() != vs.Address.Addr().Is6() && rs.Method != plan.TUN {
		d := diag.Diagnostic{
			Rule: ruleFamilyMix, Severity: diag.Error, Span: s.Span,
			Message: fmt.Sprintf("%s %s is of another family than its virtual server; keepalived drops it", kw.RealServer, written.Addr()),
			Help:    "write an address of the same family",
		}
		c.report(d)
		c.leaveOut(s, d.Message+" ["+d.Rule+"]")
		return
	}
	// With DR and TUN packets reach the real server as they are: the port is the service's.
	if written.Port() == 0 {
		written = netip.AddrPortFrom(written.Addr(), vs.Address.Port())
	}
	rs.Address = written
	if rs.Method != plan.NAT {
		rs.Address = netip.AddrPortFrom(written.Addr(), vs.Address.Port())
	}
	times = times.over(body)
	for _, t := range check.FindAll(body, kw.TCPCheck) {
		rs.Checks = append(rs.Checks, c.tcpCheck(t, written, times))
	}
	vs.RealServers = append(vs.RealServers, rs)
}

// checkTimes are the settings that a check takes from its real server, that one from the virtual
// server, and that from the defaults.
type checkTimes struct {
	delayLoop, connectTimeout, delayBeforeRetry time.Duration
	// warmup is the delay loop unless it is set.
	warmup    time.Duration
	hasWarmup bool
	retry     uint64
}

func defaultTimes() checkTimes {
	return checkTimes{
		delayLoop: defaultDelayLoop, connectTimeout: defaultConnectTimeout,
		delayBeforeRetry: defaultDelayBeforeRetry, retry: defaultRetry,
	}
}

// over returns the settings with those of a block put over them.
func (t checkTimes) over(body []*syntax.Statement) checkTimes {
	t.delayLoop = check.SecondsArg(body, kw.DelayLoop, t.delayLoop)
	t.connectTimeout = check.SecondsArg(body, kw.ConnectTimeout, t.connectTimeout)
	t.delayBeforeRetry = check.SecondsArg(body, kw.DelayBeforeRetry, t.delayBeforeRetry)
	t.retry = check.UintArg(body, kw.Retry, t.retry)
	if _, _, ok := check.Value(body, kw.Warmup); ok {
		t.warmup, t.hasWarmup = check.SecondsArg(body, kw.Warmup, t.warmup), true
	}
	return t
}

func (c *compilation) tcpCheck(s *syntax.Statement, target netip.AddrPort, times checkTimes) plan.Check {
	body := s.Children()
	c.visit(body)
	times = times.over(body)
	if !times.hasWarmup {
		times.warmup = times.delayLoop
	}
	addr := addressArg(body, kw.ConnectIP, target.Addr())
	port := check.UintArg(body, kw.ConnectPort, uint64(target.Port()))
	return plan.Check{
		Origin: c.origin(s), Kind: plan.TCPCheck,
		Target:         netip.AddrPortFrom(addr, uint16(port)),
		ConnectTimeout: times.connectTimeout,
		Retry:          uint32(times.retry), DelayBeforeRetry: times.delayBeforeRetry,
		DelayLoop: times.delayLoop, Warmup: times.warmup,
	}
}
