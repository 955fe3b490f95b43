package compiler

import (
	"fmt"
	"strconv"
	"strings"
)

// regexProblem says why a PCRE2 pattern certainly does not compile, "" where it may. It knows groups,
// classes, escapes and quantifiers; what it does not know it takes as right.
func regexProblem(pattern string, extended bool) string {
	if extended || strings.Contains(pattern, `\Q`) || strings.Contains(pattern, "(?#") || strings.Contains(pattern, "(?x") {
		return "" // comments and quoting would have to be followed
	}
	open, repeatable := 0, false
	for i := 0; i < len(pattern); {
		n := 1
		switch pattern[i] {
		case '\\':
			if i+1 == len(pattern) {
				return "it ends in a backslash"
			}
			n, repeatable = 2, true
		case '[':
			if n = classLength(pattern[i:]); n == 0 {
				return fmt.Sprintf("the %q at byte %d is not closed", "[", i+1)
			}
			repeatable = true
		case '(':
			open++
			n, repeatable = groupHead(pattern[i:]), false
			if n > 1 && pattern[i+n-1] == ')' {
				open-- // a verb or a setting that closes itself
				repeatable = true
			}
		case ')':
			if open--; open < 0 {
				return fmt.Sprintf("the %q at byte %d closes nothing", ")", i+1)
			}
			repeatable = true
		case '|':
			repeatable = false
		case '*', '+', '?', '{':
			length, problem := quantifier(pattern[i:])
			switch {
			case length == 0:
				repeatable = true // a brace that is no quantifier is a character
			case !repeatable:
				return fmt.Sprintf("the %q at byte %d repeats nothing", pattern[i:i+1], i+1)
			case problem != "":
				return problem
			default:
				n, repeatable = length, false
			}
		default:
			repeatable = true
		}
		i += n
	}
	if open > 0 {
		return `a "(" is not closed`
	}
	return ""
}

// classLength is the length of a class with its brackets, 0 where it is not closed. A bracket that comes
// first is a character.
func classLength(text string) int {
	i := 1
	if i < len(text) && text[i] == '^' {
		i++
	}
	if i < len(text) && text[i] == ']' {
		i++
	}
	for ; i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case text[i] == ']':
			return i + 1
		case strings.HasPrefix(text[i:], "[:"):
			if end := strings.Index(text[i:], ":]"); end > 0 && strings.Trim(text[i+2:i+end], "^abcdefghijklmnopqrstuvwxyz") == "" {
				i += end + 1
			}
		}
	}
	return 0
}

// groupHead is the length of what opens a group: "(", "(?:", "(?<name>", or a whole "(?i)" and "(*VERB)".
func groupHead(text string) int {
	if !strings.HasPrefix(text, "(?") && !strings.HasPrefix(text, "(*") {
		return 1
	}
	if end := strings.IndexByte(text, ')'); end > 0 && !strings.ContainsAny(text[2:end], ":<>=!('|[") {
		return end + 1
	}
	for i := 2; i < len(text); i++ {
		if strings.IndexByte(":>=!|", text[i]) >= 0 || text[i] == '\'' && i > 2 {
			return i + 1
		}
		if text[i] == '(' || text[i] == ')' {
			return i
		}
	}
	return len(text)
}

// quantifier is the length of a quantifier with what makes it lazy or possessive, 0 where a brace is none.
func quantifier(text string) (n int, problem string) {
	n = 1
	if text[0] == '{' {
		end := strings.IndexByte(text, '}')
		if end < 0 {
			return 0, ""
		}
		low, high, ranged := strings.Cut(text[1:end], ",")
		a, err := strconv.ParseUint(low, 10, 32)
		if err != nil {
			return 0, ""
		}
		if b, err := strconv.ParseUint(high, 10, 32); ranged && high != "" {
			switch {
			case err != nil:
				return 0, ""
			case b < a:
				problem = fmt.Sprintf("the numbers of %q are out of order", text[:end+1])
			}
		}
		const most = 65535
		if a > most {
			problem = fmt.Sprintf("a number of %q is above %d", text[:end+1], most)
		}
		n = end + 1
	}
	if n < len(text) && (text[n] == '?' || text[n] == '+') {
		n++
	}
	return n, problem
}
