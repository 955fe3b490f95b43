package schema

// uncompiled is a word of the table that the compiler does not act on.
type uncompiled struct {
	context, name string
	// reason says why, for the message and for docs/limits.md, where it stands word for word.
	reason string
}

// uncompiledList is where a word of the table goes that is not compiled, with its reason: the linter checks
// it, the compiler refuses it. It is empty: everything that the table knows is compiled.
func uncompiledList() []uncompiled { return nil }

// uncompiledWords returns the reasons by context and name.
func uncompiledWords() map[[2]string]string {
	reasons := map[[2]string]string{}
	for _, u := range uncompiledList() {
		reasons[[2]string{u.context, u.name}] = u.reason
	}
	return reasons
}
