package schema

// uncompiledRoot lists the words of the blocks of the top level that the compiler does not act on.
func uncompiledRoot() []uncompiled {
	return []uncompiled{
		{"", "track_group", notYet},
		{"", "static_rules", notYet},
		{"", "vrrp_sync_group", notYet},
		{"", "garp_group", notYet},
		{"", "linkbeat_interfaces", notYet},
		{"", "vrrp_track_process", notYet},
		{"", "interface_up_down_delays", notYet},
		{"", "bfd_instance", notYet},
		{"", "track_file", notYet},
		{"", "vrrp_track_file", notYet},
	}
}
