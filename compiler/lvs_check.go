package compiler

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/source"
	"ka/lang/syntax"
)

// checkTimes are the settings that a check takes from its real server, that one from the virtual
// server, and that from the defaults of the checker.
type checkTimes struct {
	delayLoop, connectTimeout time.Duration
	// warmup is the delay loop unless it is set; retry and delayBeforeRetry are the checker's own.
	delayBeforeRetry, warmup                 time.Duration
	hasRetry, hasDelayBeforeRetry, hasWarmup bool
	retry                                    uint64
	alpha                                    bool
}

func defaultTimes() checkTimes {
	return checkTimes{delayLoop: defaultDelayLoop, connectTimeout: defaultConnectTimeout}
}

// over returns the settings with those of a block put over them.
func (t checkTimes) over(body []*syntax.Statement) checkTimes {
	for _, s := range body {
		if s.Keyword == nil || len(s.Args) == 0 {
			continue
		}
		one := []*syntax.Statement{s}
		switch s.Keyword.Name {
		case kw.DelayLoop:
			t.delayLoop = check.SecondsArg(one, kw.DelayLoop, t.delayLoop)
		case kw.ConnectTimeout:
			t.connectTimeout = check.SecondsArg(one, kw.ConnectTimeout, t.connectTimeout)
		case kw.DelayBeforeRetry:
			if _, _, ok := check.Value(one, kw.DelayBeforeRetry); ok {
				t.delayBeforeRetry, t.hasDelayBeforeRetry = check.SecondsArg(one, kw.DelayBeforeRetry, 0), true
			}
		case kw.Warmup:
			if _, _, ok := check.Value(one, kw.Warmup); ok {
				t.warmup, t.hasWarmup = check.SecondsArg(one, kw.Warmup, 0), true
			}
		case kw.Retry, kw.NbGetRetry:
			if _, _, ok := check.Value(one, s.Keyword.Name); ok {
				t.retry, t.hasRetry = check.UintArg(one, s.Keyword.Name, 0), true
			}
		}
	}
	return t
}

// checkerDefaults are what a checker does where nothing is written; 0 for the delay is the delay loop.
func checkerDefaults(kind plan.CheckKind) (retry uint64, delayBeforeRetry time.Duration) {
	switch kind {
	case plan.HTTPGet, plan.SSLGet:
		return 1, 3 * time.Second
	case plan.DNSCheck:
		return 3, 0
	case plan.MiscCheck:
		return 0, time.Second
	}
	return 1, time.Second
}

// resolve fills in the times of a check.
func (t checkTimes) resolve(c *plan.Check) {
	retry, delay := checkerDefaults(c.Kind)
	if t.hasRetry {
		retry = t.retry
	}
	switch {
	case t.hasDelayBeforeRetry:
		delay = t.delayBeforeRetry
	case delay == 0:
		delay = t.delayLoop
	}
	c.Retry, c.DelayBeforeRetry, c.DelayLoop, c.Warmup = uint32(retry), delay, t.delayLoop, t.delayLoop
	if t.hasWarmup {
		c.Warmup = t.warmup
	}
	if c.Kind != plan.MiscCheck {
		c.ConnectTimeout = t.connectTimeout
	}
}

// checker is a health check while it is read.
type checker struct {
	*virtual
	real  *plan.RealServer
	from  *syntax.Statement
	body  []*syntax.Statement
	times checkTimes
	// virtualHost and serverName are the names that the check takes from outside, for HTTP and for TLS.
	virtualHost, serverName string
	// otherPort is the line of a port that is not the service's own one.
	otherPort source.Span
	out       plan.Check
}

// checks compiles the health checks of a real server.
func (v *virtual) checks(s *syntax.Statement, rs *plan.RealServer, target netip.AddrPort) {
	body := s.Children()
	times := v.times.over(body)
	times.alpha = boolArg(body, kw.Alpha, times.alpha)
	host, _, ok := check.Value(body, kw.Virtualhost)
	if !ok {
		host = v.virtualHost
	}
	found, sessions := false, map[string]bool{}
	var others []otherPort
	for _, line := range body {
		if line.Block != nil {
			found = true // also where it cannot be read: that is reported
		}
		if line.Dropped || line.Keyword == nil || line.Block == nil {
			continue
		}
		c := checker{virtual: v, real: rs, from: line, body: line.Children(), times: times, virtualHost: host, serverName: v.virtualHost}
		c.out = plan.Check{Origin: v.origin(line), Kind: plan.CheckKind(line.Keyword.Name), Target: target}
		if c.read(sessions) {
			if c.otherPort.IsValid() {
				others = append(others, otherPort{at: c.otherPort, kind: c.out.Kind, looks: c.out.Target, service: target})
			}
			rs.Checks = append(rs.Checks, c.out)
			rs.Checks = append(rs.Checks, c.hosts(target)...)
		}
	}
	if !found {
		v.noCheck(s)
	}
	if !slices.ContainsFunc(rs.Checks, func(c plan.Check) bool { return c.Target == target }) {
		v.lvs.others = append(v.lvs.others, others...)
	}
}

// read reads one checker. It reports false where keepalived drops it.
func (c *checker) read(sessions map[string]bool) bool {
	c.visit(c.body)
	if c.out.Kind == plan.SMTPCheck {
		c.body = c.flattened()
	}
	switch c.out.Kind {
	case plan.FileCheck:
		c.out.Target = netip.AddrPort{}
		return c.file()
	case plan.BFDCheck:
		c.out.Target = netip.AddrPort{}
		return c.bfd(sessions)
	}
	c.times = c.times.over(c.body)
	c.times.resolve(&c.out)
	c.out.Alpha = boolArg(c.body, kw.Alpha, c.times.alpha)
	c.out.LogAllFailures = boolArg(c.body, kw.LogAllFailures, c.globals.logAllFailures)
	if c.out.Kind == plan.MiscCheck {
		c.out.Target = netip.AddrPort{}
		return c.misc()
	}
	c.connection()
	switch c.out.Kind {
	case plan.HTTPGet, plan.SSLGet:
		return c.http() && c.reachable()
	case plan.SMTPCheck:
		c.out.SMTP = &plan.SMTPSettings{HeloName: defaultHelo}
		if text, _, ok := check.Value(c.body, kw.HeloName); ok {
			c.out.SMTP.HeloName = text
		}
	case plan.DNSCheck:
		c.dns()
	case plan.UDPCheck:
		c.udp()
	}
	return c.reachable()
}

const defaultHelo = "smtpchecker.keepalived.org"

// connection reads where the check connects to and from. Both addresses must be of one family: the
// second one to be written is ignored where it is of another.
func (c *checker) connection() {
	addr := c.out.Target.Addr()
	connectGiven := false
	for _, s := range c.body {
		if s.Dropped || s.Keyword == nil || s.Keyword.Name != kw.ConnectIP && s.Keyword.Name != kw.Bindto {
			continue
		}
		a, ok := schema.ParseAddress(schema.CutAddress(name(s)))
		if !ok {
			continue
		}
		connect := s.Keyword.Name == kw.ConnectIP
		other, what := addr, kw.ConnectIP
		if connect {
			other, what = c.out.Source, kw.Bindto
		} else if !connectGiven {
			what = kw.RealServer
		}
		if other.IsValid() && other.Is4() != a.Is4() {
			c.drop(s, diag.Diagnostic{
				Rule: ruleInvalid, Severity: diag.Error, Span: s.Args[0].Span,
				Message: fmt.Sprintf("%q is of another family than %s %s; keepalived ignores the line", name(s), what, other),
				Help:    "write an address of the same family",
			})
			continue
		}
		if connect {
			addr, connectGiven = a, true
		} else {
			c.out.Source = a
		}
	}
	port := c.out.Target.Port()
	if s := check.Find(c.body, kw.ConnectPort); s != nil {
		n := uint16(check.UintArg(c.body, kw.ConnectPort, uint64(port)))
		if port != 0 && n != port {
			c.otherPort = s.Span
		}
		port = n
	}
	c.out.Target = netip.AddrPortFrom(addr, port)
	c.out.SourcePort = uint16(check.UintArg(c.body, kw.BindPort, 0))
	c.out.FirewallMark = uint32(check.UintArg(c.body, kw.Fwmark, 0))
	if c.out.Interface, _, _ = check.Value(c.body, kw.BindIf); c.out.Interface != "" {
		c.need(plan.NeedInterface, c.out.Interface, c.origin(check.Find(c.body, kw.BindIf)))
	}
}

// reachable reports a link-local target without an interface: keepalived drops the check.
func (c *checker) reachable() bool {
	a := c.out.Target.Addr()
	if !a.Is6() || !a.IsLinkLocalUnicast() || c.out.Interface != "" {
		return true
	}
	c.drop(c.from, diag.Diagnostic{
		Rule: ruleIncomplete, Severity: diag.Error, Span: c.from.Span,
		Message: fmt.Sprintf("a link-local address such as %s is reached through an interface, and %s is not set; keepalived drops the check", a, kw.BindIf),
		Help:    fmt.Sprintf("write \"%s INTERFACE\" in the block", kw.BindIf),
	})
	return false
}

// lacks reports a check without a keyword that it must have, unless a line that was meant to be that
// keyword is reported already. keepalived drops the check, or what is named instead.
func (c *checker) lacks(s *syntax.Statement, keyword, dropped, example string) {
	reason := fmt.Sprintf("%s has no %s; keepalived drops %s", s.Head.Text, keyword, dropped)
	if meantElsewhere(s, keyword) {
		c.leaveOut(s, reason+" ["+ruleIncomplete+"]")
		return
	}
	c.drop(s, diag.Diagnostic{
		Rule: ruleIncomplete, Severity: diag.Error, Span: s.Span, Message: reason,
		Help: fmt.Sprintf("write \"%s\" in the block", example),
	})
}

// flattened is the body of an SMTP_CHECK with the words of its host blocks, which act on the checker.
func (c *checker) flattened() []*syntax.Statement {
	var out []*syntax.Statement
	for _, s := range c.body {
		if s.Keyword != nil && s.Keyword.Name == kw.Host && s.Block != nil && !s.Dropped {
			c.visit(s.Children())
			out = append(out, s.Children()...)
			continue
		}
		out = append(out, s)
	}
	return out
}

// hosts are the further checks that the host blocks of an SMTP_CHECK make: each one connects to the real
// server itself, since the words in it act on the enclosing check.
func (c *checker) hosts(target netip.AddrPort) []plan.Check {
	if c.out.Kind != plan.SMTPCheck {
		return nil
	}
	var out []plan.Check
	for _, s := range check.FindAll(c.from.Children(), kw.Host) {
		one := c.out
		one.Origin, one.Target = c.origin(s), target
		one.Source, one.SourcePort, one.Interface, one.FirewallMark = netip.Addr{}, 0, "", 0
		out = append(out, one)
	}
	return out
}

// dns reads the question.
func (c *checker) dns() {
	c.out.DNS = &plan.DNSSettings{Type: "SOA", Name: "."}
	if text, _, ok := check.Value(c.body, kw.Type); ok {
		c.out.DNS.Type = strings.ToUpper(text)
	}
	for _, s := range check.FindAll(c.body, kw.Name) {
		text := name(s)
		if text != "." && strings.Contains("."+text+".", "..") {
			c.drop(s, diag.Diagnostic{
				Rule: ruleInvalid, Severity: diag.Error, Span: s.Args[0].Span,
				Message: fmt.Sprintf("the name %q has an empty part; keepalived ignores the line", text),
				Help:    fmt.Sprintf("write %q", strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '.' }), ".")),
			})
			continue
		}
		c.out.DNS.Name = text
		return
	}
}

// defaultMaxReply is the longest answer that UDP_CHECK takes unless it is told otherwise.
const defaultMaxReply = 255

// udp reads what is sent and what must come back.
func (c *checker) udp() {
	u := &plan.UDPSettings{
		MinReplyBytes: uint16(check.UintArg(c.body, kw.MinReplyLength, 0)),
		MaxReplyBytes: uint16(check.UintArg(c.body, kw.MaxReplyLength, defaultMaxReply)),
	}
	c.out.UDP = u
	for _, s := range check.FindAll(c.body, kw.Payload) {
		if digits, ok := c.hexWords(s, ""); ok {
			u.Payload = fromHex(digits)
		}
	}
	for _, s := range check.FindAll(c.body, kw.RequireReply) {
		if digits, ok := c.hexWords(s, "xX"); ok {
			u.RequireReply, u.Reply = true, strings.ToLower(digits)
		}
	}
	if s := check.Find(c.body, kw.MinReplyLength); s != nil && u.MinReplyBytes > u.MaxReplyBytes {
		c.report(diag.Diagnostic{
			Rule: ruleInvalid, Severity: diag.Error, Span: s.Span,
			Message: fmt.Sprintf("the shortest answer, %d bytes, is longer than the longest, %d: the check always fails", u.MinReplyBytes, u.MaxReplyBytes),
			Help:    fmt.Sprintf("write a %s of at most %d, or a longer %s", kw.MinReplyLength, u.MaxReplyBytes, kw.MaxReplyLength),
		})
	}
}

// hexWords reads octets in hexadecimal digits; blanks part them, and one digit by itself is an octet.
func (c *checker) hexWords(s *syntax.Statement, wild string) (string, bool) {
	var out strings.Builder
	for _, w := range s.Args {
		if bad := strings.Trim(w.Text, " 0123456789abcdefABCDEF"+wild); bad != "" {
			c.drop(s, diag.Diagnostic{
				Rule: ruleInvalid, Severity: diag.Error, Span: w.Span,
				Message: fmt.Sprintf("%q holds something else than hexadecimal digits; keepalived ignores the line", w.Text),
				Help:    "write the bytes in hexadecimal, such as 0a ff",
			})
			return "", false
		}
		for _, text := range strings.Fields(w.Text) {
			if len(text)%2 != 0 {
				text = text[:len(text)-1] + "0" + text[len(text)-1:]
			}
			out.WriteString(text)
		}
	}
	return out.String(), true
}

// fromHex turns pairs of hexadecimal digits into bytes.
func fromHex(digits string) []byte {
	out := make([]byte, len(digits)/2)
	for i := range out {
		if _, err := fmt.Sscanf(digits[2*i:2*i+2], "%02x", &out[i]); err != nil {
			return nil
		}
	}
	return out
}

// misc reads the program of a MISC_CHECK, its user, and how long it may run: the virtual server's delay
// loop unless it is set.
func (c *checker) misc() bool {
	line := check.Find(c.body, kw.MiscPath)
	if line == nil {
		c.lacks(c.from, kw.MiscPath, "the check", kw.MiscPath+" /path/to/check")
		return false
	}
	cmd := c.command(line)
	if cmd == nil {
		return false
	}
	// Behind misc_path keepalived reads over further words; the user has a keyword of its own.
	cmd.User, cmd.Group = "", ""
	if u := check.Find(c.body, kw.User); u != nil {
		cmd.User = name(u)
		if w, ok := u.Arg(1); ok {
			cmd.Group = w.Text
		}
	}
	c.needCommand(cmd)
	c.out.Misc = &plan.MiscSettings{
		Command: *cmd, Dynamic: check.FlagSet(c.body, kw.MiscDynamic),
		Timeout: check.SecondsArg(c.body, kw.MiscTimeout, c.virtual.times.delayLoop),
	}
	return true
}

// file reads a FILE_CHECK. The file must be declared further up; its own weight holds unless the check
// has one.
func (c *checker) file() bool {
	var tracked *syntax.Statement
	lost := ""
	for _, s := range check.FindAll(c.body, kw.TrackFile) {
		if d, rule := c.above(s, kw.TrackFile); d != nil {
			tracked = d
		} else {
			lost = rule
		}
	}
	switch {
	case tracked == nil && lost != "":
		c.leaveOut(c.from, fmt.Sprintf("the check has no %s [%s]", kw.TrackFile, lost))
		return false
	case tracked == nil:
		c.lacks(c.from, kw.TrackFile, "the check", kw.TrackFile+" NAME")
		return false
	}
	f := &plan.FileSettings{TrackFile: name(tracked), Weight: defaultWeight}
	for _, from := range []*syntax.Statement{check.Find(tracked.Children(), kw.Weight), check.Find(c.body, kw.Weight)} {
		if from == nil {
			continue
		}
		n, _ := schema.ParseInt(name(from))
		f.Weight = int(int32(n))
		w, _ := from.Arg(1)
		f.Reverse = w.Text == kw.Reverse
	}
	c.out.File = f
	return true
}

// bfd reads a BFD_CHECK. Whatever is wrong with the name costs the check.
func (c *checker) bfd(sessions map[string]bool) bool {
	line := check.Find(c.body, kw.Name)
	switch {
	case line == nil:
		c.lacks(c.from, kw.Name, "the check", kw.Name+" NAME")
		return false
	case sessions[name(line)]:
		c.drop(c.from, diag.Diagnostic{
			Rule: ruleDuplicateName, Severity: diag.Error, Span: line.Args[0].Span,
			Message: fmt.Sprintf("the real server follows %q already; keepalived drops this check", name(line)),
			Help:    "remove the block",
		})
		return false
	}
	if session, rule := c.above(line, kw.BFDInstance); session == nil {
		c.leaveOut(c.from, fmt.Sprintf("the check has no %s [%s]", kw.BFDInstance, rule))
		return false
	}
	sessions[name(line)] = true
	c.out.BFD = &plan.BFDSettings{Name: name(line)}
	c.out.Alpha = check.FlagSet(c.body, kw.Alpha)
	return true
}

// above returns the block that a line refers to; what stands further down, or nowhere, is reported by a rule.
func (c *checker) above(s *syntax.Statement, keyword string) (found *syntax.Statement, rule string) {
	if c.isAhead {
		c.waits = true // what stands further up is known at its turn
		return nil, ""
	}
	found = c.defined.all[definition{keyword, name(s)}]
	if found != nil && c.lvs.read[found] {
		return found, ""
	}
	d := undefined(keyword, s.Args[0], found, c.defined.names[keyword], "keepalived drops the check")
	c.drop(s, d)
	return nil, d.Rule
}
