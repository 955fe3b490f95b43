package schema

// uncompiledRoot lists the words of the blocks of the top level that the compiler does not act on.
func uncompiledRoot() []uncompiled {
	return []uncompiled{}
}
