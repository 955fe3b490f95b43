package kac

import (
	"fmt"
	"strings"
	"time"

	"ka/compiler/plan"
	"ka/lang/schema/kw"
)

// What holds where only other settings of a group are given.
const (
	usualChildWait = 5 * time.Second
	usualStatsAge  = 5 * time.Second
	// usualRealTimeLimit bounds a process with a real-time priority.
	usualRealTimeLimit = 10 * time.Millisecond
)

// systemSetting is one group of settings about the program and the machine.
type systemSetting struct {
	kind   string
	origin plan.Origin
	facts  facts
}

func systemSettings(g *plan.Global) []systemSetting {
	var out []systemSetting
	if x := g.Firewall; x != nil {
		out = append(out, systemSetting{"packet filter", x.Origin, firewallFacts(x)})
	}
	if x := g.Processes; x != nil {
		out = append(out, systemSetting{"processes", x.Origin, processesFacts(x)})
	}
	if x := g.Buffers; x != nil {
		out = append(out, systemSetting{"receive buffers", x.Origin, bufferFacts(x)})
	}
	if x := g.SNMP; x != nil {
		out = append(out, systemSetting{"SNMP", x.Origin, snmpFacts(x)})
	}
	if x := g.DBus; x != nil {
		f := facts{}
		f.flag(!x.Enabled, "off")
		f = append(f, "service "+x.Service)
		f.text("%s where there is no interface", x.NoInterface)
		out = append(out, systemSetting{"D-Bus", x.Origin, f})
	}
	if x := g.Files; x != nil {
		out = append(out, systemSetting{"files", x.Origin, fileFacts(x)})
	}
	if x := g.Run; x != nil {
		out = append(out, systemSetting{"run", x.Origin, runFacts(x)})
	}
	return out
}

func firewallFacts(x *plan.Firewall) facts {
	f := facts{}
	if t := x.IPTables; t != nil {
		f.text("iptables input chain %s", t.Input)
		f.text("iptables output chain %s", t.Output)
		f.text("sets %s", strings.Join(t.Sets, " "))
	}
	if t := x.NFTables; t != nil {
		f = append(f, fmt.Sprintf("%s table %s priority %d", kw.Nftables, t.Table, t.Priority))
		f.flag(t.ByIndex, "interfaces by index")
	}
	if t := x.IPVS; t != nil {
		f = append(f, fmt.Sprintf("marks from %d on in %s table %s priority %d", t.FirstMark, kw.Nftables, t.Table, t.Priority))
	}
	f.flag(x.Counters, "with counters")
	return f
}

func processesFacts(x *plan.Processes) facts {
	f := facts{}
	f.text("the parent is called %s", x.Name)
	for _, p := range []struct {
		of string
		*plan.Process
	}{{"VRRP", &x.VRRP}, {"health checks", &x.Checks}, {"BFD", &x.BFD}} {
		of := facts{}
		of.text("called %s", p.Name)
		of.flag(p.Nice != 0, fmt.Sprintf("nice %d", p.Nice))
		of.flag(p.NoSwap, "its memory locked")
		of.number("real-time priority %d", uint64(p.RealTimePriority))
		of.flag(p.RealTimeLimit != usualRealTimeLimit && p.RealTimeLimit > 0, "at most "+span(p.RealTimeLimit)+" without a pause")
		of.flag(len(p.CPUs) > 0, "on processors "+strings.Trim(fmt.Sprint(p.CPUs), "[]"))
		if len(of) > 0 {
			f = append(f, p.of+": "+strings.Join(of, ", "))
		}
	}
	f.flag(x.MaxAutoPriority > 0, fmt.Sprintf("real-time priority up to %d after a delay of %s", x.MaxAutoPriority, span(x.MinAutoPriorityDelay)))
	if len(f) == 0 {
		return nil
	}
	return facts{strings.Join(f, "; ")}
}

func bufferFacts(x *plan.Buffers) facts {
	f := facts{}
	for _, b := range []struct {
		of string
		plan.Buffer
	}{
		{"netlink commands of VRRP", x.VRRPCommand}, {"netlink messages to VRRP", x.VRRPMonitor},
		{"netlink commands of checks", x.LVSCommand}, {"netlink messages to checks", x.LVSMonitor},
		{"messages of processes", x.ProcessMonitor},
	} {
		f.flag(b.Bytes > 0, fmt.Sprintf("%s %d bytes", b.of, b.Bytes))
		f.flag(b.Force, b.of+" beyond the system's bound")
	}
	f.number("adverts %d bytes", uint64(x.AdvertBytes))
	f.flag(x.AdvertMTU, fmt.Sprintf("adverts %d times the MTU", x.AdvertMultiplier))
	f.flag(x.AdvertMessages, fmt.Sprintf("adverts %d times the longest", x.AdvertMultiplier))
	return f
}

func snmpFacts(x *plan.SNMP) facts {
	f := facts{}
	f.text("agent %s", x.Socket)
	f.flag(x.Traps, "traps")
	f.flag(x.VRRP, "VRRP")
	f.flag(x.RFC2, "the MIB of RFC 2787")
	f.flag(x.RFC3, "the MIB of RFC 6527")
	f.flag(x.Checks, "health checks")
	f.flag(x.VirtualServerInterval != usualStatsAge, "statistics at most "+span(x.VirtualServerInterval)+" old")
	f.flag(x.RealServerInterval != x.VirtualServerInterval, "those of real servers "+span(x.RealServerInterval))
	return f
}

func fileFacts(x *plan.Files) facts {
	f := facts{}
	f.text("state to %s", x.StateDump)
	f.text("statistics to %s", x.StatsDump)
	f.text("JSON to %s", x.JSONDump)
	f.flag(x.JSONVersion > 1, fmt.Sprintf("JSON version %d", x.JSONVersion))
	f.flag(x.InstanceInNames, "with the name of the run in their names")
	f.text("copies of the configuration in %s", x.ConfigCopies)
	f.text("temporary copy in %s", x.TemporaryConfig)
	f.flag(x.CheckReload, "a reload is tried before, messages to "+x.CheckReloadLog)
	f.text("reloads at the time in %s", x.ReloadTime)
	f.flag(x.ReloadRepeat, "each day")
	f.text("a reload needs %s", x.Reload)
	f.flag(x.ReloadInPID, "a reload needs a file beside the process ids")
	f.flag(x.Umask >= 0, fmt.Sprintf("umask %03o", max(x.Umask, 0)))
	f.flag(x.KeepSymlinks, "scripts are named as written, not as links resolve")
	f.text("names of routing in %s", x.IPRouteDefaults)
	f.text("names of routing in %s", x.IPRouteSettings)
	f.text("an include must not lack: %s", strings.Join(x.IncludeChecks, " "))
	return f
}

func runFacts(x *plan.Run) facts {
	f := facts{}
	f.text("in network namespace %s", x.Namespace)
	switch {
	case x.IPVSElsewhere && x.IPVSNamespace == "":
		f = append(f, "IPVS in the namespace that it was started in")
	case x.IPVSElsewhere:
		f = append(f, "IPVS in network namespace "+x.IPVSNamespace)
	}
	f.flag(x.IPSetsInNamespace, "sets of addresses in the namespace")
	f.text("named %s", x.Instance)
	f.flag(x.PIDFolder, "process ids in a folder")
	f.flag(x.ChildWait != usualChildWait, "waits "+span(x.ChildWait)+" for its processes")
	f.flag(x.PollLinks, "asks interfaces for their carrier")
	return f
}
