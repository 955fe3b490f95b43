package compiler

import (
	"fmt"
	"slices"
	"time"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// garpGroup reads a garp_group (D279 to D281). An interface belongs to the first group that names it.
func (c *compilation) garpGroup(s *syntax.Statement) {
	body := s.Children()
	c.visit(body)
	g := plan.GARPGroup{
		Origin:      c.origin(s),
		ARPInterval: check.SecondsArg(body, kw.GARPInterval, 0), NAInterval: check.SecondsArg(body, kw.GNAInterval, 0),
	}
	if g.ARPInterval == 0 && g.NAInterval == 0 {
		if !meantElsewhere(s, kw.GARPInterval) && !meantElsewhere(s, kw.GNAInterval) {
			c.report(diag.Diagnostic{
				Rule: ruleMissing, Severity: diag.Error, Span: s.Span, Subject: subjectGroup,
				Message: fmt.Sprintf("%q has no %s and no %s; keepalived removes it", s.Head.Text, kw.GARPInterval, kw.GNAInterval),
				Help:    fmt.Sprintf("write \"%s\" and the seconds between two announcements", kw.GARPInterval),
			})
		}
		c.leaveOut(s, "it has no interval ["+ruleMissing+"]")
	}
	for _, line := range body {
		if line.Dropped || line.Keyword == nil {
			continue
		}
		switch line.Keyword.Name {
		case kw.Interface:
			c.garpInterface(&g, line, line.Args[0])
		case kw.Interfaces:
			words := listWords(line)
			if len(words) == 0 {
				c.report(diag.Diagnostic{
					Rule: ruleMissingArgument, Severity: diag.Warning, Span: line.Head.Span,
					Message: fmt.Sprintf("%q holds nothing; keepalived ignores it", line.Head.Text),
					Help:    "write the interfaces into it, or remove it",
				})
			}
			for _, w := range words {
				c.garpInterface(&g, line, w)
			}
		}
	}
	if g.ARPInterval != 0 || g.NAInterval != 0 {
		c.plan.Groups.GARP = append(c.plan.Groups.GARP, g)
	}
}

func (c *compilation) garpInterface(g *plan.GARPGroup, line *syntax.Statement, w syntax.Word) {
	if c.groups.inGARP == nil {
		c.groups.inGARP = map[string]*syntax.Statement{}
	}
	if first := c.groups.inGARP[w.Text]; first != nil {
		d := diag.Diagnostic{
			Rule: ruleDuplicateName, Severity: diag.Error, Span: w.Span,
			Message: fmt.Sprintf("%q has a %s already; keepalived ignores it here", w.Text, kw.GARPGroup),
			Help:    "name each interface in one group only",
			Related: []diag.Note{{Message: "the first one", Span: first.Span}},
		}
		c.report(d)
		c.leaveOutWord(line, w, d)
		return
	}
	g.Interfaces = append(g.Interfaces, w.Text)
	if g.ARPInterval != 0 || g.NAInterval != 0 {
		c.groups.inGARP[w.Text] = line
		c.need(plan.NeedInterface, w.Text, c.originAt(w.Span))
	}
}

// linkbeat reads linkbeat_interfaces (D282 to D284).
func (c *compilation) linkbeat(s *syntax.Statement) {
	ctx := schema.At(s.Keyword.Inner())
	for _, entry := range s.Children() {
		if entry.Dropped {
			c.leaveOut(entry, c.reason(entry))
			continue
		}
		l := plan.LinkbeatInterface{Origin: c.origin(entry), Interface: entry.Head.Text}
		tokens := check.Line(entry, ctx)[1:]
		known := slices.IndexFunc(tokens, func(t check.Token) bool { return t.Keyword == nil }) < 0
		switch {
		case len(tokens) == 1 && known:
			l.Method = tokens[0].Word.Text
		case len(tokens) > 1 && known:
			d := diag.Diagnostic{
				Rule: ruleInvalid, Severity: diag.Error, Span: tokens[1].Word.Span,
				Message: fmt.Sprintf("%q is one way too many; keepalived ignores both and takes the first that works", tokens[1].Word.Text),
				Help:    "write one of MII, ETHTOOL and IOCTL, or none",
			}
			c.report(d)
			c.leaveOut(entry, d.Message+" ["+d.Rule+"]")
		}
		c.groups.settings = append(c.groups.settings, entry)
		c.plan.Groups.Linkbeat = append(c.plan.Groups.Linkbeat, l)
	}
}

// delays reads interface_up_down_delays (D285, D286).
func (c *compilation) delays(s *syntax.Statement) {
	ctx := schema.At(s.Keyword.Inner())
	for _, entry := range s.Children() {
		if entry.Dropped {
			c.leaveOut(entry, c.reason(entry))
			continue
		}
		tokens := check.Line(entry, ctx)
		if len(tokens) < 2 {
			d := diag.Diagnostic{
				Rule: "missing-argument", Severity: diag.Error, Span: entry.Head.Span,
				Message: fmt.Sprintf("%q needs the seconds that the interface must be down; keepalived ignores the line", entry.Head.Text),
				Help:    fmt.Sprintf("write \"%s 0.5\", and the seconds for up behind it", entry.Head.Text),
			}
			c.report(d)
			c.leaveOut(entry, d.Message+" ["+d.Rule+"]")
			continue
		}
		d := plan.InterfaceDelay{Origin: c.origin(entry), Interface: entry.Head.Text}
		for i, to := range []*time.Duration{&d.Down, &d.Up} {
			if i+1 < len(tokens) {
				*to, _ = schema.ParseSeconds(tokens[i+1].Word.Text, 6)
			}
		}
		c.groups.settings = append(c.groups.settings, entry)
		c.plan.Groups.Delays = append(c.plan.Groups.Delays, d)
	}
}

// interfaceSettings reports settings of interfaces that nothing else of the text uses (G27).
func (c *compilation) interfaceSettings() {
	used := map[string]bool{}
	for n := range c.needs {
		used[n.Name] = used[n.Name] || n.Kind == plan.NeedInterface
	}
	for _, s := range check.FindAll(c.tree.Body, kw.VRRPInstance) {
		for _, block := range check.FindAll(s.Children(), kw.TrackInterface) {
			for _, entry := range block.Children() {
				used[entry.Head.Text] = true
			}
		}
	}
	for _, entry := range c.groups.settings {
		if !used[entry.Head.Text] {
			c.report(diag.Diagnostic{
				Rule: "interface-unused", Severity: diag.Warning, Span: entry.Head.Span,
				Message: fmt.Sprintf("no instance uses or tracks the interface %q: the line changes nothing", entry.Head.Text),
				Help:    "write the name of an interface that an instance uses, or remove the line",
			})
		}
	}
	for _, entry := range c.groups.settings {
		c.need(plan.NeedInterface, entry.Head.Text, c.origin(entry))
	}
}

// shortenedDelays cuts delays that would outlast the adverts of an instance on the interface: it would take
// a lost link for a lost master (reference vrrp 5; diagnostics D252).
func (c *compilation) shortenedDelays() {
	for i := range c.plan.Groups.Delays {
		d := &c.plan.Groups.Delays[i]
		for _, in := range c.settled {
			if in.out.Interface != d.Interface {
				continue
			}
			most := plan.LongestDelay(in.out.DownTimerAdverts, in.out.AdvertInterval)
			if longest := max(d.Down, d.Up); longest > most {
				c.delayShortened(d, in, most)
			}
		}
	}
}

func (c *compilation) delayShortened(d *plan.InterfaceDelay, in *instance, most time.Duration) {
	d.Down, d.Up = min(d.Down, most), min(d.Up, most)
	for _, entry := range c.groups.settings {
		if c.origin(entry) != d.Origin {
			continue
		}
		c.report(diag.Diagnostic{
			Rule: ruleSettingIgnored, Severity: diag.Warning, Span: entry.Head.Span,
			Message: fmt.Sprintf("a delay of %q lasts longer than the adverts that %q waits for; keepalived shortens it to %g s", d.Interface, in.out.Name, most.Round(time.Millisecond).Seconds()),
			Help:    fmt.Sprintf("write at most %g seconds", most.Truncate(10*time.Millisecond).Seconds()),
			Related: []diag.Note{{Message: "the instance", Span: in.from.Span}},
		})
	}
}
