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
	// LineToken is a word of an entry in a list block, OptionToken one among a keyword's arguments.
	LineToken
	OptionToken
	// Directive and Parameter belong to the text level, before keywords are looked at.
	Directive
	Parameter
)

// HasBlock reports whether braces follow a keyword of this kind.
func (k Kind) HasBlock() bool {
	return k == Block || k == NamedBlock || k == ListBlock || k == WordBlock
}

// IsList reports whether the block holds entries instead of keywords.
func (k Kind) IsList() bool { return k == ListBlock || k == WordBlock }

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
	RepeatSeparate                 // each use stands for itself (named blocks)
	RepeatLost                     // reported, and the block that holds both is lost
)

// Keyword is one row of the table: one word in one context.
type Keyword struct {
	// Context is the path of blocks from the top level ("vrrp_instance/authentication"); "" is the top.
	// The words of a list block's lines have the context PATH/<line>, those among a keyword's arguments
	// PATH/<args>.
	Context string
	// Name is the word; one in angle brackets ("<address>") stands for a position.
	Name string
	Kind Kind
	// Args is the grammar of the words behind the keyword, in the notation of [ParseArgs].
	Args string
	// Default is what holds when the keyword is absent, for people.
	Default string
	Repeat  Repeat
	// Repeatable says that a second use makes sense.
	Repeatable bool
	// AliasOf is the keyword to prefer; Deprecated says that keepalived reports the use of this one, or
	// keeps it for old files only. Instead names the replacement where it is not another word of the
	// same block.
	AliasOf    string
	Deprecated bool
	Instead    string
	// Requires names the build options that keepalived needs for it ("VRRP+VRRP_VMAC"; | binds tighter).
	Requires string
	// Since is the first release that knows the word ("2.0.0"; "" means before 1.1.0, or a word that is
	// no keyword of its own), Until the last.
	Since, Until string
	// Unread says what a release older than Since does with a use of the text level ("leaves the line out").
	Unread string
	// NoArgument tells what keepalived does with the bare keyword.
	NoArgument NoArgument
	// OnInvalid is the value that keepalived uses in place of an invalid one; "" means that the line is
	// ignored. InvalidKept, InvalidClamped, InvalidCut and InvalidSkipped say what else it does. OnZero is the same for a 0, where 0 is in the range and yet replaced.
	OnInvalid, OnZero string
	// Nested says that the words behind a word of a line have a context of their own (encap, nexthop).
	Nested bool
	// OneWord says that keepalived does not act on the line, or the block, where more than one word is
	// behind the keyword. Behind others it reads over what is too many.
	OneWord bool
	// Secret says that the words behind it are never shown.
	Secret bool
	// Doc is a line of documentation in our own words.
	Doc string
	// Compiled says that this release's compiler acts on the keyword. The others stand in the lists of
	// uncompiled.go with their reason: the linter checks them, the compiler refuses them (docs/limits.md).
	Compiled bool
	// NotCompiled is the reason where Compiled is false.
	NotCompiled string

	spec  Spec
	inner string
}

// What keepalived does with an invalid word, where that is not a fixed value (Keyword.OnInvalid).
const (
	// InvalidKept stores it as it is.
	InvalidKept = "="
	// InvalidClamped uses the bound that is nearest.
	InvalidClamped = "clamp"
	// InvalidCut uses the first bytes, as many as may be.
	InvalidCut = "cut"
	// InvalidSkipped reads over the word and uses the others of the line.
	InvalidSkipped = "skip"
)

// NoArgument tells what keepalived does with a keyword whose mandatory words are missing.
type NoArgument uint8

// What a bare keyword does.
const (
	BareOK       NoArgument = iota // accepted
	BareReport                     // reported, reading goes on
	BareExit                       // the process ends at once with status 2
	BareCrash                      // the parser crashes
	BareUntested                   // a word inside a line: not tried by itself
)

// Spec returns the parsed form of Args. It is shared and must not be changed.
func (k *Keyword) Spec() Spec { return k.spec }

// Inner returns the context of what stands in the keyword's block: its path, and for list blocks the
// path of their lines. For a Nested word of a line it is the context of the words behind it; it is empty
// for keywords without either. It is "" for a keyword without a block.
func (k *Keyword) Inner() string { return k.inner }

// IsWord reports whether the row is a word that people type, not a position or a text-level form.
func (k *Keyword) IsWord() bool {
	return k.Kind != Directive && k.Kind != Parameter && len(k.Name) > 0 && k.Name[0] != '<'
}

// Preferred returns the name to type: AliasOf where the keyword is an alias, else its own.
func (k *Keyword) Preferred() string {
	if k.AliasOf != "" {
		return k.AliasOf
	}
	return k.Name
}
