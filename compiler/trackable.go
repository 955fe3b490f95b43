package compiler

import (
	"fmt"
	"net/netip"
	"time"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// subjectTracker is the subject of findings about a file, a process or a BFD session that is tracked.
const subjectTracker = "tracker "

// The range of a value that a tracked file may begin with.
const maxFileValue = 254

// trackFile compiles a track_file (diagnostics D297 to D301).
func (c *compilation) trackFile(s *syntax.Statement) {
	body := s.Children()
	c.visit(body)
	d, ok := c.define(s, diag.Warning, "keepalived uses the first")
	if !ok {
		return
	}
	f := plan.TrackFile{Origin: c.origin(s), Name: name(s), Watch: plan.Watch{Weight: 1}}
	f.Path, _, _ = check.Value(body, kw.File)
	if f.Path == "" {
		d.unusable = true
		c.missingKeyword(s, kw.File, kw.File+" /path/to/file", subjectTracker)
		c.leaveOut(s, "it names no file ["+ruleMissing+"]")
		return
	}
	for _, w := range check.FindAll(body, kw.Weight) {
		if f.Watch == (plan.Watch{Weight: 1}) { // a weight of 1 counts as not set
			f.Watch = watch(w)
		}
	}
	if init := check.Find(body, kw.InitFile); init != nil {
		f.Init = c.fileInit(init)
	}
	d.watch = f.Watch
	c.plan.Trackables.Files = append(c.plan.Trackables.Files, f)
}

// watch reads WEIGHT [reverse].
func watch(s *syntax.Statement) plan.Watch {
	n, _ := schema.ParseInt(name(s))
	w, _ := s.Arg(1)
	return plan.Watch{Weight: int(n), Reverse: w.Text == kw.Reverse}
}

func (c *compilation) fileInit(s *syntax.Statement) *plan.FileInit {
	var init plan.FileInit
	for _, w := range s.Args {
		if w.Text == kw.Overwrite {
			init.Overwrite = true
			continue
		}
		n, _ := schema.ParseInt(w.Text)
		init.Value = int(min(max(n, -1<<31), 1<<31-1))
		if n < -maxFileValue || n > maxFileValue {
			c.report(diag.Diagnostic{
				Rule: ruleInvalid, Severity: diag.Warning, Span: w.Span,
				Message: fmt.Sprintf("%q is outside -254..254, between which a file changes a priority; keepalived writes it all the same", w.Text),
				Help:    "write a number from -254 to 254",
			})
		}
	}
	return &init
}

// trackProcess compiles a vrrp_track_process (diagnostics D291 to D296). Its words count in their order.
func (c *compilation) trackProcess(s *syntax.Statement) {
	body := s.Children()
	c.visit(body)
	d, ok := c.define(s, diag.Warning, "keepalived uses the first")
	if !ok {
		return
	}
	p := plan.TrackProcess{Origin: c.origin(s), Name: name(s), Match: plan.MatchName, Quorum: 1}
	for _, line := range body {
		if !line.Dropped && line.Keyword != nil {
			c.processLine(&p, line)
		}
	}
	if w := check.Find(body, kw.Weight); w != nil {
		p.Watch = watch(w)
	}
	if p.Command == "" {
		d.unusable = true
		c.missingKeyword(s, kw.Process, kw.Process+" NAME", subjectTracker)
		c.leaveOut(s, "it names no process ["+ruleMissing+"]")
		return
	}
	d.watch = p.Watch
	c.plan.Trackables.Processes = append(c.plan.Trackables.Processes, p)
}

func (c *compilation) processLine(p *plan.TrackProcess, line *syntax.Statement) {
	seconds := func() time.Duration {
		d, _ := schema.ParseSeconds(name(line), 6)
		return d
	}
	switch line.Keyword.Name {
	case kw.Process:
		c.processWords(p, line)
	case kw.ParamMatch:
		p.FullCommand, p.Match = true, plan.MatchExact
		if name(line) != "" {
			p.Match = plan.ProcessMatch(name(line))
		}
	case kw.FullCommand:
		p.FullCommand = true
	case kw.Quorum, kw.QuorumMax:
		c.quorum(p, line)
	case kw.Delay:
		p.ForkDelay, p.TerminateDelay = seconds(), seconds()
	case kw.ForkDelay:
		p.ForkDelay = seconds()
	case kw.TerminateDelay:
		p.TerminateDelay = seconds()
	}
}

// processWords reads the program and the words behind it, which are compared too.
func (c *compilation) processWords(p *plan.TrackProcess, line *syntax.Statement) {
	if p.Command != "" || len(line.Args) == 0 {
		return
	}
	p.Command = name(line)
	for _, w := range line.Args[1:] {
		p.Parameters = append(p.Parameters, w.Text)
	}
	if len(p.Parameters) > 0 {
		p.FullCommand = true
		if p.Match == plan.MatchName {
			p.Match = plan.MatchExact
		}
	}
}

// quorum reads a quorum or its upper bound; keepalived ignores one that contradicts the other so far.
func (c *compilation) quorum(p *plan.TrackProcess, line *syntax.Statement) {
	n, _ := schema.ParseUint(name(line))
	v := uint16(n)
	upper := line.Keyword.Name == kw.QuorumMax
	if upper && v < p.Quorum && v > 0 || !upper && p.QuorumMax != nil && v > *p.QuorumMax {
		d := diag.Diagnostic{
			Rule: ruleInvalid, Severity: diag.Error, Span: line.Args[0].Span,
			Message: fmt.Sprintf("%q contradicts the other bound of the quorum; keepalived ignores it", line.Head.Text+" "+name(line)),
			Help:    fmt.Sprintf("write %s not above %s", kw.Quorum, kw.QuorumMax),
		}
		c.report(d)
		c.leaveOut(line, d.Message+" ["+d.Rule+"]")
		return
	}
	if upper {
		p.QuorumMax = &v
		if v == 0 {
			p.Quorum = 0
		}
		return
	}
	p.Quorum = v
}

// The defaults and bounds of a BFD session.
const (
	defaultBFDInterval   = 10 * time.Millisecond
	defaultBFDIdle       = time.Second
	longestBFDInterval   = 10 * time.Second
	defaultBFDMultiplier = 5
	defaultBFDTTL        = 255
	defaultBFDHopLimit   = 64
)

// bfd compiles a bfd_instance (diagnostics D368 to D378).
func (c *compilation) bfd(s *syntax.Statement) {
	body := s.Children()
	c.visit(body)
	d, ok := c.define(s, diag.Error, "keepalived skips this one")
	if !ok {
		return
	}
	b := plan.BFDInstance{
		Origin: c.origin(s), Name: name(s),
		Neighbor: addressArg(body, kw.NeighborIP, netip.Addr{}), Source: addressArg(body, kw.SourceIP, netip.Addr{}),
		MinRx: c.bfdInterval(body, kw.MinRx, defaultBFDInterval), MinTx: c.bfdInterval(body, kw.MinTx, defaultBFDInterval),
		IdleTx:     c.bfdInterval(body, kw.IdleTx, defaultBFDIdle),
		Multiplier: uint8(check.UintArg(body, kw.Multiplier, defaultBFDMultiplier)),
		Passive:    check.FlagSet(body, kw.Passive), Multihop: check.FlagSet(body, kw.Multihop),
		VRRP: check.FlagSet(body, kw.VRRP), Checker: check.FlagSet(body, kw.Checker),
	}
	if !b.VRRP && !b.Checker {
		b.VRRP, b.Checker = true, true
	}
	if w := check.Find(body, kw.Weight); w != nil {
		b.Watch = watch(w)
	}
	d.unusable = !c.bfdNeighbor(s, &b)
	if d.unusable {
		return
	}
	c.bfdHops(body, &b)
	d.watch = b.Watch
	c.plan.Trackables.BFD = append(c.plan.Trackables.BFD, b)
}

// bfdInterval reads a time of milliseconds; over 10 s keepalived takes it and says that it is long.
func (c *compilation) bfdInterval(body []*syntax.Statement, keyword string, otherwise time.Duration) time.Duration {
	text, from, ok := check.Value(body, keyword)
	if !ok {
		return otherwise
	}
	// Seconds are read to the microsecond; a number of milliseconds is a thousandth of that.
	d, _ := schema.ParseSeconds(text, 3)
	d = (d / 1000).Round(time.Microsecond)
	if d > longestBFDInterval {
		c.report(diag.Diagnostic{
			Rule: "bfd-interval-long", Severity: diag.Warning, Span: from.Args[0].Span,
			Message: fmt.Sprintf("%q is over 10 s: the number counts milliseconds", keyword+" "+text),
			Help:    "write the time in milliseconds, at most 10000",
		})
	}
	return d
}

// bfdNeighbor checks the addresses. It reports false where keepalived drops the session.
func (c *compilation) bfdNeighbor(s *syntax.Statement, b *plan.BFDInstance) bool {
	at := s.Args[0]
	message, help := "", ""
	switch {
	case !b.Neighbor.IsValid():
		c.missingKeyword(s, kw.NeighborIP, kw.NeighborIP+" ADDRESS", subjectTracker)
		c.leaveOut(s, "it has no neighbour ["+ruleMissing+"]")
		return false
	case b.Source.IsValid() && b.Source.Is4() != b.Neighbor.Is4():
		message, help = "source and neighbour are of different families; keepalived drops the session", "write addresses of one family"
		at = check.Find(s.Children(), kw.SourceIP).Args[0]
	default:
		for _, other := range c.plan.Trackables.BFD {
			if other.Neighbor == b.Neighbor && other.Multihop == b.Multihop && (!other.Source.IsValid() || !b.Source.IsValid() || other.Source == b.Source) {
				message = fmt.Sprintf("%s %q has this neighbour already; keepalived drops this session", s.Keyword.Name, other.Name)
				help = "remove one of the two"
				at = check.Find(s.Children(), kw.NeighborIP).Args[0]
			}
		}
	}
	if message == "" {
		c.bfdSelf(s, b)
		return true
	}
	d := diag.Diagnostic{Rule: ruleInvalid, Severity: diag.Error, Span: at.Span, Message: message, Help: help}
	c.report(d)
	c.leaveOut(s, d.Message+" ["+d.Rule+"]")
	return false
}

// bfdSelf reports a session of a node with itself.
func (c *compilation) bfdSelf(s *syntax.Statement, b *plan.BFDInstance) {
	if b.Source != b.Neighbor {
		return
	}
	c.report(diag.Diagnostic{
		Rule: "bfd-self", Severity: diag.Warning, Span: check.Find(s.Children(), kw.NeighborIP).Args[0].Span,
		Message: fmt.Sprintf("neighbour and source are both %s: the node would watch itself", b.Neighbor),
		Help:    "write the address of the other node",
	})
}

// bfdHops settles the TTL and how many routers may lie between.
func (c *compilation) bfdHops(body []*syntax.Statement, b *plan.BFDInstance) {
	ttl := uint64(defaultBFDTTL)
	if b.Neighbor.Is6() {
		ttl = defaultBFDHopLimit
	}
	b.TTL = uint8(check.UintArg(body, kw.TTL, ttl))
	b.MaxHops = int(check.IntArg(body, kw.MaxHops, 0))
	if b.MaxHops <= int(b.TTL) {
		return
	}
	_, from, _ := check.Value(body, kw.MaxHops)
	c.report(diag.Diagnostic{
		Rule: ruleInvalid, Severity: diag.Error, Span: from.Args[0].Span,
		Message: fmt.Sprintf("%q is above the TTL of %d; keepalived uses %d in its place", from.Head.Text+" "+name(from), b.TTL, b.TTL),
		Help:    fmt.Sprintf("write a number up to %d, or a larger ttl", b.TTL),
	})
	b.MaxHops = int(b.TTL)
}
