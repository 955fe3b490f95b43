package schema

// Kind tells how a keyword is read (column "kind" of the table).
type Kind uint8

// The kinds of keywords.
const (
	// Block has braces and no name; NamedBlock has a name or other words before its brace.
	Block Kind = iota
	NamedBlock
	// Flag has no argument, or an optional bool.
	Flag
	// Value has one argument, MultiValue several.
	Value
	MultiValue
	// ListBlock holds one entry a line, WordBlock one entry a word; nothing in them is a keyword.
	ListBlock
	WordBlock
)

// Repeat tells what a second use of a keyword in one block does.
type Repeat uint8

// The ways of repeating.
const (
	RepeatLast       Repeat = iota // the last one wins silently
	RepeatLastNoted                // the last one wins, reported
	RepeatFirstNoted               // the first one is kept, later ones are reported
	RepeatAccumulate               // they add up
	RepeatSame                     // no effect
	RepeatOr                       // bits are ORed
	RepeatMax                      // the largest wins
	RepeatOrdered                  // interpreted in sequence
	RepeatReplace                  // the new block replaces the old one, reported
)

// Keyword is one row of the table: one word in one context.
type Keyword struct {
	// Context is the path of blocks from the top level ("vrrp_instance/authentication"); "" is the top.
	Context string
	Name    string
	Kind    Kind
	// Args is the grammar of the words behind the keyword, in the notation of the table's header.
	Args string
	// Default is what holds when the keyword is absent, for people.
	Default string
	Repeat  Repeat
	// AliasOf is the keyword to prefer; Deprecated says that keepalived reports the use of this one.
	AliasOf    string
	Deprecated bool
	// Since is the first release that knows the word ("2.0.0"; "" means before 1.1.0), Until the last.
	Since, Until string
	// NoArgument tells what keepalived does with the bare keyword.
	NoArgument NoArgument
	// Doc is a line of documentation in our own words.
	Doc string
	// Compiled says that this release's compiler acts on the keyword. The others are checked by the
	// linter and refused by the compiler (docs/limits.md).
	Compiled bool
}

// NoArgument tells what keepalived does with a keyword whose mandatory words are missing.
type NoArgument uint8

// What a bare keyword does.
const (
	BareOK     NoArgument = iota // accepted
	BareReport                   // reported, reading goes on
	BareExit                     // the process ends at once with status 2
	BareCrash                    // the parser crashes
)
