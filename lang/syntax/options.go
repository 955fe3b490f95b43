package syntax

// Reader gives the text of included files.
type Reader interface {
	// ReadFile returns the whole text of a file.
	ReadFile(name string) ([]byte, error)
	// Glob returns the regular files that match a pattern with *, ? and [], sorted. Braces are resolved
	// before it is asked, and the pattern starts in the directory of the including file.
	Glob(pattern string) ([]string, error)
}

// Options say how a text is read.
type Options struct {
	// Reader brings included files in; without one no include is followed.
	Reader Reader
	// ConfigID is the name that @id conditions are compared with.
	ConfigID string
}
