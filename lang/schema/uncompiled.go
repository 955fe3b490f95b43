package schema

// uncompiled is a word of the table that this release's compiler does not act on.
type uncompiled struct {
	context, name string
	// reason says why, for docs/limits.md and for the message.
	reason string
}

// uncompiledWords returns all of them. A word that is not here is compiled.
func uncompiledWords() map[[2]string]string {
	reasons := map[[2]string]string{}
	for _, list := range [][]uncompiled{
		uncompiledRoot(), uncompiledInstance(), uncompiledLists(),
	} {
		for _, u := range list {
			reasons[[2]string{u.context, u.name}] = u.reason
		}
	}
	return reasons
}
