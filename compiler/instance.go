package compiler

import (
	"fmt"
	"net/netip"
	"time"
	"unicode/utf8"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

const (
	defaultPriority = 100
	ownerPriority   = 255
	// maxVIPs is how many addresses an advert can count.
	maxVIPs = 255

	maxIntervalV3 = 40950 * time.Millisecond
)

// instance compiles a vrrp_instance (reference vrrp 2).
func (c *compilation) instance(s *syntax.Statement) {
	n, body := name(s), s.Children()
	if first := c.instances[n]; first != nil {
		d := diag.Diagnostic{
			Rule: ruleDuplicateName, Severity: diag.Error, Span: s.Args[0].Span,
			Message: fmt.Sprintf("%s %q is defined a second time; keepalived skips this one", kw.VRRPInstance, n),
			Help:    "give it another name",
			Related: []diag.Note{{Message: "the first definition", Span: first.Args[0].Span}},
			Subject: subjectInstance + n,
		}
		c.report(d)
		c.leaveOut(s, d.Message+" ["+d.Rule+"]")
		return
	}
	c.instances[n] = s
	c.visit(body)
	in := instance{compilation: c, from: s, body: body, out: plan.Instance{Origin: c.origin(s), Name: n}}
	usable := in.identity()
	in.addresses()
	in.version()
	in.election()
	in.timers()
	in.authentication()
	in.trackers()
	in.notify()
	if usable {
		c.plan.Instances = append(c.plan.Instances, in.out)
	}
}

// instance is one vrrp_instance while it is compiled.
type instance struct {
	*compilation
	from *syntax.Statement
	body []*syntax.Statement
	out  plan.Instance
	// ipv6 is the family of the adverts.
	ipv6 bool
}

func (in *instance) subject() string { return subjectInstance + in.out.Name }

func (in *instance) warn(rule string, severity diag.Severity, w syntax.Word, message, help string) *diag.Diagnostic {
	in.report(diag.Diagnostic{
		Rule: rule, Severity: severity, Span: w.Span, Message: message, Help: help, Subject: in.subject(),
	})
	return &in.list[len(in.list)-1]
}

// identity reads what an instance must have. keepalived's VRRP process refuses to start without.
func (in *instance) identity() bool {
	usable := true
	text, from, ok := check.Value(in.body, kw.Interface)
	if ok {
		in.out.Interface = text
		in.need(plan.NeedInterface, text, in.origin(from))
	} else {
		usable = false
		in.missingKeyword(in.from, kw.Interface, kw.Interface+" eth0", subjectInstance)
	}
	in.out.VRID = uint8(check.UintArg(in.body, kw.VirtualRouterID, 0))
	if in.out.VRID == 0 {
		usable = false
		in.missingKeyword(in.from, kw.VirtualRouterID, kw.VirtualRouterID+" 1..255", subjectInstance)
	}
	return usable
}

// version settles the VRRP version, after the family is known: IPv6 means 3, unless 2 was asked for
// before the first IPv6 address.
func (in *instance) version() {
	in.out.Version = in.globals.version
	if in.ipv6 {
		in.out.Version = 3
	}
	if text, from, ok := check.Value(in.body, kw.Version); ok {
		n, _ := schema.ParseUint(text)
		if !in.ipv6 || n == 3 || before(in.body, from, kw.VirtualIpaddress) {
			in.out.Version = int(n)
		}
	}
	in.out.Group = in.globals.group4
	if in.ipv6 {
		in.out.Group = in.globals.group6
	}
	if a, ok := in.sameFamily(kw.McastDstIP); ok {
		in.out.Group = a
	}
	if a, ok := in.sameFamily(kw.McastSrcIP); ok {
		in.out.Source = a
	}
}

// sameFamily reads an address that keepalived ignores unless it is of the family of the adverts.
func (in *instance) sameFamily(keyword string) (netip.Addr, bool) {
	a := addressArg(in.body, keyword, netip.Addr{})
	if !a.IsValid() {
		return a, false
	}
	if a.Is6() != in.ipv6 {
		_, from, _ := check.Value(in.body, keyword)
		d := in.warn(ruleFamilyMix, diag.Error, from.Args[0],
			fmt.Sprintf("%q of %q is of another family than the first address; keepalived ignores it", from.Args[0].Text, keyword),
			"write an address of the same family")
		in.leaveOut(from, d.Message+" ["+d.Rule+"]")
		return a, false
	}
	return a, true
}

// before reports whether s stands before the first statement of a keyword.
func before(body []*syntax.Statement, s *syntax.Statement, keyword string) bool {
	for _, other := range body {
		if other == s {
			return true
		}
		if !other.Dropped && other.Keyword != nil && other.Keyword.Name == keyword {
			return false
		}
	}
	return true
}

// election reads state, priority and preemption.
func (in *instance) election() {
	var state *syntax.Statement
	master := false
	for _, v := range check.Values(in.body, kw.State) {
		// BACKUP behind MASTER is refused.
		if v.Text == plan.StateMaster.String() || !master {
			master, state = v.Text == plan.StateMaster.String(), v.From
		}
	}
	priority := uint64(defaultPriority)
	if _, _, ok := check.Value(in.body, kw.Priority); ok {
		priority = check.UintArg(in.body, kw.Priority, defaultPriority)
	} else if master {
		priority = ownerPriority
	}
	in.out.Priority = uint8(priority)
	in.out.InitialState = plan.StateBackup
	if master || state == nil && priority == ownerPriority {
		in.out.InitialState = plan.StateMaster
	}
	in.preemption(state)
}

// preemption reads nopreempt and preempt_delay; keepalived clears what does not go with the state.
func (in *instance) preemption(state *syntax.Statement) {
	var no *syntax.Statement
	for _, s := range in.body {
		switch {
		case s.Dropped || s.Keyword == nil:
		case s.Keyword.Name == kw.Nopreempt:
			no = s
		case s.Keyword.Name == kw.Preempt:
			no = nil
		}
	}
	isMaster := in.out.InitialState == plan.StateMaster
	if no != nil {
		switch {
		case in.out.Priority == ownerPriority:
			d := in.warn("nopreempt-ignored", diag.Warning, no.Head,
				fmt.Sprintf("%q is ignored with priority 255: the owner of an address always takes it", kw.Nopreempt),
				"write a priority from 1 to 254")
			in.stateNote(d, state, false)
		case isMaster:
			d := in.warn("nopreempt-ignored", diag.Warning, no.Head,
				fmt.Sprintf("%q is ignored with state MASTER", kw.Nopreempt), "write \"state BACKUP\", on every node")
			in.stateNote(d, state, true)
		default:
			in.out.NoPreempt = true
		}
	}
	delay := check.SecondsArg(in.body, kw.PreemptDelay, 0)
	if delay == 0 {
		return
	}
	_, from, _ := check.Value(in.body, kw.PreemptDelay)
	switch {
	case isMaster && state == nil:
		in.warn("preempt-delay-ignored", diag.Warning, from.Head,
			fmt.Sprintf("%q is ignored with priority 255, which starts as MASTER", kw.PreemptDelay),
			"write a priority from 1 to 254")
	case isMaster:
		d := in.warn("preempt-delay-ignored", diag.Warning, from.Head,
			fmt.Sprintf("%q is ignored with state MASTER", kw.PreemptDelay), "write \"state BACKUP\"")
		in.stateNote(d, state, true)
	case in.out.NoPreempt:
		d := in.warn("preempt-delay-ignored", diag.Warning, from.Head,
			fmt.Sprintf("%q is ignored with %q: there is no preemption to delay", kw.PreemptDelay, kw.Nopreempt),
			"remove one of the two")
		d.Related = append(d.Related, diag.Note{Message: fmt.Sprintf("%q is here", kw.Nopreempt), Span: no.Head.Span})
	default:
		in.out.PreemptDelay = delay
	}
}

// stateNote points at the state line, and offers BACKUP in its place.
func (in *instance) stateNote(d *diag.Diagnostic, state *syntax.Statement, fix bool) {
	if state == nil || len(state.Args) == 0 {
		return
	}
	d.Related = append(d.Related, diag.Note{Message: "the state is set here", Span: state.Span})
	if fix {
		backup := plan.StateBackup.String()
		d.Fixes = append(d.Fixes, diag.Fix{
			Kind: diag.Intent, Title: fmt.Sprintf("write %q", kw.State+" "+backup),
			Edits: []diag.Edit{{Span: state.Args[0].Span, New: backup}},
		})
	}
}

// timers reads the advert interval, what makes a master dead, and the announcements.
func (in *instance) timers() {
	in.out.DownTimerAdverts = int(check.UintArg(in.body, kw.DownTimerAdverts, uint64(in.globals.downTimerAdverts)))
	in.out.AdvertInterval = in.advertInterval()
	g := in.globals.garp
	in.out.GARP = plan.GARP{
		Delay:               check.SecondsArg(in.body, kw.GARPMasterDelay, g.Delay),
		Repeat:              int(check.UintArg(in.body, kw.GARPMasterRepeat, uint64(g.Repeat))),
		Refresh:             check.SecondsArg(in.body, kw.GARPMasterRefresh, g.Refresh),
		RefreshRepeat:       int(check.UintArg(in.body, kw.GARPMasterRefreshRepeat, uint64(g.RefreshRepeat))),
		LowerPriorityDelay:  check.SecondsArg(in.body, kw.GARPLowerPrioDelay, g.LowerPriorityDelay),
		LowerPriorityRepeat: int(check.UintArg(in.body, kw.GARPLowerPrioRepeat, uint64(g.LowerPriorityRepeat))),
	}
}

// advertInterval rounds as keepalived does: half up to whole seconds (version 2) or to 10 ms with at
// most 40.95 s (version 3).
func (in *instance) advertInterval() time.Duration {
	text, from, ok := check.Value(in.body, kw.AdvertInt)
	if !ok {
		return time.Second
	}
	asked, _ := schema.ParseSeconds(text, 6)
	step := time.Second
	if in.out.Version == 3 {
		step = 10 * time.Millisecond
	}
	used := max((asked+step/2)/step*step, step)
	if in.out.Version == 3 {
		used = min(used, maxIntervalV3)
	}
	if used != asked && len(from.Args) > 0 {
		in.warn("advert-int-rounded", diag.Warning, from.Args[0],
			fmt.Sprintf("%q is rounded to %s s in version %d", kw.AdvertInt+" "+text, seconds(used), in.out.Version),
			fmt.Sprintf("write \"%s %s\"", kw.AdvertInt, seconds(used)))
	}
	return used
}

func seconds(d time.Duration) string { return fmt.Sprintf("%g", d.Seconds()) }

const (
	ruleAuthIgnored = "auth-ignored"
	authPassword    = "PASS"
	authHeader      = "AH"
	maxPassword     = 8
)

// authentication reads the blocks of version 2. keepalived drops it in version 3.
func (in *instance) authentication() {
	var body []*syntax.Statement
	blocks := check.FindAll(in.body, kw.Authentication)
	for _, b := range blocks {
		body = append(body, b.Children()...)
	}
	in.visit(body)
	password, secret, hasPassword := check.Value(body, kw.AuthPass)
	if len(password) > maxPassword {
		in.passwordCut(secret.Args[0])
		password = password[:maxPassword]
	}
	kind, from, ok := check.Value(body, kw.AuthType)
	if !ok || kind != authPassword && kind != authHeader {
		return
	}
	if in.out.Version == 3 {
		in.warn(ruleAuthIgnored, diag.Error, from.Head,
			"version 3 has no authentication; keepalived sends its adverts without",
			fmt.Sprintf("remove the block %q, on every node", kw.Authentication))
		in.leaveOut(from, "version 3 has no authentication ["+ruleAuthIgnored+"]")
		return
	}
	if kind == authHeader {
		in.notCompiled(from.Args[0], fmt.Sprintf("%q", kw.AuthType+" "+authHeader))
		return
	}
	if !hasPassword || password == "" {
		if !meantElsewhere(blocks[len(blocks)-1], kw.AuthPass) {
			in.warn(ruleAuthIgnored, diag.Error, from.Head,
				fmt.Sprintf("%q without a password; keepalived sends its adverts without authentication", kw.AuthType+" "+kind),
				fmt.Sprintf("write %q with a password of at most 8 bytes, on a line of its own", kw.AuthPass))
		}
		in.leaveOut(from, "no password is given ["+ruleAuthIgnored+"]")
		return
	}
	in.out.Auth = plan.Auth{Type: plan.AuthPass, Password: password}
}

// passwordCut reports a password over 8 bytes; the fix takes the rest away, and shows none of it.
func (in *instance) passwordCut(w syntax.Word) {
	d := in.warn("auth-pass-truncated", diag.Warning, w,
		fmt.Sprintf("%q has %d bytes, only the first 8 count", kw.AuthPass, len(w.Text)),
		"write a password of at most 8 bytes, the same on every node")
	tail := w.Span
	if w.Quoted {
		tail.Start++
		tail.End--
	}
	if tail.End-tail.Start != len(w.Text) {
		return // the text came out of a parameter
	}
	if !utf8.RuneStart(w.Text[maxPassword]) {
		return // half a character is no text
	}
	tail.Start += maxPassword
	d.Fixes = []diag.Fix{{
		Kind: diag.SameMeaning, Title: "cut it to 8 bytes", Edits: []diag.Edit{{Span: tail}},
	}}
}

// notify reads the notification commands.
func (in *instance) notify() {
	n := &in.out.Notify
	for _, target := range []struct {
		keyword string
		to      **plan.Command
	}{
		{kw.NotifyMaster, &n.Master}, {kw.NotifyBackup, &n.Backup}, {kw.NotifyFault, &n.Fault},
		{kw.NotifyStop, &n.Stop}, {kw.Notify, &n.Any},
	} {
		if s := check.Find(in.body, target.keyword); s != nil {
			*target.to = in.command(s)
			in.needCommand(*target.to)
		}
	}
}
