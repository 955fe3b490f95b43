package syntax

import "unicode/utf8"

// HasInvisible reports whether s holds a blank or invisible character outside ASCII.
func HasInvisible(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < utf8.RuneSelf {
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if _, ok := invisibleAs(r, size, s[i]); ok {
			return true
		}
		i += size - 1
	}
	return false
}

// invisibleAs tells whether r (of size bytes, first byte b) is a character that is not seen, and what
// its author meant: a blank, or nothing. A byte 0xA0 that is no UTF-8 is Latin-1's no-break space.
func invisibleAs(r rune, size int, b byte) (meant string, ok bool) {
	switch {
	case r == utf8.RuneError && size == 1:
		return " ", b == 0xA0
	case r == 0xA0, r == 0x1680, r >= 0x2000 && r <= 0x200A, r == 0x2028, r == 0x2029, r == 0x202F, r == 0x205F, r == 0x3000, r == 0x85:
		return " ", true
	case r >= 0x200B && r <= 0x200F, r == 0x2060, r == 0xFEFF, r == 0xAD, r == 0x180E, r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
		return "", true
	}
	return "", false
}
