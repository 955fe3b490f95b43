package plan

import "time"

// optional converts what may be missing.
func optional[From, To any](in *From, convert func(*From) To) *To {
	if in == nil {
		return nil
	}
	out := convert(in)
	return &out
}

func toGlobal(g *Global) jsonGlobal {
	return jsonGlobal{
		RouterID: text(g.RouterID), ScriptUser: text(g.ScriptUser), ScriptGroup: text(g.ScriptGroup),
		ScriptSecurity: g.ScriptSecurity, Mail: optional(g.Mail, toMail),
		Startup: optional(g.Startup, toHookScript), Shutdown: optional(g.Shutdown, toHookScript),
		Processes: optional(g.Processes, toProcesses),
		FIFOs:     optional(g.FIFOs, toFIFOs),
		VRRP:      optional(g.VRRP, toVRRPGlobal),
		LVS:       optional(g.LVS, toLVSGlobal),
		Firewall:  optional(g.Firewall, toFirewall),
		Buffers:   optional(g.Buffers, toBuffers),
		SNMP:      optional(g.SNMP, toSNMP),
		DBus:      optional(g.DBus, toDBus),
		Files:     optional(g.Files, toFiles),
		Run:       optional(g.Run, toRun),
	}
}

func toMail(m *Mail) jsonMail {
	return jsonMail{
		Origin: toOrigin(m.Origin), Recipients: texts(m.Recipients), From: text(m.From),
		Server: text(m.Server), ConnectTimeoutMs: m.ConnectTimeout.Milliseconds(), HELO: text(m.HELO),
		VRRPAlerts: m.VRRPAlerts, VirtualServerAlerts: m.VirtualServerAlerts, RealServerAlerts: m.RealServerAlerts,
		NoFaults: m.NoFaults, NoChecks: m.NoChecks,
	}
}

func toHookScript(h *HookScript) jsonHookScript {
	return jsonHookScript{Command: *toCommand(&h.Command), TimeoutMs: h.Timeout.Milliseconds()}
}

func toProcesses(in *Processes) jsonProcesses {
	return jsonProcesses{
		Origin:                 toOrigin(in.Origin),
		Name:                   text(in.Name),
		VRRP:                   toProcess(&in.VRRP),
		Checks:                 toProcess(&in.Checks),
		BFD:                    toProcess(&in.BFD),
		MaxAutoPriority:        in.MaxAutoPriority,
		MinAutoPriorityDelayUs: in.MinAutoPriorityDelay.Microseconds(),
	}
}

func toProcess(in *Process) jsonProcess {
	return jsonProcess{
		Name:             text(in.Name),
		Nice:             in.Nice,
		NoSwap:           in.NoSwap,
		RealTimePriority: in.RealTimePriority,
		RealTimeLimitUs:  in.RealTimeLimit.Microseconds(),
		CPUs:             in.CPUs,
	}
}

func toFIFOs(in *FIFOs) jsonFIFOs {
	return jsonFIFOs{
		Origin:          toOrigin(in.Origin),
		All:             optional(in.All, toFIFO),
		VRRP:            optional(in.VRRP, toFIFO),
		LVS:             optional(in.LVS, toFIFO),
		PriorityChanges: in.PriorityChanges,
		StatesOnReload:  in.StatesOnReload,
	}
}

func toFIFO(in *FIFO) jsonFIFO {
	return jsonFIFO{
		Origin: toOrigin(in.Origin),
		Path:   text(in.Path),
		User:   text(in.User),
		Group:  text(in.Group),
		Script: toCommand(in.Script),
	}
}

func toVRRPGlobal(in *VRRPGlobal) jsonVRRPGlobal {
	return jsonVRRPGlobal{
		Origin:              toOrigin(in.Origin),
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
		GARPIntervalUs:      in.GARPInterval.Microseconds(),
		NAIntervalUs:        in.NAInterval.Microseconds(),
		ExtraIntervalS:      int64(in.ExtraInterval / time.Second),
		ExtraAll:            in.ExtraAll,
		StartupDelayUs:      in.StartupDelay.Microseconds(),
		AfterBootUs:         in.AfterBoot.Microseconds(),
		MACPrefix:           text(in.MACPrefix),
		AddressMACPrefix:    text(in.AddressMACPrefix),
	}
}

func toLVSGlobal(in *LVSGlobal) jsonLVSGlobal {
	return jsonLVSGlobal{
		Origin:         toOrigin(in.Origin),
		TCPS:           int64(in.TCP / time.Second),
		TCPFINS:        int64(in.TCPFIN / time.Second),
		UDPS:           int64(in.UDP / time.Second),
		FlushOnStart:   in.FlushOnStart,
		FlushOnStop:    in.FlushOnStop,
		Sync:           optional(in.Sync, toSyncDaemon),
		LogAllFailures: in.LogAllFailures,
		NotifyAtStart:  in.NotifyAtStart,
	}
}

func toSyncDaemon(in *SyncDaemon) jsonSyncDaemon {
	return jsonSyncDaemon{
		Origin:    toOrigin(in.Origin),
		Interface: text(in.Interface),
		Instance:  text(in.Instance),
		ID:        int64(in.ID),
		MaxLength: int64(in.MaxLength),
		Port:      int64(in.Port),
		TTL:       int64(in.TTL),
		Group:     toAddr(in.Group),
	}
}

func toFirewall(in *Firewall) jsonFirewall {
	return jsonFirewall{
		Origin:   toOrigin(in.Origin),
		IPTables: optional(in.IPTables, toIPTables),
		NFTables: optional(in.NFTables, toNFTables),
		IPVS:     optional(in.IPVS, toNFTablesIPVS),
		Counters: in.Counters,
	}
}

func toIPTables(in *IPTables) jsonIPTables {
	return jsonIPTables{
		Input:  text(in.Input),
		Output: text(in.Output),
		Sets:   texts(in.Sets),
	}
}

func toNFTables(in *NFTables) jsonNFTables {
	return jsonNFTables{
		Table:    text(in.Table),
		Priority: int64(in.Priority),
		ByIndex:  in.ByIndex,
	}
}

func toNFTablesIPVS(in *NFTablesIPVS) jsonNFTablesIPVS {
	return jsonNFTablesIPVS{
		Table:     text(in.Table),
		Priority:  int64(in.Priority),
		FirstMark: int64(in.FirstMark),
	}
}

func toBuffers(in *Buffers) jsonBuffers {
	return jsonBuffers{
		Origin:           toOrigin(in.Origin),
		VRRPCommand:      toBuffer(&in.VRRPCommand),
		VRRPMonitor:      toBuffer(&in.VRRPMonitor),
		LVSCommand:       toBuffer(&in.LVSCommand),
		LVSMonitor:       toBuffer(&in.LVSMonitor),
		ProcessMonitor:   toBuffer(&in.ProcessMonitor),
		AdvertMTU:        in.AdvertMTU,
		AdvertMessages:   in.AdvertMessages,
		AdvertBytes:      int64(in.AdvertBytes),
		AdvertMultiplier: int64(in.AdvertMultiplier),
	}
}

func toBuffer(in *Buffer) jsonBuffer {
	return jsonBuffer{
		Bytes: int64(in.Bytes),
		Force: in.Force,
	}
}

func toSNMP(in *SNMP) jsonSNMP {
	return jsonSNMP{
		Origin:                  toOrigin(in.Origin),
		Socket:                  text(in.Socket),
		Traps:                   in.Traps,
		VRRP:                    in.VRRP,
		RFC2:                    in.RFC2,
		RFC3:                    in.RFC3,
		Checks:                  in.Checks,
		VirtualServerIntervalUs: in.VirtualServerInterval.Microseconds(),
		RealServerIntervalUs:    in.RealServerInterval.Microseconds(),
	}
}

func toDBus(in *DBus) jsonDBus {
	return jsonDBus{
		Origin:      toOrigin(in.Origin),
		Enabled:     in.Enabled,
		Service:     text(in.Service),
		NoInterface: text(in.NoInterface),
	}
}

func toFiles(in *Files) jsonFiles {
	return jsonFiles{
		Origin:          toOrigin(in.Origin),
		StateDump:       text(in.StateDump),
		StatsDump:       text(in.StatsDump),
		JSONDump:        text(in.JSONDump),
		JSONVersion:     in.JSONVersion,
		InstanceInNames: in.InstanceInNames,
		ConfigCopies:    text(in.ConfigCopies),
		TemporaryConfig: text(in.TemporaryConfig),
		CheckReload:     in.CheckReload,
		CheckReloadLog:  text(in.CheckReloadLog),
		ReloadTime:      text(in.ReloadTime),
		ReloadRepeat:    in.ReloadRepeat,
		Reload:          text(in.Reload),
		ReloadInPID:     in.ReloadInPID,
		Umask:           in.Umask,
		KeepSymlinks:    in.KeepSymlinks,
		IPRouteDefaults: text(in.IPRouteDefaults),
		IPRouteSettings: text(in.IPRouteSettings),
		IncludeChecks:   texts(in.IncludeChecks),
	}
}

func toRun(in *Run) jsonRun {
	return jsonRun{
		Origin:            toOrigin(in.Origin),
		Namespace:         text(in.Namespace),
		IPVSNamespace:     text(in.IPVSNamespace),
		IPVSElsewhere:     in.IPVSElsewhere,
		IPSetsInNamespace: in.IPSetsInNamespace,
		PIDFolder:         in.PIDFolder,
		Instance:          text(in.Instance),
		ChildWaitS:        int64(in.ChildWait / time.Second),
		PollLinks:         in.PollLinks,
	}
}
