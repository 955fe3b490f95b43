package schema

// rootKeywords returns the rows of the top level.
func rootKeywords() []group {
	return []group{
		{"", []Keyword{
			{Name: "linkbeat_use_polling", Kind: Flag, Default: "off", Repeat: RepeatSame, Requires: "LINKBEAT", Since: "1.1.18", Doc: "Polls every VRRP interface once a second for its carrier instead of waiting for the kernel's messages."},
			{Name: "net_namespace", Kind: Value, Args: "name", Default: "none", Repeat: RepeatFirstNoted, Since: "1.2.24", NoArgument: BareReport, Doc: "Network namespace that everything runs in; it must exist already, and it implies use_pid_dir."},
			{Name: "net_namespace_ipvs", Kind: Value, Args: "name?", Default: "none", Repeat: RepeatFirstNoted, Since: "2.1.0", Doc: "Network namespace that holds the IPVS tables; without a name it is the default one."},
			{Name: "namespace_with_ipsets", Kind: Flag, Default: "off", Repeat: RepeatSame, Since: "1.3.0", Doc: "Lets ipsets be used together with a network namespace, which kernels before 3.13 do not keep apart."},
			{Name: "use_pid_dir", Kind: Flag, Default: "off", Repeat: RepeatSame, Since: "1.2.24", Doc: "Puts the PID files into a directory of their own instead of directly under the run directory."},
			{Name: "instance", Kind: Value, Args: "name", Default: "none", Repeat: RepeatFirstNoted, Since: "1.2.24", NoArgument: BareReport, Doc: "Name of this copy of the program, for its PID files and its log, so that several can run on one machine; it is read at the start only."},
			{Name: "child_wait_time", Kind: Value, Args: "uint[0..4294967295] s", Default: "5", Since: "2.0.0", NoArgument: BareExit, Doc: "How many seconds the parent waits at the end for its children before it kills them."},
			{Name: "global_defs", Kind: Block, Repeat: RepeatAccumulate, Repeatable: true, Doc: "Settings of the whole node: its name, mail, defaults for all instances."},
			{Name: "track_group", Kind: NamedBlock, Args: "def:track_group", Repeat: RepeatSeparate, Repeatable: true, Requires: "VRRP", Since: "2.0.3", NoArgument: BareReport, OneWord: true, Doc: "Instances, under a name, that become faulty when a static address, route or rule of the group is gone and cannot be restored."},
			{Name: "static_ipaddress", Kind: ListBlock, Args: "<address-line>+", Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP", Doc: "Addresses that are there as long as the director runs, whatever the VRRP state."},
			{Name: "static_routes", Kind: ListBlock, Args: "<route-line>+", Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP", Doc: "Routes that are there as long as the director runs, whatever the VRRP state."},
			{Name: "static_rules", Kind: ListBlock, Args: "<rule-line>+", Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP", Since: "1.2.20", Doc: "Policy routing rules that are there as long as the director runs, whatever the VRRP state, one a line."},
			{Name: "vrrp_sync_group", Kind: NamedBlock, Args: "def:vrrp_sync_group", Repeat: RepeatSeparate, Repeatable: true, Requires: "VRRP", NoArgument: BareReport, OneWord: true, Doc: "Instances that change state together."},
			{Name: "garp_group", Kind: Block, Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP", Since: "1.2.21", NoArgument: BareReport, Doc: "Interfaces that share one limit on how fast gratuitous ARP and unsolicited neighbour advertisements are sent."},
			{Name: "linkbeat_interfaces", Kind: ListBlock, Args: "<linkbeat-line>+", Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP+LINKBEAT", Since: "2.0.13", Doc: "Interfaces whose carrier is polled once a second instead of taken from the kernel's messages, one a line."},
			{Name: "vrrp_instance", Kind: NamedBlock, Args: "def:vrrp_instance", Repeat: RepeatSeparate, Repeatable: true, Requires: "VRRP", NoArgument: BareReport, OneWord: true, Doc: "One virtual router as this node takes part in it, under a name of its own."},
			{Name: "vrrp_script", Kind: NamedBlock, Args: "def:vrrp_script", Repeat: RepeatSeparate, Repeatable: true, Requires: "VRRP", Since: "1.1.13", NoArgument: BareExit, Doc: "A command that is run again and again; instances that track it react to its exit status."},
			{Name: "vrrp_track_process", Kind: NamedBlock, Args: "def:vrrp_track_process", Repeat: RepeatSeparate, Repeatable: true, Requires: "VRRP+TRACK_PROCESS", Since: "2.0.11", NoArgument: BareExit, Doc: "A process whose number of running copies is watched; instances that track it react when there are too few or too many."},
			{Name: "interface_up_down_delays", Kind: ListBlock, Args: "<updown-line>+", Repeat: RepeatAccumulate, Repeatable: true, Requires: "VRRP", Since: "2.2.3", Doc: "How long interfaces must be down, or up again, before the instances on them react, one interface a line."},
			{Name: "SSL", Kind: Block, Default: "auto-generated context", Repeat: RepeatReplace, Requires: "LVS", Doc: "Certificate, key and authorities that SSL_GET checks use when they connect."},
			{Name: "virtual_server_group", Kind: ListBlock, Args: "def:virtual_server_group <vsg-line>+", Repeat: RepeatSeparate, Repeatable: true, Requires: "LVS", NoArgument: BareExit, OneWord: true, Doc: "Addresses, address ranges and firewall marks, under a name, that one virtual_server serves together."},
			{Name: "virtual_server", Kind: NamedBlock, Args: "( ip port? | fwmark uint[0..4294967295] | group ref:virtual_server_group )", Repeat: RepeatSeparate, Repeatable: true, Requires: "LVS", NoArgument: BareExit, Doc: "A balanced service: the address and port that clients use, and the real servers behind it."},
			{Name: "bfd_instance", Kind: NamedBlock, Args: "def:bfd_instance(max 31 chars)", Repeat: RepeatSeparate, Repeatable: true, Requires: "BFD", Since: "2.0.0", NoArgument: BareCrash, Doc: "A BFD session with a neighbour; instances and real servers that track it react when the neighbour is lost."},
			{Name: "track_file", Kind: NamedBlock, Args: "def:track_file", Repeat: RepeatSeparate, Repeatable: true, Requires: "VRRP|LVS", Since: "2.1.0", NoArgument: BareExit, Doc: "A file whose number, times a weight, changes priorities of instances or weights of real servers."},
			{Name: "vrrp_track_file", Kind: NamedBlock, Args: "def:track_file", Repeat: RepeatSeparate, Repeatable: true, AliasOf: "track_file", Deprecated: true, Requires: "VRRP", Since: "2.0.0", NoArgument: BareExit, Doc: "Old word for track_file."},
		}},
	}
}
