package support

import (
	"slices"

	"ka/compiler/plan"
	"ka/lang/schema/kw"
)

// missingGlobal lists the settings of the whole node that this release does not execute. Each is
// refused by name, or left out with --allow-partial.
func missingGlobal(p *plan.Plan) []Lack {
	g := &p.Global
	var out []Lack
	add := func(o plan.Origin, what string, drop func(*plan.Global)) {
		out = append(out, Lack{o, what, helpTakeOut, func(p *plan.Plan) { drop(&p.Global) }})
	}
	if f := g.FIFOs; f != nil && len(p.VirtualServers) > 0 && (f.All != nil || f.LVS != nil) {
		add(f.Origin, "what happens to virtual servers is not written to FIFOs by this release", func(g *plan.Global) {
			rest := *g.FIFOs
			rest.All, rest.LVS = nil, nil
			g.FIFOs = &rest
		})
	}
	out = append(out, missingFirewall(g)...)
	if x := g.SNMP; x != nil {
		add(x.Origin, "SNMP is not spoken by this release", func(g *plan.Global) { g.SNMP = nil })
	}
	if x := g.DBus; x != nil && x.Enabled {
		add(x.Origin, "D-Bus is not spoken by this release", func(g *plan.Global) { g.DBus = nil })
	}
	out = append(out, missingFiles(g)...)
	out = append(out, missingRun(g)...)
	out = append(out, missingMail(p)...)
	return append(out, missingLVS(g)...)
}

// missingRun names what the words of the top level ask for and is not done. Where keepalived puts its files
// of process ids means nothing here: karun has none.
func missingRun(g *plan.Global) []Lack {
	r := g.Run
	if r == nil {
		return nil
	}
	var out []Lack
	add := func(what string, drop func(*plan.Run)) {
		out = append(out, Lack{r.Origin, what, helpTakeOut, func(p *plan.Plan) {
			run := *p.Global.Run
			drop(&run)
			p.Global.Run = &run
		}})
	}
	if r.IPVSElsewhere || r.IPVSNamespace != "" {
		add("IPVS in another network namespace than VRRP is not run by this release", func(r *plan.Run) { r.IPVSElsewhere, r.IPVSNamespace = false, "" })
	}
	return out
}

// missingMail names mails about virtual and real servers: only those about instances are sent.
func missingMail(p *plan.Plan) []Lack {
	m := p.Global.Mail
	if m == nil || m.Server == "" || len(m.Recipients) == 0 {
		return nil
	}
	told := func(vs *plan.VirtualServer) bool {
		return vs.SMTPAlert || slices.ContainsFunc(vs.RealServers, func(rs plan.RealServer) bool { return rs.SMTPAlert })
	}
	for i := range p.VirtualServers {
		if told(&p.VirtualServers[i]) {
			return []Lack{{m.Origin, "mail about virtual and real servers is not sent by this release", "switch it off with " + kw.SMTPAlertChecker + " false, or run with --allow-partial",
				dropServerMail}}
		}
	}
	return nil
}

func dropServerMail(p *plan.Plan) {
	p.VirtualServers = slices.Clone(p.VirtualServers)
	for i := range p.VirtualServers {
		vs := &p.VirtualServers[i]
		vs.SMTPAlert, vs.RealServers = false, slices.Clone(vs.RealServers)
		for j := range vs.RealServers {
			vs.RealServers[j].SMTPAlert = false
		}
	}
}

// missingFiles names the files beside the configuration that are not read or written. Where copies of the
// configuration are kept while it is read, and what an include must not lack, means nothing to a plan.
func missingFiles(g *plan.Global) []Lack {
	f := g.Files
	if f == nil {
		return nil
	}
	var out []Lack
	for _, m := range []struct {
		missing bool
		what    string
		drop    func(*plan.Files)
	}{
		{f.StateDump != "" || f.StatsDump != "" || f.JSONDump != "",
			"no state is written into files at signals by this release, ask \"karun status --format json\"",
			func(f *plan.Files) { f.StateDump, f.StatsDump, f.JSONDump = "", "", "" }},
		{f.ConfigCopies != "", "copies of the configuration are not kept by this release", func(f *plan.Files) { f.ConfigCopies = "" }},
		{f.CheckReload || f.ReloadTime != "" || f.Reload != "" || f.ReloadInPID, "files that ask for a reload are not read by this release",
			func(f *plan.Files) { f.CheckReload, f.ReloadTime, f.Reload, f.ReloadInPID = false, "", "", false }},
	} {
		if m.missing {
			out = append(out, Lack{f.Origin, m.what, helpTakeOut, func(p *plan.Plan) {
				files := *p.Global.Files
				m.drop(&files)
				p.Global.Files = &files
			}})
		}
	}
	return out
}

// missingLVS lists the settings of IPVS.
func missingLVS(g *plan.Global) []Lack {
	l := g.LVS
	if l == nil {
		return nil
	}
	var out []Lack
	for _, s := range []struct {
		on   bool
		what string
		drop func(*plan.LVSGlobal)
	}{
		{l.TCP > 0 || l.TCPFIN > 0 || l.UDP > 0, kw.LVSTimeouts, func(l *plan.LVSGlobal) { l.TCP, l.TCPFIN, l.UDP = 0, 0, 0 }},
		{l.FlushOnStart, kw.LVSFlush, func(l *plan.LVSGlobal) { l.FlushOnStart = false }},
		{l.FlushOnStop != "none", kw.LVSFlushOnStop, func(l *plan.LVSGlobal) { l.FlushOnStop = "none" }},
		{l.LogAllFailures, kw.CheckerLogAllFailures, func(l *plan.LVSGlobal) { l.LogAllFailures = false }},
		{l.NotifyAtStart, kw.RSInitNotifies, func(l *plan.LVSGlobal) { l.NotifyAtStart = false }},
	} {
		if s.on {
			out = append(out, Lack{l.Origin, s.what + " is not executed by this release", helpTakeOut, func(p *plan.Plan) { changeLVS(p, s.drop) }})
		}
	}
	if d := l.Sync; d != nil {
		out = append(out, Lack{
			d.Origin, "the synchronisation of IPVS is not started by this release", "take " + kw.LVSSyncDaemon + " out, or run with --allow-partial",
			func(p *plan.Plan) { changeLVS(p, func(l *plan.LVSGlobal) { l.Sync = nil }) },
		})
	}
	return out
}

// changeLVS changes a copy of the settings of IPVS.
func changeLVS(p *plan.Plan, change func(*plan.LVSGlobal)) {
	settings := *p.Global.LVS
	change(&settings)
	p.Global.LVS = &settings
}
