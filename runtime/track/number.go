//go:build linux

package track

import "math"

// maxNumberBytes is how much of a tracked file is read: keepalived reads 127 bytes.
const maxNumberBytes = 127

// ParseNumber reads the number at the beginning of a tracked file, as the C library's strtol does with
// base 0: white space, a sign, then 0x and hexadecimal digits, 0 and octal ones, or decimal ones; what is
// behind it does not count, and where there is no number it is 0. It reports false for a number that does
// not fit 32 bits: keepalived then keeps the one before (reference vrrp 7.3).
func ParseNumber(b []byte) (n int, ok bool) {
	b = b[:min(len(b), maxNumberBytes)]
	i := 0
	for i < len(b) && (b[i] == ' ' || b[i] >= '\t' && b[i] <= '\r') {
		i++
	}
	negative := false
	if i < len(b) && (b[i] == '-' || b[i] == '+') {
		negative = b[i] == '-'
		i++
	}
	base := 10
	if i < len(b) && b[i] == '0' {
		base = 8
		if i+2 < len(b) && b[i+1]|0x20 == 'x' && digit(b[i+2]) < 16 {
			base, i = 16, i+2
		}
	}
	var sum int64
	for ; i < len(b) && digit(b[i]) < base; i++ {
		if sum = sum*int64(base) + int64(digit(b[i])); sum > math.MaxInt32+1 {
			return 0, false
		}
	}
	if negative {
		sum = -sum
	}
	return int(sum), sum <= math.MaxInt32+1
}

// digit is the value of a digit, a large number for what is none.
func digit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return math.MaxInt
}
