package schema

// uncompiledLists lists the words of routes, rules, the static blocks, groups, trackers and BFD that the compiler does not act on.
func uncompiledLists() []uncompiled {
	return []uncompiled{
		{"static_ipaddress/<line>", "peer", notYet},
		{"static_ipaddress/<line>", "home", notYet},
		{"static_ipaddress/<line>", "-nodad", notYet},
		{"static_ipaddress/<line>", "mngtmpaddr", notYet},
		{"static_ipaddress/<line>", "noprefixroute", notYet},
		{"static_ipaddress/<line>", "autojoin", notYet},
		{"static_ipaddress/<line>", "no_track", notYet},
		{"static_ipaddress/<line>", "preferred_lft", notYet},
		{"static_ipaddress/<line>", "track_group", notYet},
	}
}
