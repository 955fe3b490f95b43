package schema

import (
	"net/netip"
	"strconv"
	"strings"
)

// wordForm is a notation for one word whose form is checked by a function of its own.
type wordForm struct {
	// want says what may stand there, for people.
	want   string
	accept func(word string) bool
}

// formats are the notations of the column "arguments" that are neither numbers, addresses nor names.
var formats = map[string]wordForm{
	"...":             {"words", nonEmpty},
	"arguments":       {"words", nonEmpty},
	"word":            {"a word", nonEmpty},
	"text":            {"a word", nonEmpty},
	"regex":           {"a regular expression", nonEmpty},
	"mac":             {"a MAC address of 6 bytes, or 5 without the last", isMAC},
	"hex:hexdigits":   {"hex: and hexadecimal digits", isHexKey},
	"file:path":       {"file: and a path", func(w string) bool { return len(w) > len("file:") && strings.HasPrefix(w, "file:") }},
	"hexbytes":        {"bytes in hexadecimal digits", func(w string) bool { return isHexBytes(w, "") }},
	"hexbytes-with-x": {"bytes in hexadecimal digits, xx for any", func(w string) bool { return isHexBytes(w, "xX") }},
	"prefix":          {"a destination", isDestination},
	"time":            {"a time, as 300ms or 2s", func(w string) bool { _, _, ok := ParseRouteTime(w, 1); return ok }},
	"uint-uint":       {"two numbers with a - between them", func(w string) bool { return isRange(w, 1<<32-1) }},
	"uint16-uint16":   {"two ports with a - between them", func(w string) bool { return isRange(w, 1<<16-1) }},
	"mark/mask":       {"a number, with an optional / and mask", func(w string) bool { _, _, _, ok := ParseMark(w); return ok }},
	"[realm/]realm":   {"a realm, or two with a / between them: names, or numbers from 0 to 255", isRealms},
	"label(/label)*":  {"one or two labels from 0 to 1048575 with / between them", func(w string) bool { _, ok := ParseLabels(w); return ok }},
	"hex16:hex16:hex16:hex16": {
		"four groups of hexadecimal digits with : between them",
		func(w string) bool { _, ok := ParseLocator(w); return ok },
	},
	"ip-lastpart": {"an address and the last part of another", isShortAddressRange},
	"ip-ip":       {"two addresses with a - between them", isAddressRange},
}

// hexLength reads hex(N): exactly N hexadecimal digits.
func hexLength(notation string) (int, bool) {
	digits, ok := strings.CutPrefix(notation, "hex(")
	n, err := strconv.Atoi(strings.TrimSuffix(digits, ")"))
	return n, ok && err == nil
}

func nonEmpty(word string) bool { return word != "" }

func allIn(word, set string) bool {
	for i := range len(word) {
		if strings.IndexByte(set, word[i]) < 0 {
			return false
		}
	}
	return true
}

const hexDigits = "0123456789abcdefABCDEF"

func isMAC(word string) bool {
	parts := strings.Split(word, ":")
	if len(parts) != 5 && len(parts) != 6 {
		return false
	}
	for _, p := range parts {
		if p == "" || len(p) > 2 || !allIn(p, hexDigits) {
			return false
		}
	}
	return true
}

func isHexKey(word string) bool {
	digits, ok := strings.CutPrefix(word, "hex:")
	return ok && digits != "" && len(digits)%2 == 0 && allIn(digits, hexDigits)
}

// isHexBytes takes digits with blanks between them (in double quotes).
func isHexBytes(word, more string) bool {
	digits := strings.ReplaceAll(word, " ", "")
	return digits != "" && allIn(digits, hexDigits+more)
}

// isDestination takes what a route leads to: an address with an optional length, or a word for all.
func isDestination(word string) bool {
	_, ok := ParseAddressLen(word)
	return ok || IsEverywhere(word)
}

func isRange(word string, most uint64) bool {
	lo, hi, ok := strings.Cut(word, "-")
	a, okA := ParseUint(lo)
	b, okB := ParseUint(hi)
	return ok && lo != "" && hi != "" && okA && okB && a <= b && b <= most
}

func isAddressRange(word string) bool {
	lo, hi, ok := strings.Cut(word, "-")
	a, okA := ParseAddress(lo)
	b, okB := ParseAddress(hi)
	return ok && okA && okB && a.Is4() == b.Is4() && a.Less(b)
}

// isShortAddressRange takes 192.0.2.10-20 and 2001:db8::10-20: the last part alone goes up.
func isShortAddressRange(word string) bool {
	lo, hi, ok := strings.Cut(word, "-")
	a, okA := ParseAddress(lo)
	if !ok || !okA {
		return false
	}
	base, most := 10, uint64(255)
	last := uint64(a.As16()[15])
	if !a.Is4() {
		b := a.As16()
		base, most, last = 16, 1<<16-1, uint64(b[14])<<8|uint64(b[15])
	}
	n, err := strconv.ParseUint(hi, base, 32)
	return err == nil && n <= most && n > last
}

// routeTypes are the types that may stand before the destination of a route.
var routeTypes = []string{"unicast", "local", "broadcast", "multicast", "throw", "unreachable", "prohibit", "blackhole", "nat"}

// umaskBits are the names of the bits of umask, in the order of their values from 0400 on.
var umaskBits = []struct {
	name string
	bits uint32
}{
	{"IRUSR", 0o400}, {"IWUSR", 0o200}, {"IXUSR", 0o100}, {"IRWXU", 0o700},
	{"IRGRP", 0o040}, {"IWGRP", 0o020}, {"IXGRP", 0o010}, {"IRWXG", 0o070},
	{"IROTH", 0o004}, {"IWOTH", 0o002}, {"IXOTH", 0o001}, {"IRWXO", 0o007},
}

// ParseUmask reads the words behind umask: a number up to 0777, octal with a leading 0, or names of bits
// with | between them, with or without blanks.
func ParseUmask(words []string) (uint32, bool) {
	if len(words) == 1 {
		if n, err := strconv.ParseUint(words[0], 0, 32); err == nil {
			return uint32(n), n <= 0o777
		}
	}
	if !joined(words) {
		return 0, false
	}
	var bits uint32
	for _, name := range strings.Split(strings.Join(words, ""), "|") {
		found := false
		for _, b := range umaskBits {
			if b.name == name {
				bits, found = bits|b.bits, true
			}
		}
		if !found {
			return 0, false
		}
	}
	return bits, true
}

// joined reports whether a | stands between each two words.
func joined(words []string) bool {
	for i := 1; i < len(words); i++ {
		if !strings.HasSuffix(words[i-1], "|") && !strings.HasPrefix(words[i], "|") {
			return false
		}
	}
	return len(words) > 0
}

// parseMask reads an IPv4 netmask.
func parseMask(word string) bool {
	a, err := netip.ParseAddr(word)
	return err == nil && a.Is4()
}
