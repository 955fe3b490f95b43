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
	// ConfigID is the name that @id conditions are compared with, and the value of ${_INSTANCE}.
	ConfigID string
	// Env gives the environment variables that the text asks for with ${_ENV NAME}, "" for one that is not
	// set. Without it their values are not known, and nothing is said about the words that they stand in.
	Env func(name string) (value string, ok bool)
	// Seed is what the numbers of ${_RANDOM} start from.
	Seed int64
	// Dir is the absolute path of the directory that names of files are relative to; ${_PWD} needs it.
	Dir string
	// MaxWork bounds the replaced references, rounds of loops and lines out of values; 0 is 1 000 000.
	MaxWork int
}
