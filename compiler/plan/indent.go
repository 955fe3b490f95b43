package plan

import "bytes"

// indentUnit is one step of indentation in plan.json.
const indentUnit = "  "

// appendIndented appends the compact JSON text src to dst, indented as [json.Indent] does it. src comes
// from the encoder, so its syntax needs no second check; that check makes up most of json.Indent's time,
// which for a plan of many virtual servers is more than all the rest of the encoding.
func appendIndented(dst, src []byte) []byte {
	depth := 0
	line := func() {
		dst = append(dst, '\n')
		for range depth {
			dst = append(dst, indentUnit...)
		}
	}
	for i := 0; i < len(src); {
		switch c := src[i]; c {
		case '"':
			n := stringLength(src[i:])
			dst = append(dst, src[i:i+n]...)
			i += n
			continue
		case '{', '[':
			dst = append(dst, c)
			if i+1 < len(src) && src[i+1] == c+2 { // } and ] stand two behind their openers
				dst = append(dst, c+2)
				i += 2
				continue
			}
			depth++
			line()
		case '}', ']':
			depth--
			line()
			dst = append(dst, c)
		case ',':
			dst = append(dst, c)
			line()
		case ':':
			dst = append(dst, c, ' ')
		default:
			dst = append(dst, c)
		}
		i++
	}
	return dst
}

// stringLength is the length of the JSON string that s starts with, quotes included.
func stringLength(s []byte) int {
	for i := 1; i < len(s); {
		n := bytes.IndexByte(s[i:], '"')
		if n < 0 {
			break
		}
		i += n
		slashes := 0
		for s[i-1-slashes] == '\\' {
			slashes++
		}
		i++
		if slashes%2 == 0 {
			return i
		}
	}
	return len(s)
}
