package compiler

import (
	"fmt"
	"strings"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// strictDownTimer is the only number of intervals that strict mode has.
const strictDownTimer = 3

// strictChanges reports a setting that strict mode puts another value in the place of.
func (in *instance) strictChanges(w syntax.Word, message, help string) {
	in.warn("strict-conflict", diag.Warning, w, message, help)
}

// strictState: in strict mode MASTER and the priority 255 go together, or the priority decides.
func (in *instance) strictState(state *syntax.Statement) {
	owner := in.out.Priority == ownerPriority
	if !in.out.Deviations.Strict || state == nil || owner == (in.out.InitialState == plan.StateMaster) {
		return
	}
	in.out.InitialState = plan.StateBackup
	if owner {
		in.out.InitialState = plan.StateMaster
	}
	in.strictChanges(state.Args[0],
		fmt.Sprintf("strict mode has \"state MASTER\" with priority 255 and no other; keepalived begins as %s", in.out.InitialState),
		fmt.Sprintf("write \"%s %s\"", kw.State, in.out.InitialState))
}

// strictTimers puts strict mode's values in the place of others.
func (in *instance) strictTimers() {
	if !in.out.Deviations.Strict {
		return
	}
	if in.out.DownTimerAdverts != strictDownTimer {
		if _, from, ok := check.Value(in.body, kw.DownTimerAdverts); ok {
			in.strictChanges(from.Head, fmt.Sprintf("strict mode counts %d intervals; keepalived ignores %q", strictDownTimer, kw.DownTimerAdverts), "remove it, or leave strict mode")
		}
		in.out.DownTimerAdverts = strictDownTimer
	}
	for _, keyword := range []string{kw.GARPLowerPrioRepeat, kw.GARPLowerPrioDelay} {
		if _, from, ok := check.Value(in.body, keyword); ok && check.UintArg(in.body, keyword, 0) != 0 {
			in.strictChanges(from.Head, fmt.Sprintf("strict mode announces nothing after a lower priority; keepalived ignores %q", keyword), "remove it, or leave strict mode")
		}
	}
	in.out.GARP.LowerPriorityDelay, in.out.GARP.LowerPriorityRepeat = 0, 0
}

// deviations reads what the instance does other than by default, and settles what strict mode and the
// priority have to say to it.
func (in *instance) deviations() {
	d, g := &in.out.Deviations, in.globals.vrrp
	// A false value switches it on as well.
	d.SkipAddressCheck = check.Find(in.body, kw.SkipCheckAdvAddr) != nil || g.SkipAddressCheck
	d.ChecksumWithoutHeader = in.flag(kw.V3ChecksumAsV2, g.ChecksumAsV2)
	d.LowerPriorityNoAdvert = in.flag(kw.LowerPrioNoAdvert, g.NoAdvertToLower || d.Strict)
	d.HigherPrioritySendAdvert = in.flag(kw.HigherPrioSendAdvert, g.AdvertToHigher && !d.Strict)
	d.NoVIPs = check.Find(in.body, kw.NoVirtualIpaddress) != nil
	if d.Strict {
		in.strictDeviations(d)
	}
	in.ownerIgnores(d)
	in.acceptance(d)
	in.timerExpired(d)
}

func (in *instance) strictDeviations(d *plan.Deviations) {
	const help = "remove it, or leave strict mode"
	if s := check.Find(in.body, kw.LowerPrioNoAdvert); s != nil && !d.LowerPriorityNoAdvert {
		in.strictChanges(s.Head, fmt.Sprintf("strict mode sends no advert after a lower priority; keepalived ignores %q", kw.LowerPrioNoAdvert+" off"), help)
	}
	if s := check.Find(in.body, kw.HigherPrioSendAdvert); s != nil && d.HigherPrioritySendAdvert {
		in.strictChanges(s.Head, fmt.Sprintf("strict mode sends no advert before it yields; keepalived ignores %q", kw.HigherPrioSendAdvert), help)
	}
	if s := check.Find(in.body, kw.NoVirtualIpaddress); s != nil {
		in.strictChanges(s.Head, fmt.Sprintf("strict mode needs an address; keepalived ignores %q", kw.NoVirtualIpaddress), help)
	}
	d.LowerPriorityNoAdvert, d.HigherPrioritySendAdvert, d.NoVIPs = true, false, false
}

// ownerIgnores reads owner_ignore_adverts, which goes with the priority 255.
func (in *instance) ownerIgnores(d *plan.Deviations) {
	owner := in.out.Priority == ownerPriority
	s := check.Find(in.body, kw.OwnerIgnoreAdverts)
	d.OwnerIgnoreAdverts = owner && (s != nil || in.globals.vrrp.OwnerIgnoresAdverts || d.Strict)
	if s == nil {
		return
	}
	switch on := check.FlagSet(in.body, kw.OwnerIgnoreAdverts); {
	case on && !owner:
		in.settingIgnored(s.Head, fmt.Sprintf("%q is for priority 255; keepalived ignores it", kw.OwnerIgnoreAdverts), "remove it")
	case !on && owner:
		in.settingIgnored(s.Head, fmt.Sprintf("%q is refused with priority 255; keepalived switches it on", kw.OwnerIgnoreAdverts+" off"), "remove the line: without it, global_defs decides")
	}
}

// acceptance settles whether what is sent to the addresses is accepted.
func (in *instance) acceptance(d *plan.Deviations) {
	var said *syntax.Statement
	for _, s := range in.body {
		if !s.Dropped && s.Keyword != nil && (s.Keyword.Name == kw.Accept || s.Keyword.Name == kw.NoAccept) {
			said = s
		}
	}
	accepts := !d.Strict
	if said != nil {
		accepts = said.Keyword.Name == kw.Accept
	}
	if in.out.Priority == ownerPriority {
		return // the owner of an address always accepts
	}
	switch {
	case d.Strict && in.out.Version == 2 && said != nil && accepts:
		accepts = false
		in.warn(ruleStrictBlocks, diag.Warning, said.Head,
			fmt.Sprintf("%q needs VRRP version 3 in strict mode; keepalived drops what is sent to the addresses", kw.Accept),
			"write \"version 3\" on every node, or leave strict mode")
	case d.Strict && said == nil:
		in.blockedBy()
	}
	d.NoAccept = !accepts
}

// ruleStrictBlocks is about addresses that nobody reaches.
const ruleStrictBlocks = "strict-blocks-vip"

// blockedBy reports strict mode without a word about accepting, once for each place that switches it on.
func (in *instance) blockedBy() {
	s := check.Find(in.body, kw.StrictMode)
	if s == nil {
		for _, g := range check.FindAll(in.tree.Body, kw.GlobalDefs) {
			if found := check.Find(g.Children(), kw.VRRPStrict); found != nil {
				s = found
			}
		}
	}
	if s == nil || in.blocked[s] {
		return
	}
	in.blocked[s] = true
	help := fmt.Sprintf("write %q in the instance, or remove %q", kw.Accept, s.Head.Text)
	if in.out.Version == 2 {
		help = fmt.Sprintf("remove %q, or write \"version 3\" and %q in the instance, on every node", s.Head.Text, kw.Accept)
	}
	in.warn(ruleStrictBlocks, diag.Warning, s.Head,
		fmt.Sprintf("strict mode accepts nothing for the addresses: no ping, no connection, no virtual server (%q and the others like it)", in.out.Name), help)
}

// timerExpired reads timer_expired_backup, which goes with nopreempt.
func (in *instance) timerExpired(d *plan.Deviations) {
	const all = 254
	s := check.Find(in.body, kw.TimerExpiredBackup)
	if s == nil {
		return
	}
	if !in.out.NoPreempt {
		in.settingIgnored(s.Head, fmt.Sprintf("%q needs %q; keepalived ignores it", s.Head.Text, kw.Nopreempt), fmt.Sprintf("remove it, or write %q", kw.Nopreempt))
		return
	}
	d.TimerExpiredBackup = all
	if len(s.Args) > 0 {
		d.TimerExpiredBackup = uint8(check.UintArg(in.body, kw.TimerExpiredBackup, all))
	}
}

// virtualAddressesFit reports an instance without addresses. Version 3 and strict mode refuse to start
// with one; false then.
func (in *instance) virtualAddressesFit() bool {
	if len(in.out.VIPs) > 0 {
		in.firstLinkLocal()
		return true
	}
	d := in.out.Deviations
	fatal := d.Strict || in.out.Version == 3 && !d.NoVIPs
	if d.NoVIPs && !fatal || in.hadAddress() {
		return !fatal
	}
	severity, message := diag.Warning, "has no virtual address; keepalived sends adverts about nothing"
	if fatal {
		severity, message = diag.Error, "has no virtual address; keepalived does not start any instance"
	}
	help := fmt.Sprintf("write %q with the addresses, or %q", kw.VirtualIpaddress, kw.NoVirtualIpaddress)
	if d.Strict {
		help = fmt.Sprintf("write %q with the addresses", kw.VirtualIpaddress)
	}
	in.warn("vip-missing", severity, in.from.Args[0], fmt.Sprintf("%q %s", in.out.Name, message), help)
	return !fatal
}

// hadAddress reports whether the text has addresses that were dropped: that is reported already.
func (in *instance) hadAddress() bool {
	if meantElsewhere(in.from, kw.VirtualIpaddress) {
		return true
	}
	for _, block := range check.FindAll(in.body, kw.VirtualIpaddress) {
		if len(block.Children()) > 0 || hasText(block.Block) {
			return true
		}
	}
	return false
}

// hasText reports whether something other than comments stands between the braces of a block, though
// nothing of it came through: a directive of the text level that failed.
func hasText(b *syntax.Block) bool {
	if b == nil || b.Open.File == nil || b.Close.File != b.Open.File || b.Close.Start < b.Open.End {
		return false
	}
	for line := range strings.Lines(string(b.Open.File.Data[b.Open.End:b.Close.Start])) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' && line[0] != '!' {
			return true
		}
	}
	return false
}

// firstLinkLocal reports a first IPv6 address that is none of the link (RFC 9568, 5.2.9).
func (in *instance) firstLinkLocal() {
	if !in.ipv6 || in.out.Unicast != nil || in.out.VIPs[0].Prefix.Addr().IsLinkLocalUnicast() {
		return
	}
	severity := diag.Info
	if in.out.Deviations.Strict {
		severity = diag.Warning
	}
	in.warn("vip-not-link-local", severity, in.vipLines[0].Head,
		fmt.Sprintf("%q is advertised first, and is no address of the link; keepalived uses it all the same", in.vipLines[0].Head.Text),
		"write an address of fe80::/10 first, for the hosts to use as their router")
}
