package schema

// uncompiledInstance lists the words of vrrp_instance that the compiler does not act on.
func uncompiledInstance() []uncompiled {
	return []uncompiled{
		{"vrrp_instance", "lvs_sync_daemon_interface", notYet},
	}
}
