package compiler

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// The defaults of keepalived 2.4.3 for what concerns the machine.
const (
	defaultRealTimeLimit = 10000 * time.Microsecond
	leastRealTimeLimit   = 2
	maxRealTimePriority  = 99
	defaultAutoDelay     = time.Second
	defaultRxMultiplier  = 3
	defaultStatsInterval = 5 * time.Second
	defaultChildWait     = 5 * time.Second
	defaultSyncPort      = 8848
	defaultFirstMark     = 1000
	unsetUmask           = -1
)

// processWords are the keywords of one process.
type processWords struct{ name, nice, swap, rt, cpus, limit string }

// processes reads the names and the scheduling of the processes, nil where the text has nothing of it.
func (c *compilation) processes(body []*syntax.Statement) *plan.Processes {
	s := c.settings(body)
	named := func(string) string { return "" }
	if s.flag(kw.ProcessNames) {
		named = func(which string) string { return "keepalived_" + which }
	}
	p := plan.Processes{
		Name: s.word(kw.ProcessName, ""),
		VRRP: s.process(named("vrrp"), processWords{kw.VRRPProcessName, kw.VRRPPriority, kw.VRRPNoSwap,
			kw.VRRPRtPriority, kw.VRRPCpuAffinity, kw.VRRPRlimitRttime}),
		Checks: s.process(named("lvs"), processWords{kw.CheckerProcessName, kw.CheckerPriority, kw.CheckerNoSwap,
			kw.CheckerRtPriority, kw.CheckerCpuAffinity, kw.CheckerRlimitRttime}),
		BFD: s.process(named("bfd"), processWords{kw.BFDProcessName, kw.BFDPriority, kw.BFDNoSwap,
			kw.BFDRtPriority, kw.BFDCpuAffinity, kw.BFDRlimitRttime}),
		MinAutoPriorityDelay: time.Duration(s.number(kw.MinAutoPriorityDelay, int64(defaultAutoDelay/time.Microsecond))) * time.Microsecond,
	}
	if st := s.statement(kw.MaxAutoPriority); st != nil {
		p.MaxAutoPriority = maxRealTimePriority // the bare keyword
		if len(st.Args) > 0 {
			p.MaxAutoPriority = int(s.number(kw.MaxAutoPriority, 0))
		}
	}
	if !s.found() {
		return nil
	}
	p.Origin = s.origin()
	return &p
}

func (s *settings) process(name string, w processWords) plan.Process {
	p := plan.Process{
		Name: s.word(w.name, name), Nice: int(s.number(w.nice, 0)), NoSwap: s.flag(w.swap),
		RealTimePriority: int(s.number(w.rt, 0)), RealTimeLimit: defaultRealTimeLimit,
	}
	if s.statement(w.limit) != nil || s.number(w.limit, -1) >= 0 {
		p.RealTimeLimit = time.Duration(s.number(w.limit, 0)) * time.Microsecond
		if p.RealTimeLimit > 0 {
			p.RealTimeLimit = max(p.RealTimeLimit, leastRealTimeLimit*time.Microsecond)
		}
	}
	if st := s.statement(w.cpus); st != nil {
		for _, word := range st.Args {
			if n, ok := schema.ParseUint(word.Text); ok {
				p.CPUs = append(p.CPUs, int(n))
			}
		}
		slices.Sort(p.CPUs)
		p.CPUs = slices.Compact(p.CPUs)
	}
	return p
}

// buffers reads the receive buffers, nil where the text has nothing of them.
func (c *compilation) buffers(body []*syntax.Statement) *plan.Buffers {
	s := c.settings(body)
	buffer := func(bytes, force string) plan.Buffer {
		return plan.Buffer{Bytes: uint32(s.number(bytes, 0)), Force: s.flag(force)}
	}
	b := plan.Buffers{
		VRRPCommand:      buffer(kw.VRRPNetlinkCmdRcvBufs, kw.VRRPNetlinkCmdRcvBufsForce),
		VRRPMonitor:      buffer(kw.VRRPNetlinkMonitorRcvBufs, kw.VRRPNetlinkMonitorRcvBufsForce),
		LVSCommand:       buffer(kw.LVSNetlinkCmdRcvBufs, kw.LVSNetlinkCmdRcvBufsForce),
		LVSMonitor:       buffer(kw.LVSNetlinkMonitorRcvBufs, kw.LVSNetlinkMonitorRcvBufsForce),
		ProcessMonitor:   buffer(kw.ProcessMonitorRcvBufs, kw.ProcessMonitorRcvBufsForce),
		AdvertMultiplier: uint32(s.number(kw.VRRPRxBufsMultiplier, defaultRxMultiplier)),
	}
	for _, st := range check.FindAll(body, kw.VRRPRxBufsPolicy) {
		s.note(st)
		for i, w := range st.Args {
			n, isNumber := schema.ParseUint(w.Text)
			switch {
			case strings.EqualFold(w.Text, kw.MTU):
				b.AdvertMTU = true
			case strings.EqualFold(w.Text, kw.Advert):
				b.AdvertMessages = true
			case isNumber && i == 0:
				b.AdvertBytes = uint32(n)
			}
		}
	}
	if policy := s.statement(kw.VRRPRxBufsPolicy); policy != nil && b.AdvertMTU && b.AdvertMessages && b.AdvertBytes == 0 {
		c.report(diag.Diagnostic{
			Rule: ruleSettingIgnored, Severity: diag.Warning, Span: policy.Span,
			Message: fmt.Sprintf("%q takes one of %s and %s; keepalived uses %s", policy.Head.Text, strings.ToUpper(kw.MTU), kw.Advert, strings.ToUpper(kw.MTU)),
			Help:    "write one of them",
		})
	}
	// A number stands over both words, and MTU over ADVERT (reference keywords).
	b.AdvertMTU = b.AdvertMTU && b.AdvertBytes == 0
	b.AdvertMessages = b.AdvertMessages && !b.AdvertMTU && b.AdvertBytes == 0
	if !s.found() {
		return nil
	}
	b.Origin = s.origin()
	return &b
}

// snmp reads what is told to an SNMP agent, nil where the text has nothing of it.
func (c *compilation) snmp(body []*syntax.Statement) *plan.SNMP {
	s := c.settings(body)
	both := s.flag(kw.EnableSNMPRFC)
	p := plan.SNMP{
		Socket: s.word(kw.SNMPSocket, ""), Traps: s.flag(kw.EnableTraps), VRRP: s.flag(kw.EnableSNMPVRRP),
		RFC2: s.flag(kw.EnableSNMPRfcv2) || both, RFC3: s.flag(kw.EnableSNMPRfcv3) || both,
		Checks:                s.flag(kw.EnableSNMPChecker),
		VirtualServerInterval: s.seconds(kw.SNMPVSStatsUpdateInterval, defaultStatsInterval),
	}
	p.RealServerInterval = s.seconds(kw.SNMPRSStatsUpdateInterval, p.VirtualServerInterval)
	if !s.found() {
		return nil
	}
	p.Origin = s.origin()
	return &p
}

// dbus reads the interface on the system bus, nil where the text has nothing of it.
func (c *compilation) dbus(body []*syntax.Statement) *plan.DBus {
	s := c.settings(body)
	d := plan.DBus{
		Enabled: s.flag(kw.EnableDBUS), Service: s.word(kw.DBUSServiceName, "org.keepalived.Vrrp1"),
		NoInterface: s.word(kw.DBUSNoInterfaceName, ""),
	}
	if !s.found() {
		return nil
	}
	d.Origin = s.origin()
	return &d
}

// outputFiles reads where keepalived reads and writes beside its configuration.
func (c *compilation) outputFiles(body []*syntax.Statement) *plan.Files {
	s := c.settings(body)
	f := plan.Files{
		StateDump: s.word(kw.StateDumpFile, ""), StatsDump: s.word(kw.StatsDumpFile, ""),
		JSONDump: s.word(kw.JSONDumpFile, ""), JSONVersion: int(s.number(kw.JSONVersion, 1)),
		InstanceInNames: s.flag(kw.DataUseInstance),
		ConfigCopies:    s.word(kw.ConfigSaveDir, ""), TemporaryConfig: s.word(kw.TmpConfigDirectory, ""),
		ReloadTime: s.word(kw.ReloadTimeFile, ""), ReloadRepeat: s.flag(kw.ReloadRepeat),
		Reload: s.word(kw.ReloadFile, ""), KeepSymlinks: s.flag(kw.UseSymlinkPaths),
		IPRouteDefaults: s.word(kw.IprouteUsrDir, ""), IPRouteSettings: s.word(kw.IprouteEtcDir, ""),
		Umask: unsetUmask,
	}
	f.ReloadInPID = s.statement(kw.ReloadFile) != nil && f.Reload == ""
	if f.CheckReload = s.statement(kw.ReloadCheckConfig) != nil; f.CheckReload {
		f.CheckReloadLog = s.word(kw.ReloadCheckConfig, "/dev/null")
	}
	if st := s.statement(kw.Umask); st != nil {
		if bits, ok := schema.ParseUmask(check.Texts(st.Args)); ok {
			f.Umask = int(bits)
		}
	}
	for _, st := range check.FindAll(body, kw.IncludeCheck) {
		s.note(st)
		f.IncludeChecks = includeChecks(f.IncludeChecks, check.Texts(st.Args))
	}
	if !s.found() {
		return nil
	}
	f.Origin = s.origin()
	return &f
}

// includeChecks gives the checks behind one include_check: none named are all, one without a sign
// replaces what was set (and sets read too), + adds and - takes away.
func includeChecks(have, words []string) []string {
	all := []string{kw.Read, kw.Match, kw.WildcardMatch, kw.BraceMatch}
	if len(words) == 0 {
		return all
	}
	on := map[string]bool{}
	for _, w := range have {
		on[w] = true
	}
	for i, w := range words {
		switch {
		case strings.HasPrefix(w, "+"):
			on[w[1:]] = true
		case strings.HasPrefix(w, "-"):
			on[w[1:]] = false
		case i == 0:
			on = map[string]bool{kw.Read: true, w: true}
		}
	}
	return slices.DeleteFunc(all, func(w string) bool { return !on[w] })
}

// run reads the words of the top level about the program itself, nil where there are none.
func (c *compilation) run() *plan.Run {
	s := c.settings(c.tree.Body)
	r := plan.Run{
		Namespace: s.word(kw.NetNamespace, ""), IPSetsInNamespace: s.flag(kw.NamespaceWithIpsets),
		Instance: s.word(kw.Instance, ""), ChildWait: s.seconds(kw.ChildWaitTime, defaultChildWait),
		PollLinks: s.flag(kw.LinkbeatUsePolling), PIDFolder: s.flag(kw.UsePidDir),
		IPVSElsewhere: s.statement(kw.NetNamespaceIPVS) != nil, IPVSNamespace: s.word(kw.NetNamespaceIPVS, ""),
	}
	// Both names make room for several runs on one machine.
	r.PIDFolder = r.PIDFolder || r.Namespace != "" || r.Instance != ""
	if !s.found() {
		return nil
	}
	r.Origin = s.origin()
	return &r
}
