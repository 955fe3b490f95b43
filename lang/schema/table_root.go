package schema

// rootKeywords returns the rows of the top level.
func rootKeywords() []group {
	return []group{
		{"", []Keyword{
			{Name: "linkbeat_use_polling", Kind: Flag, Default: "off", Repeat: RepeatSame, Requires: "LINKBEAT", Since: "1.1.18"},
			{Name: "net_namespace", Kind: Value, Args: "name", Default: "none", Repeat: RepeatFirstNoted, Since: "1.2.24", NoArgument: BareReport},
			{Name: "net_namespace_ipvs", Kind: Value, Args: "name?", Default: "none", Repeat: RepeatFirstNoted, Since: "2.1.0"},
			{Name: "namespace_with_ipsets", Kind: Flag, Default: "off", Repeat: RepeatSame, Since: "1.3.0"},
			{Name: "use_pid_dir", Kind: Flag, Default: "off", Repeat: RepeatSame, Since: "1.2.24"},
			{Name: "instance", Kind: Value, Args: "name", Default: "none", Repeat: RepeatFirstNoted, Since: "1.2.24", NoArgument: BareReport},
			{Name: "child_wait_time", Kind: Value, Args: "uint[0..4294967295] s", Default: "5", Since: "2.0.0", NoArgument: BareExit},
			{Name: "global_defs", Kind: Block, Repeat: RepeatAccumulate, Repeatable: true, Doc: "Settings of the whole node: its name, mail, defaults for all instances."},
			{Name: "track_group", Kind: NamedBlock, Args: "def:track_group", Repeat: RepeatSeparate, Repeatable: true, Requires: "VRRP", Since: "2.0.3", NoArgument: BareReport},
			{Name: "static_ipaddress", Kind: ListBlock, Args: "<address-line>+", Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP", Doc: "Addresses that are there as long as the director runs, whatever the VRRP state."},
			{Name: "static_routes", Kind: ListBlock, Args: "<route-line>+", Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP", Doc: "Routes that are there as long as the director runs, whatever the VRRP state."},
			{Name: "static_rules", Kind: ListBlock, Args: "<rule-line>+", Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP", Since: "1.2.20"},
			{Name: "vrrp_sync_group", Kind: NamedBlock, Args: "def:vrrp_sync_group", Repeat: RepeatSeparate, Repeatable: true, Requires: "VRRP", NoArgument: BareReport, Doc: "Instances that change state together."},
			{Name: "garp_group", Kind: Block, Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP", Since: "1.2.21", NoArgument: BareReport},
			{Name: "linkbeat_interfaces", Kind: ListBlock, Args: "<linkbeat-line>+", Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP+LINKBEAT", Since: "2.0.13"},
			{Name: "vrrp_instance", Kind: NamedBlock, Args: "def:vrrp_instance", Repeat: RepeatSeparate, Repeatable: true, Requires: "VRRP", NoArgument: BareReport, Doc: "One virtual router as this node takes part in it, under a name of its own."},
			{Name: "vrrp_script", Kind: NamedBlock, Args: "def:vrrp_script", Repeat: RepeatSeparate, Repeatable: true, Requires: "VRRP", Since: "1.1.13", NoArgument: BareExit, Doc: "A command that is run again and again; instances that track it react to its exit status."},
			{Name: "vrrp_track_process", Kind: NamedBlock, Args: "def:vrrp_track_process", Repeat: RepeatSeparate, Repeatable: true, Requires: "VRRP+TRACK_PROCESS", Since: "2.0.11", NoArgument: BareExit},
			{Name: "interface_up_down_delays", Kind: ListBlock, Args: "<updown-line>+", Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP", Since: "2.2.3"},
			{Name: "SSL", Kind: Block, Default: "auto-generated context", Repeat: RepeatReplace, Requires: "LVS"},
			{Name: "virtual_server_group", Kind: ListBlock, Args: "def:virtual_server_group <vsg-line>+", Repeat: RepeatSeparate, Repeatable: true, Requires: "LVS", NoArgument: BareExit},
			{Name: "virtual_server", Kind: NamedBlock, Args: "( ip port? | fwmark uint[0..4294967295] | group ref:virtual_server_group )", Repeat: RepeatSeparate, Repeatable: true, Requires: "LVS", NoArgument: BareExit, Doc: "A balanced service: the address and port that clients use, and the real servers behind it."},
			{Name: "bfd_instance", Kind: NamedBlock, Args: "def:bfd_instance(max 31 chars)", Repeat: RepeatSeparate, Repeatable: true, Requires: "BFD", Since: "2.0.0", NoArgument: BareCrash},
			{Name: "track_file", Kind: NamedBlock, Args: "def:track_file", Repeat: RepeatSeparate, Repeatable: true, Requires: "VRRP|LVS", Since: "2.1.0", NoArgument: BareExit},
			{Name: "vrrp_track_file", Kind: NamedBlock, Args: "def:track_file", Repeat: RepeatSeparate, Repeatable: true, AliasOf: "track_file", Deprecated: true, Requires: "VRRP", Since: "2.0.0", NoArgument: BareExit},
		}},
	}
}
