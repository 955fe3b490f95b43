package syntax

import (
	"regexp"
	"strings"
)

// foreignKind is a kind of text that people paste into a configuration by mistake.
type foreignKind struct {
	// what names it, effect says what keepalived makes of it, help what to do.
	what, effect, help string
	matches            func(raw string) bool
	// anywhere says that it is looked for in lists of free words too; elsewhere only where the first word is no
	// keyword.
	anywhere bool
	// grows says that the lines that follow belong to it as long as they are no configuration either.
	grows bool
	// read says that the line is configuration in spite of it, and is kept.
	read bool
}

const (
	linesIgnored = "keepalived reads over each of its lines, and takes braces in them for its own"
	lineIgnored  = "keepalived takes it for an unknown keyword or a value"
)

// mergeKind is a conflict that a merge left in the file.
var mergeKind = foreignKind{
	what: "a merge conflict that nobody resolved", effect: "keepalived reads the lines of both sides, and the last of each wins",
	help: "keep the lines of one side and remove the markers",
}

// isMarker reports whether a line is one of the marks around the sides of a merge conflict.
func isMarker(text string) bool {
	if len(text) < 7 {
		return false
	}
	switch text[:7] {
	case "<<<<<<<", ">>>>>>>", "|||||||":
		return len(text) == 7 || text[7] == ' '
	case "=======":
		return len(text) == 7
	}
	return false
}

// foreignKinds are looked through in this order.
var foreignKinds = []foreignKind{
	{
		what: "a shell prompt", effect: lineIgnored, help: "remove the line", anywhere: true,
		matches: regexp.MustCompile(`^\[\w[\w.-]*@[\w.-]+ [^\]]*\] ?[#$]|^\w[\w.-]*@[\w.-]+:[~/][^ #$]*[#$]( |$)|^\$ +(sudo|cat|vim?|nano|systemctl|service|keepalived|ip|cd)\b`).MatchString,
	},
	{
		what: "the mark of a code block", effect: lineIgnored, help: "remove the line", anywhere: true,
		matches: func(raw string) bool { return strings.HasPrefix(raw, "```") || strings.HasPrefix(raw, "~~~") },
	},
	{
		what: "a mark for lines left out", effect: lineIgnored, help: "write the lines that it stands for, or remove it", anywhere: true,
		matches: regexp.MustCompile(`^(\[ ?(\.\.\.+|…|snip) ?\]|\.\.\.+|…|[<(]snip[>)])$`).MatchString,
	},
	{
		what: "HTML", effect: linesIgnored, help: "remove it; copy the text as the page shows it", anywhere: true, grows: true,
		matches: regexp.MustCompile(`^(</?(html|head|body|div|p|br|pre|code|span|table|tbody|tr|td|th|ul|ol|li|h[1-6]|a|b|i|em|strong|font|script|style|meta|link)( [^>]*)?/?>|<!DOCTYPE)`).MatchString,
	},
	{
		what: "HTML in the line", effect: "keepalived takes it for a part of the words", help: "copy the text as the page shows it", anywhere: true, read: true,
		matches: regexp.MustCompile(`&(lt|gt|amp|nbsp|quot|#\d+);|</?(br|p|div|span|pre|code|td|tr|li)\b[^>]*>`).MatchString,
	},
	{
		what: "the head of a diff", effect: linesIgnored, help: "apply the diff, or remove its marks", grows: true,
		matches: regexp.MustCompile(`^(diff --git |index [0-9a-f]{7,}|--- (a/|/)|\+\+\+ (b/|/))`).MatchString,
	},
	{
		what: "YAML around the text", effect: linesIgnored, help: "save the configuration alone, without the indentation", grows: true,
		matches: regexp.MustCompile(`^(---$|(apiVersion|kind|metadata|data|spec|tasks|vars|hosts):|- (name|hosts|template|copy):|[\w.-]+\.(conf|cfg|j2): *[|>])`).MatchString,
	},
	{
		what: "the name of a file", effect: lineIgnored, help: "remove the line",
		matches: regexp.MustCompile(`^[\w./-]+\.(conf|cfg|sh|ya?ml|md|txt|j2)( ?:)?$`).MatchString,
	},
	{
		what: "a shell script", effect: linesIgnored, help: `save it as a file of its own, and call that with "script"`, grows: true,
		matches: regexp.MustCompile("^((if|elif|while|until) .*(\\[|;|`|\\$)|for \\w+ in |(fi|done|esac|then|else|do)\\b *;?$|[A-Za-z_]\\w*=(\\$|`|\"|'|\\d|$)|function \\w|" +
			"(echo|exit|systemctl|service|chmod|chown|sleep|export|sudo|apt|apt-get|yum|dnf|cat|mkdir|cp|mv|rm|vim?|nano|kill|killall|ps|grep|sed|awk|curl|wget|touch|source|set|logger|ssh)( |$))").MatchString,
	},
}

// mayBeForeign tells quickly whether a line is worth a look: by its first byte, by a sign in it, or by its first
// word. Hardly any line of a configuration is.
func mayBeForeign(text string) bool {
	switch text[0] {
	case '<', '>', '=', '|', '`', '[', '.', '$', '~', '(', '-', '+', 0xE2:
		return true
	}
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '@', '&', '<':
			return true
		case ':', '=', '.':
			if strings.IndexByte(text[:i], ' ') < 0 {
				return true // the first word: an assignment, the name of a file or a field
			}
		}
	}
	n := nameLength(text)
	return n <= longestShellWord && shellWords[text[:n]]
}

// longestShellWord is the length of systemctl.
const longestShellWord = 9

// shellWords are the words that start the lines of scripts and diffs, and no line of a configuration.
var shellWords = map[string]bool{
	"if": true, "elif": true, "while": true, "until": true, "for": true, "fi": true, "done": true, "esac": true, "then": true,
	"else": true, "do": true, "function": true, "echo": true, "exit": true, "systemctl": true, "service": true, "chmod": true,
	"chown": true, "sleep": true, "export": true, "sudo": true, "apt": true, "yum": true, "dnf": true, "cat": true, "mkdir": true,
	"cp": true, "mv": true, "rm": true, "vi": true, "vim": true, "nano": true, "kill": true, "killall": true, "ps": true,
	"grep": true, "sed": true, "awk": true, "curl": true, "wget": true, "touch": true, "source": true, "set": true, "logger": true,
	"ssh": true, "diff": true, "index": true,
}
