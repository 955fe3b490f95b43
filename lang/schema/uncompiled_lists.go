package schema

// uncompiledLists lists the words of routes, rules, the static blocks, groups, trackers and BFD that the compiler does not act on.
func uncompiledLists() []uncompiled {
	return []uncompiled{}
}
