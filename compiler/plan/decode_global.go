package plan

import (
	"math"
	"slices"
	"time"
)

// given converts what may be missing.
func given[From, To any](path string, in *From, convert func(string, *From) To) *To {
	if in == nil {
		return nil
	}
	out := convert(path, in)
	return &out
}

func (r *reader) global(path string, g *jsonGlobal) Global {
	return Global{
		RouterID: string(g.RouterID), ScriptUser: r.word(path+".script_user", g.ScriptUser),
		ScriptGroup: r.word(path+".script_group", g.ScriptGroup), ScriptSecurity: g.ScriptSecurity,
		Mail:    given(path+".mail", g.Mail, r.mail),
		Startup: given(path+".startup", g.Startup, r.hookScript), Shutdown: given(path+".shutdown", g.Shutdown, r.hookScript),
		Processes: given(path+".processes", g.Processes, r.processes),
		FIFOs:     given(path+".fifos", g.FIFOs, r.fifos),
		VRRP:      given(path+".vrrp", g.VRRP, r.vrrpGlobal),
		LVS:       given(path+".lvs", g.LVS, r.lvsGlobal),
		Firewall:  given(path+".firewall", g.Firewall, r.firewall),
		Buffers:   given(path+".buffers", g.Buffers, r.buffers),
		SNMP:      given(path+".snmp", g.SNMP, r.snmp),
		DBus:      given(path+".dbus", g.DBus, r.dbus),
		Files:     given(path+".files", g.Files, r.files),
		Run:       given(path+".run", g.Run, r.run),
	}
}

func (r *reader) mail(path string, m *jsonMail) Mail {
	return Mail{
		Origin:     r.origin(path+".origin", m.Origin),
		Recipients: r.words(path+".recipients", m.Recipients, maxEntries),
		From:       r.word(path+".from", m.From), Server: r.word(path+".server", m.Server),
		ConnectTimeout: r.duration(path+".connect_timeout_ms", m.ConnectTimeoutMs, time.Millisecond),
		HELO:           r.word(path+".helo", m.HELO),
		VRRPAlerts:     m.VRRPAlerts, VirtualServerAlerts: m.VirtualServerAlerts, RealServerAlerts: m.RealServerAlerts,
		NoFaults: m.NoFaults, NoChecks: m.NoChecks,
	}
}

func (r *reader) hookScript(path string, h *jsonHookScript) HookScript {
	out := HookScript{Timeout: r.duration(path+".timeout_ms", h.TimeoutMs, time.Millisecond)}
	if cmd := r.command(path+".command", &h.Command); cmd != nil {
		out.Command = *cmd
	}
	return out
}

// chosen reads one of a few words.
func (r *reader) chosen(path, word string, words ...string) string {
	if !slices.Contains(words, word) {
		r.fail(path, "%q is none of %q", word, words)
	}
	return word
}

// cpus reads numbers of processors.
func (r *reader) cpus(path string, in []int) []int {
	return read(r, path, in, maxWords, func(path string, n *int) int { return r.count(path, *n) })
}

func (r *reader) processes(path string, in *jsonProcesses) Processes {
	return Processes{
		Origin:               r.origin(path+".origin", in.Origin),
		Name:                 r.word(path+".name", in.Name),
		VRRP:                 r.process(path+".vrrp", &in.VRRP),
		Checks:               r.process(path+".checks", &in.Checks),
		BFD:                  r.process(path+".bfd", &in.BFD),
		MaxAutoPriority:      int(r.number(path+".max_auto_priority", int64(in.MaxAutoPriority), -1, 99)),
		MinAutoPriorityDelay: r.duration(path+".min_auto_priority_delay_us", in.MinAutoPriorityDelayUs, time.Microsecond),
	}
}

func (r *reader) process(path string, in *jsonProcess) Process {
	return Process{
		Name:             r.word(path+".name", in.Name),
		Nice:             int(r.number(path+".nice", int64(in.Nice), -20, 19)),
		NoSwap:           in.NoSwap,
		RealTimePriority: int(r.number(path+".real_time_priority", int64(in.RealTimePriority), 0, 99)),
		RealTimeLimit:    r.duration(path+".real_time_limit_us", in.RealTimeLimitUs, time.Microsecond),
		CPUs:             r.cpus(path+".cpus", in.CPUs),
	}
}

func (r *reader) fifos(path string, in *jsonFIFOs) FIFOs {
	return FIFOs{
		Origin:          r.origin(path+".origin", in.Origin),
		All:             given(path+".all", in.All, r.fifo),
		VRRP:            given(path+".vrrp", in.VRRP, r.fifo),
		LVS:             given(path+".lvs", in.LVS, r.fifo),
		PriorityChanges: in.PriorityChanges,
		StatesOnReload:  in.StatesOnReload,
	}
}

func (r *reader) fifo(path string, in *jsonFIFO) FIFO {
	return FIFO{
		Origin: r.origin(path+".origin", in.Origin),
		Path:   r.word(path+".path", in.Path),
		User:   r.word(path+".user", in.User),
		Group:  r.word(path+".group", in.Group),
		Script: r.command(path+".script", in.Script),
	}
}

func (r *reader) vrrpGlobal(path string, in *jsonVRRPGlobal) VRRPGlobal {
	return VRRPGlobal{
		Origin:              r.origin(path+".origin", in.Origin),
		Strict:              in.Strict,
		NoAdvertToLower:     in.NoAdvertToLower,
		AdvertToHigher:      in.AdvertToHigher,
		CheckUnicastSource:  in.CheckUnicastSource,
		SkipAddressCheck:    in.SkipAddressCheck,
		ChecksumAsV2:        in.ChecksumAsV2,
		OwnerIgnoresAdverts: in.OwnerIgnoresAdverts,
		LogUnknownVRIDs:     in.LogUnknownVRIDs,
		DynamicInterfaces:   in.DynamicInterfaces,
		ChangingInterfaces:  in.ChangingInterfaces,
		NoLocalIGMP:         in.NoLocalIGMP,
		GARPInterval:        r.duration(path+".garp_interval_us", in.GARPIntervalUs, time.Microsecond),
		NAInterval:          r.duration(path+".na_interval_us", in.NAIntervalUs, time.Microsecond),
		ExtraInterval:       r.duration(path+".extra_interval_s", in.ExtraIntervalS, time.Second),
		ExtraAll:            in.ExtraAll,
		StartupDelay:        r.duration(path+".startup_delay_us", in.StartupDelayUs, time.Microsecond),
		AfterBoot:           r.duration(path+".after_boot_us", in.AfterBootUs, time.Microsecond),
		MACPrefix:           r.word(path+".mac_prefix", in.MACPrefix),
		AddressMACPrefix:    r.word(path+".address_mac_prefix", in.AddressMACPrefix),
	}
}

func (r *reader) lvsGlobal(path string, in *jsonLVSGlobal) LVSGlobal {
	return LVSGlobal{
		Origin:         r.origin(path+".origin", in.Origin),
		TCP:            r.duration(path+".tcp_s", in.TCPS, time.Second),
		TCPFIN:         r.duration(path+".tcpfin_s", in.TCPFINS, time.Second),
		UDP:            r.duration(path+".udp_s", in.UDPS, time.Second),
		FlushOnStart:   in.FlushOnStart,
		FlushOnStop:    r.chosen(path+".flush_on_stop", in.FlushOnStop, "none", "own", "all"),
		Sync:           given(path+".sync", in.Sync, r.syncDaemon),
		LogAllFailures: in.LogAllFailures,
		NotifyAtStart:  in.NotifyAtStart,
	}
}

func (r *reader) syncDaemon(path string, in *jsonSyncDaemon) SyncDaemon {
	return SyncDaemon{
		Origin:    r.origin(path+".origin", in.Origin),
		Interface: r.iface(path+".interface", in.Interface, true),
		Instance:  r.word(path+".instance", in.Instance),
		ID:        uint8(r.number(path+".id", in.ID, 0, 255)),
		MaxLength: uint16(r.number(path+".max_length", in.MaxLength, 0, 65507)),
		Port:      uint16(r.number(path+".port", in.Port, 1, 65535)),
		TTL:       uint8(r.number(path+".ttl", in.TTL, 0, 255)),
		Group:     r.addr(path+".group", in.Group, true),
	}
}

func (r *reader) firewall(path string, in *jsonFirewall) Firewall {
	return Firewall{
		Origin:   r.origin(path+".origin", in.Origin),
		IPTables: given(path+".iptables", in.IPTables, r.iptables),
		NFTables: given(path+".nftables_table", in.NFTables, r.nftables),
		IPVS:     given(path+".ipvs_marks", in.IPVS, r.nftablesIPVS),
		Counters: in.Counters,
	}
}

func (r *reader) iptables(path string, in *jsonIPTables) IPTables {
	return IPTables{
		Input:  r.word(path+".input", in.Input),
		Output: r.word(path+".output", in.Output),
		Sets:   r.words(path+".sets", in.Sets, maxWords),
	}
}

func (r *reader) nftables(path string, in *jsonNFTables) NFTables {
	return NFTables{
		Table:    r.word(path+".table", in.Table),
		Priority: int32(r.number(path+".priority", in.Priority, math.MinInt32, math.MaxInt32)),
		ByIndex:  in.ByIndex,
	}
}

func (r *reader) nftablesIPVS(path string, in *jsonNFTablesIPVS) NFTablesIPVS {
	return NFTablesIPVS{
		Table:     r.word(path+".table", in.Table),
		Priority:  int32(r.number(path+".priority", in.Priority, math.MinInt32, math.MaxInt32)),
		FirstMark: uint32(r.number(path+".first_mark", in.FirstMark, 1, math.MaxUint32)),
	}
}

func (r *reader) buffers(path string, in *jsonBuffers) Buffers {
	return Buffers{
		Origin:           r.origin(path+".origin", in.Origin),
		VRRPCommand:      r.buffer(path+".vrrp_command", &in.VRRPCommand),
		VRRPMonitor:      r.buffer(path+".vrrp_monitor", &in.VRRPMonitor),
		LVSCommand:       r.buffer(path+".lvs_command", &in.LVSCommand),
		LVSMonitor:       r.buffer(path+".lvs_monitor", &in.LVSMonitor),
		ProcessMonitor:   r.buffer(path+".process_monitor", &in.ProcessMonitor),
		AdvertMTU:        in.AdvertMTU,
		AdvertMessages:   in.AdvertMessages,
		AdvertBytes:      uint32(r.number(path+".advert_bytes", in.AdvertBytes, 0, math.MaxUint32)),
		AdvertMultiplier: uint32(r.number(path+".advert_multiplier", in.AdvertMultiplier, 0, math.MaxUint32)),
	}
}

func (r *reader) buffer(path string, in *jsonBuffer) Buffer {
	return Buffer{
		Bytes: uint32(r.number(path+".bytes", in.Bytes, 0, math.MaxUint32)),
		Force: in.Force,
	}
}

func (r *reader) snmp(path string, in *jsonSNMP) SNMP {
	return SNMP{
		Origin:                r.origin(path+".origin", in.Origin),
		Socket:                r.word(path+".socket", in.Socket),
		Traps:                 in.Traps,
		VRRP:                  in.VRRP,
		RFC2:                  in.RFC2,
		RFC3:                  in.RFC3,
		Checks:                in.Checks,
		VirtualServerInterval: r.duration(path+".virtual_server_interval_us", in.VirtualServerIntervalUs, time.Microsecond),
		RealServerInterval:    r.duration(path+".real_server_interval_us", in.RealServerIntervalUs, time.Microsecond),
	}
}

func (r *reader) dbus(path string, in *jsonDBus) DBus {
	return DBus{
		Origin:      r.origin(path+".origin", in.Origin),
		Enabled:     in.Enabled,
		Service:     r.word(path+".service", in.Service),
		NoInterface: r.word(path+".no_interface", in.NoInterface),
	}
}

func (r *reader) files(path string, in *jsonFiles) Files {
	return Files{
		Origin:          r.origin(path+".origin", in.Origin),
		StateDump:       r.word(path+".state_dump", in.StateDump),
		StatsDump:       r.word(path+".stats_dump", in.StatsDump),
		JSONDump:        r.word(path+".json_dump", in.JSONDump),
		JSONVersion:     int(r.number(path+".json_version_number", int64(in.JSONVersion), 1, 2)),
		InstanceInNames: in.InstanceInNames,
		ConfigCopies:    r.word(path+".config_copies", in.ConfigCopies),
		TemporaryConfig: r.word(path+".temporary_config", in.TemporaryConfig),
		CheckReload:     in.CheckReload,
		CheckReloadLog:  r.word(path+".check_reload_log", in.CheckReloadLog),
		ReloadTime:      r.word(path+".reload_time", in.ReloadTime),
		ReloadRepeat:    in.ReloadRepeat,
		Reload:          r.word(path+".reload", in.Reload),
		ReloadInPID:     in.ReloadInPID,
		Umask:           int(r.number(path+".umask_bits", int64(in.Umask), -1, 511)),
		KeepSymlinks:    in.KeepSymlinks,
		IPRouteDefaults: r.word(path+".iproute_defaults", in.IPRouteDefaults),
		IPRouteSettings: r.word(path+".iproute_settings", in.IPRouteSettings),
		IncludeChecks:   r.words(path+".include_checks", in.IncludeChecks, maxWords),
	}
}

func (r *reader) run(path string, in *jsonRun) Run {
	return Run{
		Origin:            r.origin(path+".origin", in.Origin),
		Namespace:         r.word(path+".namespace", in.Namespace),
		IPVSNamespace:     r.word(path+".ipvs_namespace", in.IPVSNamespace),
		IPVSElsewhere:     in.IPVSElsewhere,
		IPSetsInNamespace: in.IPSetsInNamespace,
		PIDFolder:         in.PIDFolder,
		Instance:          r.word(path+".instance_name", in.Instance),
		ChildWait:         r.duration(path+".child_wait_s", in.ChildWaitS, time.Second),
		PollLinks:         in.PollLinks,
	}
}
