package schema

// uncompiledInstance lists the words of vrrp_instance that the compiler does not act on: none.
func uncompiledInstance() []uncompiled { return nil }
