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
	in.out.Deviations.Strict = in.flag(kw.StrictMode, in.globals.vrrp.Strict)
	usable := in.identity()
	in.inOrder()
	in.unreachable = !in.reachable()
	usable = usable && !in.unreachable
	in.link()
	in.addresses()
	in.election()
	in.deviations()
	in.timers()
	in.authentication()
	in.hmac()
	in.settleUnicast()
	in.trackers()
	in.otherTrackers()
	in.notify()
	in.syncDaemonInterface()
	if usable && in.virtualAddressesFit() {
		c.settled = append(c.settled, &in)
		c.plan.Instances = append(c.plan.Instances, in.out)
	}
}

// instance is one vrrp_instance while it is compiled.
type instance struct {
	*compilation
	from *syntax.Statement
	body []*syntax.Statement
	out  plan.Instance
	// ipv6 is the family of the adverts, settled while the text is read.
	ipv6   bool
	family family
	// unicast collects the peers; unicastFrom is the first keyword that asks for unicast.
	unicast     plan.Unicast
	unicastFrom *syntax.Statement
	// unreachable says that it has no way to send adverts.
	unreachable bool
	// The statements that set source, group and version; nil, not valid and 0 where none does.
	sourceFrom, groupFrom, versionFrom *syntax.Statement
	group                              netip.Addr
	versionSet                         int
	ipvlan                             *plan.IPVLAN
	ipvlanFrom                         *syntax.Statement
	// ipvlanRefused says that its address was of the wrong family.
	ipvlanRefused bool
	// vipLines are the lines of out.VIPs.
	vipLines []*syntax.Statement
	// authFrom is the auth_type that counts.
	authFrom *syntax.Statement
}

func (in *instance) subject() string { return subjectInstance + in.out.Name }

func (in *instance) warn(rule string, severity diag.Severity, w syntax.Word, message, help string) *diag.Diagnostic {
	in.report(diag.Diagnostic{
		Rule: rule, Severity: severity, Span: w.Span, Message: message, Help: help, Subject: in.subject(),
	})
	return &in.list[len(in.list)-1]
}

// loopback is the one interface that every machine has and that no instance may use.
const loopback = "lo"

// identity reads what an instance must have. keepalived's VRRP process refuses to start without.
func (in *instance) identity() bool {
	text, from, ok := check.Value(in.body, kw.Interface)
	if ok && text != loopback {
		in.out.Interface = text
		in.need(plan.NeedInterface, text, in.origin(from))
	}
	in.out.VRID = uint8(check.UintArg(in.body, kw.VirtualRouterID, 0))
	if in.out.VRID == 0 {
		in.missingKeyword(in.from, kw.VirtualRouterID, kw.VirtualRouterID+" 1..255", subjectInstance)
	}
	return in.out.VRID != 0
}

// election reads state, priority and preemption.
func (in *instance) election() {
	var state *syntax.Statement
	master := false
	for _, v := range check.Values(in.body, kw.State) {
		switch {
		case v.Text == plan.StateMaster.String() || !master:
			master, state = v.Text == plan.StateMaster.String(), v.From
		case !v.From.Dropped:
			in.stateBehindMaster(state, v.From)
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
	in.strictState(state)
	in.preemption(state)
}

// stateBehindMaster reports BACKUP behind MASTER, which is refused.
func (in *instance) stateBehindMaster(first, s *syntax.Statement) {
	d := in.warn(ruleDuplicateKeyword, diag.Error, s.Head,
		fmt.Sprintf("%q comes after %q; keepalived ignores it", kw.State+" "+s.Args[0].Text, kw.State+" "+plan.StateMaster.String()), "write one of the two")
	d.Related = append(d.Related, diag.Note{Message: "the state is set here", Span: first.Span})
	in.leaveOut(s, d.Message+" ["+d.Rule+"]")
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
	case in.out.Deviations.Strict:
		in.warn("preempt-delay-ignored", diag.Warning, from.Head,
			fmt.Sprintf("%q is ignored in strict mode", kw.PreemptDelay), "remove it, or leave strict mode")
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
		ExtraInterval:       in.globals.vrrp.ExtraInterval, ExtraAll: in.globals.vrrp.ExtraAll,
	}
	if s := check.Find(in.body, kw.GARPExtraIf); s != nil {
		if interval, all, ok := in.extraInterfaces(s); ok {
			in.out.GARP.ExtraInterval, in.out.GARP.ExtraAll = interval, all
		}
	}
	in.strictTimers()
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

// authentication reads the blocks of version 2. keepalived drops it in version 3, in strict mode, where
// there is no password, AH in IPv6, and beside auth_hmac.
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
		if hasPassword && !ok && !meantElsewhere(blocks[len(blocks)-1], kw.AuthType) {
			in.warn(ruleAuthIgnored, diag.Error, secret.Head,
				fmt.Sprintf("%q without %q; keepalived sends its adverts without authentication", kw.AuthPass, kw.AuthType),
				fmt.Sprintf("write \"%s %s\" beside it, on every node, or remove the block", kw.AuthType, authPassword))
			in.leaveOut(secret, "no type is given ["+ruleAuthIgnored+"]")
		}
		return
	}
	why := ""
	switch {
	case in.out.Version == 3:
		why = "version 3 has no authentication"
	case in.out.Deviations.Strict:
		why = "strict mode has no authentication"
	case kind == authHeader && in.ipv6:
		why = "there is no AH for IPv6"
	}
	if why != "" {
		in.warn(ruleAuthIgnored, diag.Error, from.Head, why+"; keepalived sends its adverts without",
			fmt.Sprintf("remove the block %q, on every node", kw.Authentication))
		in.leaveOut(from, why+" ["+ruleAuthIgnored+"]")
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
	in.authFrom = from
	switch {
	case kind == authHeader:
		in.out.Auth.Type = plan.AuthHeader
		in.headerBegins()
	case in.ipv6: // tried with 2.4.3: both nodes say that the password is wrong, and are masters
		in.warn(ruleAuthIgnored, diag.Error, from.Head,
			"adverts over IPv6 hold no password: keepalived takes every one that it hears for one with a wrong password, and all nodes become master",
			fmt.Sprintf("remove the block %q, on every node", kw.Authentication))
	}
}

// headerBegins starts an instance with AH as backup: it must first hear the sequence of the others.
func (in *instance) headerBegins() {
	if in.out.InitialState != plan.StateMaster || in.out.Priority == ownerPriority {
		return
	}
	in.out.InitialState = plan.StateBackup
	if _, state, ok := check.Value(in.body, kw.State); ok {
		in.settingIgnored(state.Args[0], fmt.Sprintf("with authentication AH an instance starts as BACKUP; keepalived ignores %q", kw.State+" "+state.Args[0].Text), "write \"state BACKUP\"")
	}
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
		{kw.NotifyStop, &n.Stop}, {kw.Notify, &n.Any}, {kw.NotifyMasterRxLowerPri, &n.LowerPriority},
		{kw.NotifyDeleted, &n.Deleted},
	} {
		s := check.Find(in.body, target.keyword)
		if s == nil {
			continue
		}
		if target.keyword == kw.NotifyDeleted {
			n.DeletedState = true
			if len(s.Args) == 0 {
				continue // by itself it only changes what the others are told
			}
		}
		*target.to = in.command(s)
		in.needCommand(*target.to)
	}
	n.Mail = in.flag(kw.SMTPAlert, in.globals.vrrpAlerts)
	n.PriorityChanges = in.flag(kw.NotifyPriorityChanges, in.groupTellsPriorities())
}

// flag reads a keyword with an optional bool; otherwise holds where it is not written.
func (in *instance) flag(keyword string, otherwise bool) bool {
	if check.Find(in.body, keyword) == nil {
		return otherwise
	}
	return check.FlagSet(in.body, keyword)
}

// settingIgnored reports a setting that keepalived ignores or changes because of another one.
func (in *instance) settingIgnored(w syntax.Word, message, help string) *diag.Diagnostic {
	return in.warn(ruleSettingIgnored, diag.Warning, w, message, help)
}
