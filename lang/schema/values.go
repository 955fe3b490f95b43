package schema

import (
	"cmp"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxInterfaceName is the longest interface name, without the zero byte that ends it in the kernel.
const maxInterfaceName = 15

// Accepts reports whether one word fits the item. kept says that keepalived reports the word and uses
// it nevertheless (too many decimals, which it rounds).
func (it *Item) Accepts(word string) (ok, kept bool) {
	if it.Signed {
		word = strings.TrimPrefix(strings.TrimPrefix(word, "+"), "-")
	}
	if slices.Contains(it.Except, word) {
		return false, false
	}
	switch it.Type {
	case Literal, Enum:
		return slices.Contains(it.Words, word), false
	case EnumFold:
		return slices.ContainsFunc(it.Words, func(w string) bool { return strings.EqualFold(w, word) }), false
	case Int, Uint, Uint0:
		return it.acceptsWhole(word), false
	case Dec3, Dec6:
		return it.acceptsDecimal(word)
	case Bool:
		_, ok := ParseBool(word)
		return ok, false
	case IP, IPv4, IPv6:
		return it.acceptsAddress(word), false
	case IPLen:
		_, ok := ParseAddressLen(word)
		return ok, false
	case Port:
		n, ok := ParseUint(word)
		return ok && n <= 65535, false
	case Interface:
		return isInterfaceName(word), false
	case String:
		return it.MaxLen == 0 || len(word) <= it.MaxLen, false
	case Host:
		return isHostName(word), false
	case Name, Path, Email, Command, Define, Reference:
		return word != "" && (it.MaxLen == 0 || len(word) <= it.MaxLen), false
	}
	return it.acceptsForm(word), false
}

// acceptsForm is Accepts for types whose words have a form.
func (it *Item) acceptsForm(word string) bool {
	switch it.Type {
	case TableName:
		// A name from a table of the system does not start with a digit: that is a number out of range, also below it.
		word = strings.TrimPrefix(word, "-")
		return word == "" || word[0] < '0' || word[0] > '9'
	case IPv4Mask:
		return parseMask(word)
	case Formatted:
		if n, ok := hexLength(it.Kind); ok {
			return len(word) == n && allIn(word, hexDigits)
		}
		return formats[it.Kind].accept(word)
	case Umask:
		_, ok := ParseUmask([]string{word})
		return ok
	}
	return true
}

// isHostName reports whether word can be the name of a host: it has no character that only addresses
// have, and its last label is not a number (RFC 1123 2.1).
func isHostName(word string) bool {
	last := word[strings.LastIndexByte(word, '.')+1:]
	return word != "" && !strings.ContainsAny(word, "/: \t") && (last == "" || !allIn(last, "0123456789"))
}

// isInterfaceName reports whether the kernel would take word as the name of an interface.
func isInterfaceName(word string) bool {
	return word != "" && len(word) <= maxInterfaceName && word != "." && word != ".." && !strings.ContainsAny(word, "/ \t\n\v\f\r")
}

func (it *Item) acceptsWhole(word string) bool {
	if it.Type == Uint0 {
		n, err := strconv.ParseUint(word, 0, 64)
		hi, bad := strconv.ParseUint(it.Max, 0, 64)
		return err == nil && (bad != nil || n <= hi)
	}
	if it.Type == Uint {
		n, ok := ParseUint(word)
		if !ok {
			return false
		}
		lo, _ := strconv.ParseUint(it.Min, 10, 64)
		hi, err := strconv.ParseUint(it.Max, 10, 64)
		return !it.HasRange || n >= lo && (err != nil || n <= hi)
	}
	n, ok := ParseInt(word)
	if !ok {
		return false
	}
	lo, errLo := strconv.ParseInt(it.Min, 10, 64)
	hi, errHi := strconv.ParseInt(it.Max, 10, 64)
	return !it.HasRange || (errLo != nil || n >= lo) && (errHi != nil || n <= hi)
}

func (it *Item) acceptsDecimal(word string) (ok, kept bool) {
	digits := 6
	if it.Type == Dec3 {
		digits = 3
	}
	v, exact, ok := parseScaled(word, digits)
	if !ok {
		return false, false
	}
	if it.HasRange {
		lo, _, _ := parseScaled(it.Min, digits)
		hi, _, fits := parseScaled(it.Max, digits)
		if v < lo || fits && v > hi {
			return false, false
		}
	}
	return exact, !exact
}

func (it *Item) acceptsAddress(word string) bool {
	if !it.Exact {
		word = CutAddress(word)
	}
	a, ok := ParseAddress(word)
	switch {
	case !ok, it.Type == IPv4 && !a.Is4(), it.Type == IPv6 && a.Is4():
		return false
	}
	return !it.Multicast || a.IsMulticast()
}

// ParseBool reads on, true, yes, off, false, no; lower case only.
func ParseBool(word string) (value, ok bool) {
	switch word {
	case "on", "true", "yes":
		return true, true
	case "off", "false", "no":
		return false, true
	}
	return false, false
}

// ParseInt reads a whole number to base 10 as keepalived does: blanks and a sign may stand before it,
// and an empty word is 0.
func ParseInt(word string) (int64, bool) {
	word = trimBlanks(word)
	if word == "" {
		return 0, true
	}
	n, err := strconv.ParseInt(word, 10, 64)
	return n, err == nil
}

// ParseUint is ParseInt for numbers without a minus sign.
func ParseUint(word string) (uint64, bool) {
	word = trimBlanks(word)
	if word == "" {
		return 0, true
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(word, "+"), 10, 64)
	return n, err == nil
}

// ParseSeconds reads a decimal number of seconds with at most digits decimals (3 or 6); further ones
// are rounded. What does not fit a Duration becomes the longest one of whole seconds.
func ParseSeconds(word string, digits int) (time.Duration, bool) {
	v, _, ok := parseScaled(word, digits)
	if !ok {
		return 0, false
	}
	unit := uint64(time.Second)
	for range digits {
		unit /= 10
	}
	const longest = time.Duration(1<<63-1) / time.Second * time.Second
	if v > uint64(longest)/unit {
		return longest, true
	}
	return time.Duration(v * unit), true
}

// parseScaled reads a decimal number and multiplies it by 10^digits; exact is false where it had to be
// rounded. There is no sign but +, no exponent and no unit.
func parseScaled(word string, digits int) (value uint64, exact, ok bool) {
	word = strings.TrimPrefix(trimBlanks(word), "+")
	whole, frac, _ := strings.Cut(word, ".")
	if whole == "" && frac == "" {
		return 0, true, word == ""
	}
	exact = len(frac) <= digits
	roundUp := !exact && frac[digits] >= '5'
	for i := range len(frac) {
		if frac[i] < '0' || frac[i] > '9' {
			return 0, false, false
		}
	}
	if !exact {
		frac = frac[:digits]
	}
	v, err := strconv.ParseUint(cmp.Or(whole, "0"), 10, 64)
	if err != nil {
		return 0, false, false
	}
	for i := range digits {
		digit := uint64(0)
		if i < len(frac) {
			digit = uint64(frac[i] - '0')
		}
		if v > (math.MaxUint64-digit)/10 {
			return 0, false, false
		}
		v = 10*v + digit
	}
	if roundUp {
		v++
	}
	return v, exact, true
}

// trimBlanks removes the blanks in front of a number.
func trimBlanks(word string) string {
	for word != "" && (word[0] == ' ' || word[0] == '\t') {
		word = word[1:]
	}
	return word
}

// CutAddress cuts a word at the first - or /, as keepalived does with the addresses of most keywords.
func CutAddress(word string) string {
	if i := strings.IndexAny(word, "-/"); i > 0 {
		return word[:i]
	}
	return word
}

// ParseAddress reads an address as inet_pton(3) does: no zone, no leading zeros, no name.
func ParseAddress(word string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(word)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, false
	}
	return a, true
}

// ParseAddressLen reads ADDRESS or ADDRESS/LENGTH; without a length it is the full one. Host bits stay.
func ParseAddressLen(word string) (netip.Prefix, bool) {
	addr, length, cut := strings.Cut(word, "/")
	a, ok := ParseAddress(addr)
	if !ok {
		return netip.Prefix{}, false
	}
	bits := a.BitLen()
	if cut {
		n, ok := ParseUint(length)
		if !ok || length == "" || n > uint64(bits) {
			return netip.PrefixFrom(a, bits), false
		}
		bits = int(n)
	}
	return netip.PrefixFrom(a, bits), true
}
