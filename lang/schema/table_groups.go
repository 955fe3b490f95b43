package schema

// groupKeywords returns the rows of groups of instances and interfaces.
func groupKeywords() []group {
	return []group{
		{"track_group", []Keyword{
			{Name: "group", Kind: WordBlock, Args: "ref:vrrp_instance+", Repeat: RepeatLost, Requires: "VRRP", Since: "2.0.3", NoArgument: BareReport, Doc: "Names of the instances that belong to the group; every word is one."},
		}},
		{"garp_group", []Keyword{
			{Name: "garp_interval", Kind: Value, Args: "dec6[0..4294.967295] s", Default: "unset", Requires: "VRRP", Since: "1.2.21", NoArgument: BareExit, Doc: "Least time in seconds between gratuitous ARP messages on any of the interfaces together."},
			{Name: "gna_interval", Kind: Value, Args: "dec6[0..4294.967295] s", Default: "unset", Requires: "VRRP", Since: "1.2.21", NoArgument: BareExit, Doc: "Least time in seconds between unsolicited neighbour advertisements on any of the interfaces together."},
			{Name: "interface", Kind: Value, Args: "ref:iface", Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP", Since: "1.2.21", NoArgument: BareExit, Doc: "One interface of the group; repeat the line for more."},
			{Name: "interfaces", Kind: WordBlock, Args: "ref:iface+", Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP", Since: "1.2.21", NoArgument: BareReport, Doc: "The interfaces of the group, any number on a line."},
		}},
		{"vrrp_sync_group", []Keyword{
			{Name: "group", Kind: WordBlock, Args: "ref:vrrp_instance+", Repeat: RepeatLost, Requires: "VRRP", NoArgument: BareReport, Doc: "Names of the instances that change state together; every word is one."},
			{Name: "track_interface", Kind: ListBlock, Args: "<track-interface-line>+", Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP", Since: "2.0.0", Doc: "Interfaces whose state counts for all members of the group."},
			{Name: "track_script", Kind: ListBlock, Args: "<track-script-line>+", Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP", Since: "2.0.0", Doc: "Scripts (vrrp_script) whose results count for all members of the group."},
			{Name: "track_file", Kind: ListBlock, Args: "<track-file-line>+", Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP|LVS", Since: "2.0.0", Doc: "Files (track_file) whose numbers count for all members of the group."},
			{Name: "track_process", Kind: ListBlock, Args: "<track-process-line>+", Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP+TRACK_PROCESS", Since: "2.0.11", Doc: "Processes (vrrp_track_process) that count for all members of the group."},
			{Name: "track_bfd", Kind: ListBlock, Args: "<track-bfd-line>+", Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP+BFD", Since: "2.0.0", Doc: "BFD sessions (bfd_instance) that count for all members of the group."},
			{Name: "notify_backup", Kind: Value, Args: "command user? group?", Default: "none", Repeat: RepeatFirstNoted, Requires: "VRRP", NoArgument: BareExit, Doc: "Command that runs when the group becomes backup."},
			{Name: "notify_master", Kind: Value, Args: "command user? group?", Default: "none", Repeat: RepeatFirstNoted, Requires: "VRRP", NoArgument: BareExit, Doc: "Command that runs when the group becomes master."},
			{Name: "notify_fault", Kind: Value, Args: "command user? group?", Default: "none", Repeat: RepeatFirstNoted, Requires: "VRRP", NoArgument: BareExit, Doc: "Command that runs when the group becomes faulty."},
			{Name: "notify_stop", Kind: Value, Args: "command user? group?", Default: "none", Repeat: RepeatFirstNoted, Requires: "VRRP", Since: "2.0.0", NoArgument: BareExit, Doc: "Command that runs for the group when the director stops."},
			{Name: "notify", Kind: Value, Args: "command user? group?", Default: "none", Repeat: RepeatFirstNoted, Requires: "VRRP", Since: "1.1.2", NoArgument: BareExit, Doc: "Command that runs at every change of state of the group; GROUP, name, state and 0 are appended."},
			{Name: "smtp_alert", Kind: Flag, Args: "bool?", Default: "smtp_alert_vrrp, else smtp_alert, else off", Requires: "VRRP", Doc: "Whether changes of state of the group are mailed."},
			{Name: "notify_priority_changes", Kind: Flag, Args: "bool?", Default: "unset", Requires: "VRRP", Since: "2.2.0", Doc: "Whether changes of the members' priorities are written to the pipes, where a member does not say so itself."},
			{Name: "global_tracking", Kind: Flag, Default: "off", Repeat: RepeatSame, Deprecated: true, Instead: "track_* on the sync group", Requires: "VRRP", Since: "1.2.3", NoArgument: BareReport, Doc: "Old word that does what sync_group_tracking_weight does."},
			{Name: "sync_group_tracking_weight", Kind: Flag, Default: "off", Repeat: RepeatSame, Requires: "VRRP", Since: "2.0.0", Doc: "Lets the weights of what members track change their priorities; in a sync group weights are ignored otherwise."},
		}},
		{"vrrp_sync_group/track_interface/<line>", []Keyword{
			{Name: "<name>", Kind: LineToken, Args: "ref:iface", Requires: "VRRP", NoArgument: BareUntested, Doc: "Interface whose state is watched."},
			{Name: "weight", Kind: LineToken, Args: "int[-253..253]", Default: "0", Requires: "VRRP", NoArgument: BareUntested, Doc: "What is added to the priority: positive while the interface is up, negative while it is down; 0 makes a down interface a fault."},
			{Name: "reverse", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested, Doc: "Takes down for up and up for down; it stands directly behind the weight."},
		}},
		{"vrrp_sync_group/track_script/<line>", []Keyword{
			{Name: "<name>", Kind: LineToken, Args: "ref:vrrp_script", Requires: "VRRP", NoArgument: BareUntested, Doc: "Name of a vrrp_script that is defined further up."},
			{Name: "weight", Kind: LineToken, Args: "int[-253..253]", Default: "weight of the script", Requires: "VRRP", NoArgument: BareUntested, Doc: "What is added to the priority, in place of the script's own weight; 0 makes a failure a fault."},
			{Name: "reverse", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested, Doc: "Turn the meaning of the result around."},
			{Name: "noreverse", Kind: LineToken, Requires: "VRRP", NoArgument: BareUntested, Doc: "Do not turn the meaning around, whatever the script says."},
		}},
		{"vrrp_sync_group/track_file/<line>", []Keyword{
			{Name: "<name>", Kind: LineToken, Args: "ref:track_file", Requires: "VRRP|LVS", NoArgument: BareUntested, Doc: "Name of a track_file that is defined further up."},
			{Name: "weight", Kind: LineToken, Args: "int[-254..254]", Default: "weight of the track_file", Requires: "VRRP|LVS", NoArgument: BareUntested, Doc: "What the number in the file is multiplied by before it is added to the priority, in place of the file's own weight; with 0 any number but 0 is a fault."},
			{Name: "reverse", Kind: LineToken, Requires: "VRRP|LVS", NoArgument: BareUntested, Doc: "Turns the sign of the contribution around."},
			{Name: "noreverse", Kind: LineToken, Requires: "VRRP|LVS", NoArgument: BareUntested, Doc: "Keeps the sign of the contribution, whatever the track_file says."},
		}},
		{"vrrp_sync_group/track_process/<line>", []Keyword{
			{Name: "<name>", Kind: LineToken, Args: "ref:vrrp_track_process", Requires: "VRRP+TRACK_PROCESS", NoArgument: BareUntested, Doc: "Name of a vrrp_track_process that is defined further up."},
			{Name: "weight", Kind: LineToken, Args: "int[-254..254]", Default: "weight of the process", Requires: "VRRP+TRACK_PROCESS", NoArgument: BareUntested, Doc: "What is added to the priority, in place of the process's own weight: positive while enough copies run, negative while they do not; 0 makes too few a fault."},
			{Name: "reverse", Kind: LineToken, Requires: "VRRP+TRACK_PROCESS", NoArgument: BareUntested, Doc: "Takes running for not running and the other way round."},
			{Name: "noreverse", Kind: LineToken, Requires: "VRRP+TRACK_PROCESS", NoArgument: BareUntested, Doc: "Keeps the meaning, whatever the vrrp_track_process says."},
		}},
		{"vrrp_sync_group/track_bfd/<line>", []Keyword{
			{Name: "<name>", Kind: LineToken, Args: "ref:bfd_instance", Requires: "VRRP+BFD", NoArgument: BareUntested, Doc: "Name of a bfd_instance that is defined further up."},
			{Name: "weight", Kind: LineToken, Args: "int[-253..253]", Default: "weight of the bfd_instance", Requires: "VRRP+BFD", NoArgument: BareUntested, Doc: "What is added to the priority, in place of the session's own weight: positive while the neighbour answers, negative while it does not; 0 makes its loss a fault."},
			{Name: "reverse", Kind: LineToken, Requires: "VRRP+BFD", NoArgument: BareUntested, Doc: "Takes an answering neighbour for a lost one and the other way round."},
			{Name: "noreverse", Kind: LineToken, Requires: "VRRP+BFD", NoArgument: BareUntested, Doc: "Keeps the meaning, whatever the bfd_instance says."},
		}},
		{"linkbeat_interfaces/<line>", []Keyword{
			{Name: "<name>", Kind: LineToken, Args: "ref:iface", Requires: "VRRP+LINKBEAT", NoArgument: BareUntested, Doc: "Interface that is polled."},
			{Name: "MII", Kind: LineToken, Default: "auto", Requires: "VRRP+LINKBEAT", NoArgument: BareUntested, Doc: "Polls by the registers of the network chip."},
			{Name: "ETHTOOL", Kind: LineToken, Default: "auto", Requires: "VRRP+LINKBEAT", NoArgument: BareUntested, Doc: "Polls by the ethtool interface of the kernel."},
			{Name: "IOCTL", Kind: LineToken, Default: "auto", Requires: "VRRP+LINKBEAT", NoArgument: BareUntested, Doc: "Polls the interface's flags."},
		}},
		{"interface_up_down_delays/<line>", []Keyword{
			{Name: "<name>", Kind: LineToken, Args: "ref:iface", Requires: "VRRP", NoArgument: BareUntested, Doc: "Interface that the delays are for."},
			{Name: "<down_delay>", Kind: LineToken, Args: "dec6[0..255] s", Default: "(mandatory, log only when missing)", Requires: "VRRP", NoArgument: BareUntested, Doc: "How many seconds the interface must be down before that counts."},
			{Name: "<up_delay>", Kind: LineToken, Args: "dec6[0..255] s", Default: "0", Requires: "VRRP", NoArgument: BareUntested, Doc: "How many seconds the interface must be up before that counts."},
		}},
		{"vrrp_sync_group/group/<line>", []Keyword{
			{Name: "<word>", Kind: LineToken, Args: "ref:vrrp_instance+", Repeatable: true, Requires: "VRRP", NoArgument: BareUntested, Doc: "Name of an instance, which may be defined further down."},
		}},
		{"track_group/group/<line>", []Keyword{
			{Name: "<word>", Kind: LineToken, Args: "ref:vrrp_instance+", Repeatable: true, Requires: "VRRP", NoArgument: BareUntested, Doc: "Name of an instance, which may be defined further down."},
		}},
		{"garp_group/interfaces/<line>", []Keyword{
			{Name: "<word>", Kind: LineToken, Args: "ref:iface+", Repeatable: true, Requires: "VRRP", NoArgument: BareUntested, Doc: "Name of an interface, which may be in one garp_group only."},
		}},
	}
}
