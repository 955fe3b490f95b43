package schema

// groupKeywords returns the rows of groups of instances and interfaces.
func groupKeywords() []group {
	return []group{
		{"track_group", []Keyword{
			{Name: "group", Kind: WordBlock, Args: "ref:vrrp_instance+", Repeat: RepeatFirstNoted, Requires: "VRRP", Since: "2.0.3", NoArgument: BareReport},
		}},
		{"garp_group", []Keyword{
			{Name: "garp_interval", Kind: Value, Args: "dec6[0..4294.967295] s", Default: "unset", Requires: "VRRP", Since: "1.2.21", NoArgument: BareExit},
			{Name: "gna_interval", Kind: Value, Args: "dec6[0..4294.967295] s", Default: "unset", Requires: "VRRP", Since: "1.2.21", NoArgument: BareExit},
			{Name: "interface", Kind: Value, Args: "ref:iface", Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP", Since: "1.2.21", NoArgument: BareExit},
			{Name: "interfaces", Kind: WordBlock, Args: "ref:iface+", Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP", Since: "1.2.21", NoArgument: BareReport},
		}},
		{"vrrp_sync_group", []Keyword{
			{Name: "group", Kind: WordBlock, Args: "ref:vrrp_instance+", Repeat: RepeatFirstNoted, Requires: "VRRP", NoArgument: BareReport},
			{Name: "track_interface", Kind: ListBlock, Args: "<track-interface-line>+", Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP", Since: "2.0.0"},
			{Name: "track_script", Kind: ListBlock, Args: "<track-script-line>+", Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP", Since: "2.0.0"},
			{Name: "track_file", Kind: ListBlock, Args: "<track-file-line>+", Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP|LVS", Since: "2.0.0"},
			{Name: "track_process", Kind: ListBlock, Args: "<track-process-line>+", Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP+TRACK_PROCESS", Since: "2.0.11"},
			{Name: "track_bfd", Kind: ListBlock, Args: "<track-bfd-line>+", Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP+BFD", Since: "2.0.0"},
			{Name: "notify_backup", Kind: Value, Args: "command user? group?", Default: "none", Repeat: RepeatFirstNoted, Requires: "VRRP", NoArgument: BareExit},
			{Name: "notify_master", Kind: Value, Args: "command user? group?", Default: "none", Repeat: RepeatFirstNoted, Requires: "VRRP", NoArgument: BareExit},
			{Name: "notify_fault", Kind: Value, Args: "command user? group?", Default: "none", Repeat: RepeatFirstNoted, Requires: "VRRP", NoArgument: BareExit},
			{Name: "notify_stop", Kind: Value, Args: "command user? group?", Default: "none", Repeat: RepeatFirstNoted, Requires: "VRRP", Since: "2.0.0", NoArgument: BareExit},
			{Name: "notify", Kind: Value, Args: "command user? group?", Default: "none", Repeat: RepeatFirstNoted, Requires: "VRRP", Since: "1.1.2", NoArgument: BareExit},
			{Name: "smtp_alert", Kind: Flag, Args: "bool?", Default: "smtp_alert_vrrp, else smtp_alert, else off", Requires: "VRRP"},
			{Name: "notify_priority_changes", Kind: Flag, Args: "bool?", Default: "unset", Requires: "VRRP", Since: "2.2.0"},
			{Name: "global_tracking", Kind: Flag, Default: "off", Repeat: RepeatSame, Deprecated: true, Instead: "track_* on the sync group", Requires: "VRRP", Since: "1.2.3", NoArgument: BareReport},
			{Name: "sync_group_tracking_weight", Kind: Flag, Default: "off", Repeat: RepeatSame, Requires: "VRRP", Since: "2.0.0"},
		}},
		{"vrrp_sync_group/track_interface/<line>", []Keyword{
			{Name: "<name>", Kind: LineToken, Args: "ref:iface", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "weight", Kind: LineToken, Args: "int[-253..253]", Default: "0", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "reverse", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested},
		}},
		{"vrrp_sync_group/track_script/<line>", []Keyword{
			{Name: "<name>", Kind: LineToken, Args: "ref:vrrp_script", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "weight", Kind: LineToken, Args: "int[-253..253]", Default: "weight of the script", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "reverse", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested},
			{Name: "noreverse", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested},
		}},
		{"vrrp_sync_group/track_file/<line>", []Keyword{
			{Name: "<name>", Kind: LineToken, Args: "ref:track_file", Requires: "VRRP|LVS", NoArgument: BareUntested},
			{Name: "weight", Kind: LineToken, Args: "int[-254..254]", Default: "weight of the track_file", Requires: "VRRP|LVS", NoArgument: BareUntested},
			{Name: "reverse", Kind: LineToken, Requires: "VRRP|LVS", NoArgument: BareUntested},
			{Name: "noreverse", Kind: LineToken, Requires: "VRRP|LVS", NoArgument: BareUntested},
		}},
		{"vrrp_sync_group/track_process/<line>", []Keyword{
			{Name: "<name>", Kind: LineToken, Args: "ref:vrrp_track_process", Requires: "VRRP+TRACK_PROCESS", NoArgument: BareUntested},
			{Name: "weight", Kind: LineToken, Args: "int[-254..254]", Default: "weight of the process", Requires: "VRRP+TRACK_PROCESS", NoArgument: BareUntested},
			{Name: "reverse", Kind: LineToken, Requires: "VRRP+TRACK_PROCESS", NoArgument: BareUntested},
			{Name: "noreverse", Kind: LineToken, Requires: "VRRP+TRACK_PROCESS", NoArgument: BareUntested},
		}},
		{"vrrp_sync_group/track_bfd/<line>", []Keyword{
			{Name: "<name>", Kind: LineToken, Args: "ref:bfd_instance", Requires: "VRRP+BFD", NoArgument: BareUntested},
			{Name: "weight", Kind: LineToken, Args: "int[-253..253]", Default: "weight of the bfd_instance", Requires: "VRRP+BFD", NoArgument: BareUntested},
			{Name: "reverse", Kind: LineToken, Requires: "VRRP+BFD", NoArgument: BareUntested},
			{Name: "noreverse", Kind: LineToken, Requires: "VRRP+BFD", NoArgument: BareUntested},
		}},
		{"linkbeat_interfaces/<line>", []Keyword{
			{Name: "<name>", Kind: LineToken, Args: "ref:iface", Requires: "VRRP+LINKBEAT", NoArgument: BareUntested},
			{Name: "MII", Kind: LineToken, Default: "auto", Requires: "VRRP+LINKBEAT", NoArgument: BareUntested},
			{Name: "ETHTOOL", Kind: LineToken, Default: "auto", Requires: "VRRP+LINKBEAT", NoArgument: BareUntested},
			{Name: "IOCTL", Kind: LineToken, Default: "auto", Requires: "VRRP+LINKBEAT", NoArgument: BareUntested},
		}},
		{"interface_up_down_delays/<line>", []Keyword{
			{Name: "<name>", Kind: LineToken, Args: "ref:iface", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "<down_delay>", Kind: LineToken, Args: "dec6[0..255] s", Default: "(mandatory, log only when missing)", Requires: "VRRP", NoArgument: BareUntested},
			{Name: "<up_delay>", Kind: LineToken, Args: "dec6[0..255] s", Default: "0", Requires: "VRRP", NoArgument: BareUntested},
		}},
		{"vrrp_sync_group/group/<line>", []Keyword{
			{Name: "<word>", Kind: LineToken, Args: "ref:vrrp_instance+", Repeatable: true, Requires: "VRRP", NoArgument: BareUntested},
		}},
		{"track_group/group/<line>", []Keyword{
			{Name: "<word>", Kind: LineToken, Args: "ref:vrrp_instance+", Repeatable: true, Requires: "VRRP", NoArgument: BareUntested},
		}},
		{"garp_group/interfaces/<line>", []Keyword{
			{Name: "<word>", Kind: LineToken, Args: "ref:iface+", Repeatable: true, Requires: "VRRP", NoArgument: BareUntested},
		}},
	}
}
