package schema

import (
	"strconv"
	"strings"
)

// Problem is the first word that does not fit a [Spec].
type Problem struct {
	// Index is the place of the word behind the keyword, from 0. Missing says that no word is there.
	Index   int
	Missing bool
	// Item is what was looked for.
	Item Item
	// Kept says that keepalived reports the word and uses it all the same.
	Kept bool
}

// Want says what may stand there, for people: "a whole number from 1 to 255".
func (p *Problem) Want() string { return p.Item.Describe() }

// exact marks the addresses of a spec as taken without a cut.
func (s Spec) exact() {
	for i := range s {
		s[i].Exact = true
		for _, alt := range s[i].Choice {
			alt.exact()
		}
	}
}

// Match holds words against the spec. It returns how many were used, and the first problem, nil when
// the words fit. Words behind a complete keyword are not a problem: keepalived reads over them.
func (s Spec) Match(words []string) (used int, problem *Problem) {
	return s.match(words, 0)
}

func (s Spec) match(words []string, at int) (int, *Problem) {
	for i := range s {
		it := &s[i]
		if it.Optional && at >= len(words) {
			continue
		}
		next, problem := it.match(words, at)
		if problem == nil {
			at = next
			continue
		}
		// An option whose own words are missing was begun.
		if !it.Optional || problem.Missing && problem.Index > next {
			return at, problem
		}
		// A word that does not fit an optional place belongs to the next one.
		if problem.Missing || s[i+1:].mandatory() || s[i+1:].starts(words, at) {
			continue
		}
		return at, problem
	}
	return at, nil
}

// mandatory reports whether some item of the spec must be there.
func (s Spec) mandatory() bool {
	for i := range s {
		if !s[i].Optional {
			return true
		}
	}
	return false
}

// Fits reports whether word alone fits the beginning of the spec.
func (s Spec) Fits(word string) bool { return s.starts([]string{word}, 0) }

// starts reports whether the word at place at fits the first item of the spec.
func (s Spec) starts(words []string, at int) bool {
	return len(s) > 0 && at < len(words) && s[0].starts(words[at])
}

// starts reports whether word fits the beginning of the item.
func (it *Item) starts(word string) bool {
	if it.Choice == nil {
		ok, _ := it.Accepts(word)
		return ok
	}
	for _, alt := range it.Choice {
		if len(alt) > 0 && (alt[0].starts(word) || alt[0].Optional && len(alt) > 1 && alt[1].starts(word)) {
			return true
		}
	}
	return false
}

func (it *Item) match(words []string, at int) (int, *Problem) {
	next, problem := it.once(words, at)
	for it.Many && problem == nil && next < len(words) {
		at = next
		if next, problem = it.once(words, at); problem != nil {
			return at, problem
		}
		if next == at {
			break
		}
	}
	return next, problem
}

func (it *Item) once(words []string, at int) (int, *Problem) {
	if at >= len(words) {
		return at, &Problem{Index: at, Missing: true, Item: *it}
	}
	if it.Type == Umask && it.Choice == nil {
		return it.umask(words, at)
	}
	if it.Choice == nil {
		ok, kept := it.Accepts(words[at])
		if ok {
			return at + 1, nil
		}
		return at, &Problem{Index: at, Item: *it, Kept: kept}
	}
	for _, alt := range it.Choice {
		if alt.starts(words, at) || len(alt) > 0 && alt[0].Optional && alt[1:].starts(words, at) {
			next, problem := alt.match(words, at)
			if problem != nil {
				return at, problem
			}
			return next, nil
		}
	}
	return at, &Problem{Index: at, Item: *it}
}

// umask takes all words that are left; the problem is at the first that spoils them.
func (it *Item) umask(words []string, at int) (int, *Problem) {
	if _, ok := ParseUmask(words[at:]); ok {
		return len(words), nil
	}
	for n := at + 1; n <= len(words); n++ {
		piece := strings.Trim(strings.Join(words[at:n], ""), "|")
		if _, ok := ParseUmask([]string{piece}); !ok || n > at+1 && !joined(words[at:n]) {
			return at, &Problem{Index: n - 1, Item: *it}
		}
	}
	return at, &Problem{Index: len(words) - 1, Item: *it}
}

// Describe says what the item takes, for people.
func (it *Item) Describe() string {
	if it.Choice != nil {
		var parts []string
		for _, alt := range it.Choice {
			if len(alt) > 0 {
				parts = append(parts, alt.describe())
			}
		}
		return joinOr(parts)
	}
	switch it.Type {
	case Literal, Enum, EnumFold:
		return joinOr(it.Words)
	case Int, Uint, Uint0:
		return it.describeNumber("a whole number")
	case Dec3:
		return it.describeNumber("a number") + ", at most 3 decimals"
	case Dec6:
		return it.describeNumber("a number")
	case IP, IPv4, IPv6:
		return it.describeAddress()
	case String:
		if it.MaxLen > 0 {
			return "a word of at most " + strconv.Itoa(it.MaxLen) + " bytes"
		}
		return "a word"
	case Define:
		if it.MaxLen > 0 {
			return "a name of at most " + strconv.Itoa(it.MaxLen) + " bytes"
		}
		return "a name"
	case Reference:
		return "the name of a " + it.Kind
	}
	if it.Type == Formatted {
		if n, ok := hexLength(it.Kind); ok {
			return strconv.Itoa(n) + " hexadecimal digits"
		}
		return formats[it.Kind].want
	}
	if text := describeType[it.Type]; text != "" {
		return text
	}
	return "a word"
}

var describeType = map[Type]string{
	Bool: "on, true, yes, off, false or no", IPLen: "an IP address with an optional prefix length",
	Port: "a port from 1 to 65535", Host: "a host name", Interface: "an interface name of at most 15 bytes",
	IPv4Mask: "an IPv4 netmask", TableName: "a name", Umask: "names of bits with | between them (IRUSR|IWUSR)",
	Name: "a name", Path: "a path", Email: "a mail address", Command: "a command", Define: "a name",
}

func (s Spec) describe() string {
	var parts []string
	for i := range s {
		if s[i].Optional {
			continue
		}
		text := s[i].Describe()
		if s[i].Type == Literal && s[i].Choice == nil {
			text = `"` + text + `"`
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " and ")
}

func (it *Item) describeNumber(what string) string {
	if lo, err := strconv.Atoi(it.Min); err == nil && it.Max == strconv.Itoa(lo+1) && it.Unit == "" {
		return it.Min + " or " + it.Max
	}
	if it.HasRange {
		what += " from " + it.Min + " to " + it.Max
	}
	switch it.Unit {
	case "s":
		return what + " (seconds)"
	case "ms":
		return what + " (milliseconds)"
	case "us":
		return what + " (microseconds)"
	case "bytes":
		return what + " (bytes)"
	}
	return what
}

func (it *Item) describeAddress() string {
	family := map[Type]string{IP: "an IP", IPv4: "an IPv4", IPv6: "an IPv6"}[it.Type]
	if it.Multicast {
		return family + " multicast address"
	}
	return family + " address"
}

func joinOr(words []string) string {
	switch n := len(words); n {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
	}
}
