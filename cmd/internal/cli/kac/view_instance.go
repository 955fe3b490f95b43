package kac

import (
	"fmt"
	"strings"
	"time"

	"ka/compiler/plan"
	"ka/lang/schema/kw"
)

// What an instance has unless its file says otherwise (reference vrrp 2).
const (
	usualDownTimerAdverts = 3
	usualGARPDelay        = 5 * time.Second
	usualGARPRepeat       = 5
	usualRefreshRepeat    = 1
)

// authentications names what is in clear text on the wire; what stands behind it is a secret.
var authentications = map[plan.AuthType]string{plan.AuthNone: "none", plan.AuthPass: "pass", plan.AuthHeader: "ah"}

// instanceFacts says what makes an instance special, in the order in which it comes to bear: who it
// belongs to, how it is on the wire, what it watches, whom it tells.
func instanceFacts(p *plan.Plan, in *plan.Instance) facts {
	f := facts{}
	for _, g := range p.Groups.Sync {
		for _, m := range g.Members {
			f.flag(m == in.Name, "changes state with sync group "+g.Name)
		}
	}
	if in.Auth.Type != plan.AuthNone {
		f = append(f, "authentication "+strings.ToUpper(authentications[in.Auth.Type]))
	}
	f.flag(in.Source.IsValid(), "sends from "+in.Source.String())
	for _, s := range in.Settings() {
		f = append(f, s.String())
	}
	f.flag(in.PreemptDelay > 0, "lets a lower master live for "+span(in.PreemptDelay))
	f.flag(in.DownTimerAdverts != usualDownTimerAdverts, fmt.Sprintf("takes over after %s of silence", count(in.DownTimerAdverts, "interval")))
	f = append(f, garpFacts(in.GARP)...)
	for _, list := range [][]plan.Address{in.VIPs, in.Excluded} {
		for i := range list {
			f = append(f, addressFacts(&list[i])...)
		}
	}
	var scripts []plan.Tracker
	for _, t := range in.TrackScripts {
		scripts = append(scripts, plan.Tracker{Name: t.Script, Weight: t.Weight, Reverse: t.Reverse})
	}
	f = append(f, watched(in.TrackInterfaces, scripts, in.TrackFiles, in.TrackProcesses, in.TrackBFD)...)
	n := &in.Notify
	f.command(p, "when a master hears a lower priority", n.LowerPriority)
	f.command(p, "when a reload takes it away", n.Deleted)
	f.flag(n.DeletedState, "a reload that takes it away is told as DELETED")
	f.flag(n.PriorityChanges, "changes of its priority are written to the FIFOs")
	f.mailed(p, n.Mail, func(m *plan.Mail) bool { return m.VRRPAlerts }, "changes of its state")
	return f
}

// garpFacts says when addresses are announced, where that is not as usual.
func garpFacts(g plan.GARP) facts {
	f := facts{}
	switch {
	case g.Repeat == 0:
	case g.Delay == 0:
		f = append(f, fmt.Sprintf("announces addresses %s at once, and not again", count(g.Repeat, "time")))
	case g.Delay != usualGARPDelay || g.Repeat != usualGARPRepeat:
		f = append(f, fmt.Sprintf("announces addresses %s, and again after %s", count(g.Repeat, "time"), span(g.Delay)))
	}
	if g.Refresh > 0 {
		f = append(f, fmt.Sprintf("announces addresses every %s, %s", span(g.Refresh), count(max(g.RefreshRepeat, usualRefreshRepeat), "time")))
	}
	asUsual := g.LowerPriorityDelay == usualGARPDelay && g.LowerPriorityRepeat == usualGARPRepeat
	switch {
	case g.LowerPriorityRepeat == 0 && g.LowerPriorityDelay == 0:
		f = append(f, "announces nothing after a lower advert")
	case !asUsual && (g.LowerPriorityDelay != g.Delay || g.LowerPriorityRepeat != g.Repeat):
		f = append(f, fmt.Sprintf("announces addresses %s after a lower advert, and again after %s", count(g.LowerPriorityRepeat, "time"), span(g.LowerPriorityDelay)))
	}
	return f
}

// addressFacts says what of an address the kernel's objects of the preview do not show.
func addressFacts(a *plan.Address) facts {
	f := facts{}
	for _, s := range a.Attributes() {
		f = append(f, s.String())
	}
	f.text(kw.TrackGroup+" %s", a.TrackGroup)
	if len(f) == 0 {
		return nil
	}
	return facts{"address " + a.Prefix.String() + ": " + strings.Join(f, ", ")}
}

// watched says what is watched, one line for each kind.
func watched(interfaces, scripts, files, processes, bfd []plan.Tracker) facts {
	f := facts{}
	for _, list := range []struct {
		kind     string
		trackers []plan.Tracker
	}{{"interface", interfaces}, {"script", scripts}, {"file", files}, {"process", processes}, {"BFD session", bfd}} {
		names := facts{}
		for _, t := range list.trackers {
			names = append(names, t.Name+weighted(t.Weight, t.Reverse))
		}
		f.text("watches "+list.kind+" %s", strings.Join(names, ", "))
	}
	return f
}

// begins says in which state the instance begins: only an owner becomes MASTER without a wait (reference
// vrrp 3.1).
func (i *instanceView) begins() string {
	if i.InitialState != plan.StateMaster.String() {
		return "begins as " + i.InitialState
	}
	if i.Priority == 255 {
		return "begins as MASTER"
	}
	return "begins as BACKUP in spite of state MASTER"
}
