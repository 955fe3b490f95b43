package kac

import (
	"fmt"
	"strings"

	"ka/compiler/plan"
	"ka/lang/schema/kw"
)

// newSettingViews says what global_defs and the top level set for the whole node; the groups of the plan
// that are nil have nothing in the text.
func newSettingViews(p *plan.Plan) []listView {
	g := &p.Global
	out := []listView{}
	add := func(kind string, o plan.Origin, f facts) {
		if len(f) > 0 {
			out = append(out, listView{Kind: kind, Text: strings.Join(f, ", "), Origin: at(o)})
		}
	}
	if m := g.Mail; m != nil {
		add("mail", m.Origin, mailFacts(m))
	}
	add("scripts", plan.Origin{}, scriptFacts(g))
	for _, h := range []struct {
		when string
		hook *plan.HookScript
	}{{"before the start", g.Startup}, {"after the stop", g.Shutdown}} {
		if h.hook != nil {
			c := &h.hook.Command
			add(h.when, c.Origin, facts{words(c.Argv) + as(user(p, c)), "at most " + span(h.hook.Timeout)})
		}
	}
	if n := g.FIFOs; n != nil {
		add("all notifications", n.Origin, fifoFacts(p, n.All))
		add("notifications of VRRP", n.Origin, fifoFacts(p, n.VRRP))
		add("notifications of virtual servers", n.Origin, fifoFacts(p, n.LVS))
		f := facts{}
		f.flag(n.PriorityChanges, "changes of priorities")
		f.flag(n.StatesOnReload, "all states after a reload")
		add("FIFOs also get", n.Origin, f)
	}
	if l := g.LVS; l != nil {
		if d := l.Sync; d != nil {
			add("exchange of connections", d.Origin, syncDaemonFacts(d))
		}
		add("IPVS", l.Origin, lvsFacts(l))
	}
	if v := g.VRRP; v != nil {
		add("VRRP", v.Origin, vrrpFacts(v))
	}
	for _, s := range systemSettings(g) {
		add(s.kind, s.origin, s.facts)
	}
	return out
}

func mailFacts(m *plan.Mail) facts {
	f := facts{}
	f.text("from %s", m.From)
	f.text("to %s", strings.Join(m.Recipients, " "))
	f.flag(m.Server != "", "by "+m.Server+", at most "+span(m.ConnectTimeout))
	f.text("greets as %s", m.HELO)
	f.flag(m.VRRPAlerts, "about instances and groups")
	f.flag(m.VirtualServerAlerts, "about virtual servers")
	f.flag(m.RealServerAlerts, "about real servers")
	f.flag(m.NoFaults, "not about FAULT")
	f.flag(m.NoChecks, "not about health checks")
	return f
}

func scriptFacts(g *plan.Global) facts {
	f := facts{}
	if g.ScriptUser != "" {
		name := g.ScriptUser
		if g.ScriptGroup != "" {
			name += ":" + g.ScriptGroup
		}
		f = append(f, "run as "+name)
	}
	f.flag(g.ScriptSecurity, "not as root where somebody else may change them")
	return f
}

func fifoFacts(p *plan.Plan, n *plan.FIFO) facts {
	if n == nil {
		return nil
	}
	f := facts{}
	f.text("FIFO %s", n.Path)
	owner := n.User
	if n.Group != "" {
		owner += ":" + n.Group
	}
	f.text("owned by %s", owner)
	if n.Script != nil {
		f = append(f, "read by "+words(n.Script.Argv)+as(user(p, n.Script)))
		f.flag(n.Path == "", "which never starts: no FIFO is given")
	}
	return f
}

func syncDaemonFacts(d *plan.SyncDaemon) facts {
	f := facts{"on " + d.Interface}
	f.text("sent by the master of %s, received by its backup", d.Instance)
	f.flag(d.Instance == "", "both ways at all times")
	f = append(f, fmt.Sprintf("id %d", d.ID), fmt.Sprintf("to %s port %d", d.Group, d.Port))
	f.number("ttl %d", uint64(d.TTL))
	f.number("messages of %d bytes", uint64(d.MaxLength))
	return f
}

func lvsFacts(l *plan.LVSGlobal) facts {
	f := facts{}
	f.flag(l.TCP > 0, "TCP connections end after "+span(l.TCP))
	f.flag(l.TCPFIN > 0, "after FIN "+span(l.TCPFIN))
	f.flag(l.UDP > 0, "UDP after "+span(l.UDP))
	f.flag(l.FlushOnStart, "all virtual servers of the machine are removed at the start")
	switch l.FlushOnStop {
	case "own":
		f = append(f, "the own virtual servers are removed at once at the stop")
	case "all":
		f = append(f, "all virtual servers of the machine are removed at the stop")
	}
	f.flag(l.LogAllFailures, "every failed try of a check is logged")
	f.flag(l.NotifyAtStart, "real servers notify of their first state")
	return f
}

func vrrpFacts(v *plan.VRRPGlobal) facts {
	f := facts{}
	f.flag(v.Strict, kw.VRRPStrict)
	f.flag(v.NoAdvertToLower, kw.VRRPLowerPrioNoAdvert)
	f.flag(v.AdvertToHigher, kw.VRRPHigherPrioSendAdvert)
	f.flag(v.CheckUnicastSource, kw.VRRPCheckUnicastSrc)
	f.flag(v.SkipAddressCheck, kw.VRRPSkipCheckAdvAddr)
	f.flag(v.ChecksumAsV2, kw.V3ChecksumAsV2)
	f.flag(v.OwnerIgnoresAdverts, kw.VRRPOwnerIgnoreAdverts)
	f.flag(v.LogUnknownVRIDs, "adverts of unknown virtual routers are logged")
	f.flag(v.DynamicInterfaces, "interfaces may come later")
	f.flag(v.ChangingInterfaces, "and come back as something else")
	f.flag(v.NoLocalIGMP, kw.DisableLocalIGMP)
	f.flag(v.GARPInterval > 0, "gratuitous ARPs at least "+span(v.GARPInterval)+" apart")
	f.flag(v.NAInterval > 0, "neighbour advertisements at least "+span(v.NAInterval)+" apart")
	if v.ExtraInterval > 0 {
		text := "announces on VMACs of other interfaces every "
		if v.ExtraAll {
			text = "announces on all other interfaces every "
		}
		f = append(f, text+span(v.ExtraInterval))
	}
	f.flag(v.StartupDelay > 0, "begins "+span(v.StartupDelay)+" after the start")
	f.flag(v.AfterBoot > 0, "begins at the earliest "+span(v.AfterBoot)+" after the boot")
	f.flag(v.MACPrefix != "vrrp", "names of VMACs begin with "+v.MACPrefix)
	f.flag(v.AddressMACPrefix != v.MACPrefix, "those for addresses with "+v.AddressMACPrefix)
	return f
}
