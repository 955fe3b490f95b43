package check

import (
	"strconv"
	"strings"

	"ka/lang/syntax"
)

// CommandLine is a command as keepalived would execute it.
type CommandLine struct {
	// Argv is the program and its words.
	Argv []string
	// User and Group are the words behind the command, "" where there are none. For "script" and
	// "misc_path" keepalived reads over them.
	User, Group string
	// More is how many words follow behind those.
	More int
}

// SplitCommand reads the command of a statement from its raw line, in keepalived's two rounds
// (reference language 11): first the line is cut into words, single and double quotes grouping even
// in mid-word and backslashes kept; the second word is the command, and is cut again the same way, now
// with escapes. ok is false where a quote is not closed, a backslash ends the line, or no command is left.
func SplitCommand(s *syntax.Statement) (line CommandLine, ok bool) {
	words, ok := splitShell(s.Raw, false)
	if !ok || len(words) < 2 {
		return CommandLine{}, false
	}
	argv, ok := splitShell(words[1], true)
	if !ok || len(argv) == 0 {
		return CommandLine{}, false
	}
	for i, word := range argv {
		// A program gets its words as C strings: a zero byte ends one.
		argv[i], _, _ = strings.Cut(word, "\x00")
	}
	if argv[0] == "" {
		return CommandLine{}, false
	}
	line.Argv = argv
	if len(words) > 2 {
		line.User = words[2]
	}
	if len(words) > 3 {
		line.Group, line.More = words[3], len(words)-4
	}
	return line, true
}

// splitShell cuts text at blanks outside quotes; with escapes it also replaces backslash sequences.
func splitShell(text string, escapes bool) (words []string, ok bool) {
	var word strings.Builder
	inWord := false
	quote := byte(0)
	for i := 0; i < len(text); {
		switch b := text[i]; {
		case b == '\\':
			inWord = true
			if i+1 == len(text) {
				return nil, false
			}
			if !escapes {
				word.WriteString(text[i : i+2])
				i += 2
				continue
			}
			c, n := unescape(text[i+1:])
			word.WriteByte(c)
			i += 1 + n
			continue
		case quote != 0 && b == quote:
			quote = 0
		case quote == 0 && (b == '"' || b == '\''):
			quote, inWord = b, true
		case quote == 0 && isBlank(b):
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		default:
			inWord = true
			word.WriteByte(b)
		}
		i++
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, quote == 0
}

func isBlank(b byte) bool { return b == ' ' || b >= '\t' && b <= '\r' }

// unescape reads the sequence behind a backslash: the byte that it stands for and its length.
func unescape(text string) (b byte, n int) {
	const letters, meaning = "abEfnrtv", "\a\b\x1b\f\n\r\t\v"
	if i := strings.IndexByte(letters, text[0]); i >= 0 {
		return meaning[i], 1
	}
	switch {
	case text[0] == 'x':
		if n = countDigits(text[1:], 2, "0123456789abcdefABCDEF"); n > 0 {
			v, _ := strconv.ParseUint(text[1:1+n], 16, 8)
			return byte(v), 1 + n
		}
	case text[0] == 'c' && len(text) > 1:
		return text[1] & 0x1f, 2
	}
	if n = countDigits(text, 3, "01234567"); n > 0 {
		v, _ := strconv.ParseUint(text[:n], 8, 16)
		return byte(v), n
	}
	return text[0], 1
}

func countDigits(text string, most int, digits string) int {
	n := 0
	for n < most && n < len(text) && strings.IndexByte(digits, text[n]) >= 0 {
		n++
	}
	return n
}

// SplitWords cuts a line into words as a shell does, with quotes and escapes: what keepalived does with
// the lines of regular expressions. ok is false where a quote is not closed, or a backslash ends the line.
func SplitWords(raw string) (words []string, ok bool) { return splitShell(raw, true) }
