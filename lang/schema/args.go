package schema

import (
	"strconv"
	"strings"
)

// Type is the type of one word.
type Type uint8

// The types of words. AnyWord is what a notation becomes that ParseArgs does not know; the table has none.
const (
	AnyWord Type = iota
	// Literal is the word itself.
	Literal
	// Int is a number to base 10, Uint one without a minus sign, Uint0 one whose base is chosen by its
	// prefix, Dec3 and Dec6 a decimal fraction with at most 3 or 6 digits.
	Int
	Uint
	Uint0
	Dec3
	Dec6
	Bool
	// Enum is one of a set of words, EnumFold the same in any case.
	Enum
	EnumFold
	// IP is an address of either family; IPLen may carry a prefix length.
	IP
	IPv4
	IPv6
	IPLen
	IPv4Mask
	// Port is 1..65535; only zeros mean none where an address stands before it.
	Port
	// Host is a name that is resolved.
	Host
	// Interface is a name of at most 15 bytes.
	Interface
	// String is any word; Name, Path, Email and Command are any non-empty word.
	String
	Name
	Path
	Email
	Command
	// Define gives a name to a thing, Reference names one.
	Define
	Reference
	// Entry stands for the lines of a list block.
	Entry
	// TableName is a name from one of the system's tables (rt_tables, protocols …); Kind names it.
	TableName
	// Formatted has a form of its own; Kind is the notation, [formats] its check.
	Formatted
	// Umask takes all words that follow, see [ParseUmask].
	Umask
)

// Spec is the grammar of the words behind a keyword.
type Spec []Item

// Item is one part of a Spec: a word, or a choice of sequences.
type Item struct {
	// Choice holds the alternatives where the item is a group; Type is then not used.
	Choice []Spec
	Type   Type
	// Words are the words of an enumeration, or the one literal.
	Words []string
	// HasRange says that Min and Max hold the bounds, as they are written.
	HasRange bool
	Min, Max string
	// MaxLen bounds strings, in bytes; 0 is no bound.
	MaxLen int
	// Multicast says that the address must be a multicast one.
	Multicast bool
	// Kind is what Define and Reference name ("vrrp_script"); for other types the notation.
	Kind string
	// Unit is the unit of a number ("s", "ms", "us", "bytes"), "" where there is none.
	Unit string
	// Optional items may be missing; Many may be there any number of times.
	Optional, Many bool
	// Signed words may have a + or - before them.
	Signed bool
	// Except are words that the item does not take, because they belong to the next one.
	Except []string
	// Exact addresses are taken as they are; others are cut at the first - or /, as keepalived does.
	Exact bool
	// Note is the notation that was read.
	Note string
}

// ParseArgs reads the notation of a keyword's arguments:
//
//	X? optional, X+ one or more, X* any number, ( a | b ) alternatives, blanks between words
//	int[a..b] uint[a..b] uint0[a..b]   whole numbers; uint0: 0x and 0 prefixes choose the base
//	dec3[a..b] dec6[a..b]              decimal fractions; s, ms, us, bytes: the unit of the number before
//	bool, enum{a|b}, enum-i{a|b}       enum-i: in any case
//	ip ipv4 ipv6 ip/len port host      addresses; ip(multicast) must be multicast
//	string(max n) name word path email command user group iface
//	def:KIND ref:KIND                  a name that is given, or used
//	rt_scope name, protocol name …     a name from a table of the system
//	mac regex hexbytes uint-uint …     see formats.go
//	<entry>                            the lines of a list block
//
// What stands behind a semicolon or -> is for people, but for "; legacy: X ref:KIND": the older form with
// a name in the second place, before the options. Notations that it does not know are [AnyWord].
func ParseArgs(text string) Spec {
	if strings.HasPrefix(text, "optional ") {
		return nil // a sentence about the word itself
	}
	text, remark, _ := strings.Cut(text, ";")
	spec := parseAlternatives(text)
	if _, legacy, ok := strings.Cut(remark, "legacy:"); ok && len(spec) == 2 {
		old := parseAlternatives(legacy)
		name := old[1]
		name.Optional, name.Except = true, optionWords(spec[1])
		spec = Spec{spec[0], name, spec[1]}
	}
	return spec
}

// optionWords are the literals that begin the alternatives of a choice.
func optionWords(it Item) []string {
	var words []string
	for _, alt := range it.Choice {
		if len(alt) > 0 {
			words = append(words, alt[0].Words...)
		}
	}
	return words
}

func parseAlternatives(text string) Spec {
	if i := strings.Index(text, "->"); i >= 0 {
		text = text[:i]
	}
	// A mask behind a mark, and the lengths of a MAC address, belong to one word.
	text = strings.ReplaceAll(text, "uint0[0..4294967295] ( / uint0 )?", "mark/mask")
	text = strings.ReplaceAll(text, "(5 or 6 octets)", "")
	text = strings.ReplaceAll(text, "ipv4 netmask", "netmask")
	text = strings.ReplaceAll(text, " or ", " | ")
	p := argParser{tokens: splitNotation(text)}
	alternatives := p.choice()
	switch len(alternatives) {
	case 0:
		return nil
	case 1:
		return alternatives[0]
	}
	return Spec{{Choice: alternatives, Note: text}}
}

// splitNotation cuts at blanks outside the brackets that belong to a word; a parenthesis by itself
// opens a group.
func splitNotation(text string) []string {
	var tokens []string
	for _, f := range joinParens(strings.Fields(text)) {
		switch {
		case f == signNotation:
			tokens = append(tokens, f)
		case len(f) > 1 && f[0] == '(':
			// A remark, as in "int[1..99] (clamped)".
		case f == "name" && len(tokens) > 0 && namesOf(tokens[len(tokens)-1]):
			// "rt_scope name" is one word: a name from a table of the system.
		default:
			tokens = append(tokens, f)
		}
	}
	return tokens
}

// signNotation says that the next word may have a sign before it.
const signNotation = "(+|-)?"

func namesOf(t string) bool { return strings.HasPrefix(t, "rt_") || t == "protocol" }

// joinParens puts "string(max" and "8)" together again.
func joinParens(fields []string) []string {
	var out []string
	for i := 0; i < len(fields); i++ {
		f := fields[i]
		for strings.Count(f, "(") > strings.Count(f, ")") && f[0] != '(' && i+1 < len(fields) {
			i++
			f += " " + fields[i]
		}
		out = append(out, f)
	}
	return out
}

type argParser struct {
	tokens []string
	pos    int
}

// choice reads sequences parted by | up to a closing parenthesis or the end.
func (p *argParser) choice() []Spec {
	var all []Spec
	var seq Spec
	for p.pos < len(p.tokens) {
		t := p.tokens[p.pos]
		switch {
		case t == "|":
			p.pos++
			all = append(all, seq)
			seq = nil
			continue
		case strings.HasPrefix(t, ")"):
			return append(all, seq)
		case t == "(":
			p.pos++
			item := Item{Choice: p.choice()}
			if p.pos < len(p.tokens) {
				item.mark(strings.TrimPrefix(p.tokens[p.pos], ")"))
				p.pos++
			}
			seq = append(seq, item)
			continue
		}
		p.pos++
		switch {
		case isUnit(t):
			setUnit(seq, t)
		case t == signNotation && p.pos < len(p.tokens):
			seq = append(seq, parseItem(p.tokens[p.pos]))
			seq[len(seq)-1].Signed = true
			p.pos++
		case t == "x6" && len(seq) > 0:
			last := seq[len(seq)-1]
			seq = append(seq, last, last, last, last, last)
		default:
			seq = append(seq, parseItem(t))
		}
	}
	return append(all, seq)
}

func isUnit(t string) bool { return t == "s" || t == "ms" || t == "us" || t == "bytes" }

func setUnit(seq Spec, unit string) {
	if len(seq) == 0 {
		return
	}
	last := &seq[len(seq)-1]
	last.Unit = unit
	for _, alt := range last.Choice {
		for i := range alt {
			if alt[i].isNumber() {
				alt[i].Unit = unit
			}
		}
	}
}

func (it *Item) isNumber() bool { return it.Type >= Int && it.Type <= Dec6 }

// mark reads the repetition sign behind an item.
func (it *Item) mark(sign string) {
	it.Optional = it.Optional || sign == "?" || sign == "*"
	it.Many = it.Many || sign == "+" || sign == "*"
}

// parseItem reads one word of the notation.
func parseItem(t string) Item {
	it := Item{Note: t}
	t = strings.TrimSuffix(t, "/len?")
	if t != it.Note {
		t += "/len"
	}
	if _, ok := formats[t]; ok {
		it.Type, it.Kind = Formatted, t
		it.Many, it.Optional = t == "..." || t == "hexbytes", t == "..."
		return it
	}
	if n := len(t); n > 1 && (t[n-1] == '?' || t[n-1] == '+' || t[n-1] == '*') {
		it.mark(t[n-1:])
		t = t[:n-1]
	}
	if _, ok := formats[t]; ok {
		it.Type, it.Kind = Formatted, t
		it.Many = it.Many || strings.HasPrefix(t, "hexbytes")
		return it
	}
	base, arg := t, ""
	if i := strings.IndexAny(t, "[{(<"); i > 0 {
		base, arg = t[:i], t[i+1:len(t)-1]
	}
	switch base {
	case "int", "uint", "uint0", "uint64", "dec3", "dec6":
		it.Type = map[string]Type{"int": Int, "uint": Uint, "uint0": Uint0, "uint64": Uint, "dec3": Dec3, "dec6": Dec6}[base]
		if lo, hi, ok := strings.Cut(arg, ".."); ok {
			it.HasRange, it.Min, it.Max = true, lo, hi
		}
	case "enum", "enum-i":
		it.Type = Enum
		if base == "enum-i" {
			it.Type = EnumFold
		}
		it.Words = strings.Split(arg, "|")
	case "ip", "ipv4", "ipv6":
		it.Type = map[string]Type{"ip": IP, "ipv4": IPv4, "ipv6": IPv6}[base]
		it.Multicast = arg == "multicast"
	case "string", "process", "tablename", "chain", "setname":
		it.Type = String
		it.MaxLen, _ = strconv.Atoi(strings.TrimPrefix(arg, "max "))
	case "iface", "ifname", "ref:iface":
		it.Type = Interface
	case "hex":
		it.Type, it.Kind = Formatted, t
	default:
		it.parseWord(t)
	}
	return it
}

// parseWord reads the words of the notation that carry no bracket, and literals.
func (it *Item) parseWord(t string) {
	switch t {
	case "bool":
		it.Type = Bool
	case "ip/len", "ipv6/len":
		it.Type = IPLen
	case "<umask-bits>":
		it.Type = Umask
	case "type":
		// Before a destination it is one of a set, elsewhere the word itself.
		it.Type, it.Words = Literal, []string{t}
		if it.Optional {
			it.Type, it.Words = Enum, routeTypes
		}
	case "host":
		it.Type = Host
	case "netmask":
		it.Type = IPv4Mask
	case "group", "port":
		// Behind a user or an address it is a value, among alternatives the word itself.
		it.Type, it.Words = Literal, []string{t}
		if it.Optional {
			it.Type, it.Words = map[string]Type{"group": Name, "port": Port}[t], nil
		}
	case "name", "user", "def", "domain":
		it.Type = Name
	case "path", "path(non-empty)":
		it.Type = Path
	case "email":
		it.Type = Email
	case "command":
		it.Type = Command
	default:
		it.parseNamed(t)
	}
}

func (it *Item) parseNamed(t string) {
	switch {
	case namesOf(t):
		it.Type, it.Kind = TableName, t
	case strings.HasPrefix(t, "def:"):
		it.Type, it.Kind = Define, strings.TrimPrefix(t, "def:")
		if i := strings.Index(it.Kind, "(max "); i >= 0 {
			it.MaxLen, _ = strconv.Atoi(strings.Fields(it.Kind[i+5:])[0])
			it.Kind = it.Kind[:i]
		}
	case strings.HasPrefix(t, "ref:"):
		it.Type, it.Kind = Reference, strings.TrimPrefix(t, "ref:")
	case strings.HasPrefix(t, "<"):
		it.Type = Entry
	case isLiteral(t):
		it.Type, it.Words = Literal, []string{t}
	default:
		it.Type = AnyWord
	}
}

// isLiteral reports whether t is a plain word (or + and -), which then stands for itself.
func isLiteral(t string) bool {
	if t == "+" || t == "-" {
		return true
	}
	for _, r := range t {
		if r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return false
		}
	}
	return t != ""
}
