package schema

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Values that only the lines of routes and rules have (diagnostics D186 to D219).

// IsEverywhere reports whether word stands for all destinations of a family.
func IsEverywhere(word string) bool {
	switch word {
	case "default", "any", "all", "default6":
		return true
	}
	return false
}

// ParseRouteTime reads a time of a metric: a whole number of kernel units, of which perMillisecond make a
// millisecond, or a number with s, sec, secs (at most three decimals) or ms, msec, msecs (no decimals).
// exact is false where decimals had to be rounded.
func ParseRouteTime(word string, perMillisecond int) (d time.Duration, exact, ok bool) {
	unit, digits := time.Millisecond/time.Duration(perMillisecond), 0
	number := strings.TrimRight(word, "abcdefghijklmnopqrstuvwxyz")
	switch word[len(number):] {
	case "":
	case "s", "sec", "secs":
		unit, digits = time.Millisecond, 3
	case "ms", "msec", "msecs":
		unit = time.Millisecond
	default:
		return 0, false, false
	}
	v, exact, ok := parseScaled(number, digits)
	if !ok || number == "" || v > uint64(math.MaxInt64/time.Millisecond) {
		return 0, false, false
	}
	return time.Duration(v) * unit, exact, true
}

// ParseRealms cuts [FROM/]TO into its two realms; from is "" where there is one only.
func ParseRealms(word string) (from, to string) {
	if a, b, two := strings.Cut(word, "/"); two {
		return a, b
	}
	return "", word
}

// isRealms takes [FROM/]TO: numbers up to 255, or names.
func isRealms(word string) bool {
	from, to := ParseRealms(word)
	return to != "" && isRealm(from) && isRealm(to)
}

// isRealm reports whether word can be a realm: a number up to 255 or a name; "" is no realm given.
func isRealm(word string) bool {
	if word == "" || word[0] < '0' || word[0] > '9' {
		return true
	}
	n, err := strconv.ParseUint(word, 0, 64)
	return err == nil && n <= math.MaxUint8
}

// ParseLabels reads a stack of MPLS labels, the outermost first. keepalived has room for two.
func ParseLabels(word string) ([]uint32, bool) {
	const most, largest = 2, 1<<20 - 1
	parts := strings.Split(word, "/")
	if len(parts) > most {
		return nil, false
	}
	labels := make([]uint32, len(parts))
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 0, 32)
		if err != nil || n > largest {
			return nil, false
		}
		labels[i] = uint32(n)
	}
	return labels, true
}

// ParseLocator reads the 64 bits of an ILA locator.
func ParseLocator(word string) (uint64, bool) {
	parts := strings.Split(word, ":")
	if len(parts) != 4 {
		return 0, false
	}
	var locator uint64
	for _, p := range parts {
		n, err := strconv.ParseUint(p, 16, 16)
		if err != nil {
			return 0, false
		}
		locator = locator<<16 | n
	}
	return locator, true
}

// ParseSpan reads LOW-HIGH, neither above limit. keepalived does not compare the two.
func ParseSpan(word string, limit uint64) (low, high uint64, ok bool) {
	a, b, two := strings.Cut(word, "-")
	low, errLow := strconv.ParseUint(a, 10, 64)
	high, errHigh := strconv.ParseUint(b, 10, 64)
	return low, high, two && errLow == nil && errHigh == nil && low <= limit && high <= limit
}

// ParseMark reads MARK or MARK/MASK.
func ParseMark(word string) (mark, mask uint32, masked, ok bool) {
	a, b, masked := strings.Cut(word, "/")
	m, err := strconv.ParseUint(a, 0, 32)
	if err != nil {
		return 0, 0, masked, false
	}
	if !masked {
		return uint32(m), 0, false, true
	}
	k, err := strconv.ParseUint(b, 0, 32)
	return uint32(m), uint32(k), true, err == nil
}
