package syntax

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lang/source"
)

// includeWord starts an include line; a letter behind it makes what is missing an error.
const includeWord = "include"

// missing are the ways in which an include can fail to bring something in.
type missing uint8

const (
	unreadable    missing = iota // there, but cannot be read
	noFile                       // a plain name, and no such file
	noMatch                      // a wildcard that matches nothing
	noAlternative                // one of the alternatives in braces is not there
)

// includeChecks are the failures that make keepalived give up with status 6. The others are messages, and
// a wildcard without match is silent.
type includeChecks [4]bool

// includeErrors are the checks of each letter behind the word include.
var includeErrors = map[string]includeChecks{
	"":  {},
	"r": {unreadable: true},
	"m": {unreadable: true, noFile: true},
	"w": {unreadable: true, noFile: true, noMatch: true},
	"b": {unreadable: true, noAlternative: true},
	"a": {unreadable: true, noFile: true, noMatch: true, noAlternative: true},
}

// checkWords are the words of include_check.
var checkWords = map[string]missing{
	kw.Read: unreadable, kw.Match: noFile, kw.WildcardMatch: noMatch, kw.BraceMatch: noAlternative,
}

// inclusion is an include line being followed.
type inclusion struct {
	at     *Include
	checks includeChecks
	// braces says that the pattern has alternatives, unknown that it holds a parameter without a value.
	braces, unknown bool
}

// include is the stage of the include lines: all that follows the word, to the end of the line, is one
// pattern, a closing brace too.
func (x *expander) include(p *piece) bool {
	word, checks, ok := includeHead(p.text)
	if !ok {
		return false
	}
	pattern := strings.TrimSpace(p.text[len(word):])
	x.uses(word, word, x.view.span(p.offset, len(word)))
	if word == includeWord {
		checks = x.reading[len(x.reading)-1].checks
	}
	inGlobals := x.depth > 0 && x.topHead == kw.GlobalDefs
	if x.opt.Reader == nil {
		x.text(p.text, p.offset)
		return true
	}
	if x.depth > maxNesting {
		return true
	}
	inc := inclusion{at: &Include{Span: x.view.span(p.offset, len(p.text)), via: x.via()}, checks: checks}
	inc.unknown = overlap(x.lastUnknown, inc.at.Span)
	x.view.includes = append(x.view.includes, inc.at)
	if len(x.reading) > maxNesting {
		x.includeCycle(inc, "files include one another more than 32 deep", source.Span{})
		return true
	}
	names, ok := expandBraces(pattern)
	if !ok {
		x.missing(inc, noAlternative, pattern, errors.New("more than 1000 alternatives"))
		return true
	}
	inc.braces = len(names) > 1
	if inc.braces && checks[noAlternative] && x.lacksAlternative(inc, names) {
		return true
	}
	for _, name := range x.matches(inc, names) {
		x.follow(inc, name)
		if x.stopped {
			break
		}
	}
	if p.indirect != "" && len(inc.at.Files) > 0 && !inGlobals {
		x.readTwice(inc.at.Span, p.indirect)
	}
	return true
}

// includeHead returns the word that starts an include line, and its checks. A pattern stands behind it.
func includeHead(s string) (word string, checks includeChecks, ok bool) {
	if !strings.HasPrefix(s, includeWord) {
		return "", checks, false
	}
	n := strings.IndexAny(s, whiteSpace)
	if n < 0 || strings.TrimSpace(s[n:]) == "" {
		return "", checks, false
	}
	checks, ok = includeErrors[s[len(includeWord):n]]
	return s[:n], checks, ok
}

// lacksAlternative reports the first alternative of a pattern that is not there; where that is an error,
// keepalived reads none of the others.
func (x *expander) lacksAlternative(inc inclusion, names []string) bool {
	dir := filepath.Dir(x.reading[len(x.reading)-1].file.Name)
	for _, name := range names {
		if strings.ContainsAny(name, "*?[") {
			continue
		}
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		if _, err := x.opt.Reader.ReadFile(name); errors.Is(err, fs.ErrNotExist) {
			x.missing(inc, noAlternative, name, err)
			return true
		}
	}
	return false
}

// readTwice reports an include that the processes which read the blocks follow a second time: the copy of
// the text that they get has the files in it already, and keepalived left the line in (reference language
// 8). Here it is read once, as it was meant.
func (x *expander) readTwice(at source.Span, behind string) {
	x.report(diag.Diagnostic{
		Rule: "include-read-twice", Severity: diag.Warning, Span: at,
		Message: fmt.Sprintf("behind %s keepalived reads the included files twice, so that what they define is there twice", behind),
		Help:    "let the include start its line",
	})
}

// includeCheck is a line include_check of global_defs: it says which failures of the plain include lines
// that follow are errors.
func (x *expander) includeCheck(line string, off int) {
	words := appendWords(nil, line, off)
	if words[0].Text != kw.IncludeCheck {
		return
	}
	here := &x.reading[len(x.reading)-1]
	if len(words) == 1 {
		here.checks = includeErrors["a"]
		return
	}
	for i, w := range words[1:] {
		sign, name := "", w.Text
		if name != "" && (name[0] == '+' || name[0] == '-') {
			sign, name = name[:1], name[1:]
		}
		set, ok := checkWords[name]
		if !ok {
			continue // reported by the check of the words
		}
		if sign == "" && i > 0 {
			x.report(diag.Diagnostic{
				Rule: ruleInvalid, Severity: diag.Error, Span: x.view.span(w.Span.Start, w.Span.End-w.Span.Start),
				Message: fmt.Sprintf("%q needs a sign: only the first word of %q may stand without one; keepalived reads over it", name, kw.IncludeCheck),
				Help:    fmt.Sprintf("write +%s, or -%s", name, name),
			})
			continue
		}
		if sign == "" {
			here.checks = includeChecks{unreadable: true}
		}
		here.checks[set] = sign != "-"
	}
}

// matches turns the alternatives of a pattern into the names of files, and reports what is missing.
func (x *expander) matches(inc inclusion, alternatives []string) []string {
	var found []string
	dir := filepath.Dir(x.reading[len(x.reading)-1].file.Name)
	for _, name := range alternatives {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		if !strings.ContainsAny(name, "*?[") {
			found = append(found, name)
			continue
		}
		list, err := x.opt.Reader.Glob(name)
		switch {
		case err != nil:
			x.missing(inc, unreadable, name, err)
		case len(list) == 0:
			x.missing(inc, noMatch, name, fs.ErrNotExist)
		}
		found = append(found, list...)
	}
	return found
}

// follow reads one included file.
func (x *expander) follow(inc inclusion, name string) {
	clean := filepath.Clean(name)
	for _, f := range x.reading {
		if filepath.Clean(f.file.Name) == clean {
			x.includeCycle(inc, fmt.Sprintf("%q includes itself", name), x.wayTo(f))
			return
		}
	}
	f := x.byName[name]
	if f == nil {
		data, err := x.opt.Reader.ReadFile(name)
		if err != nil {
			kind := unreadable
			if errors.Is(err, fs.ErrNotExist) {
				kind = noFile
			}
			x.missing(inc, kind, name, err)
			return
		}
		f = source.New(name, data)
		x.byName[name] = f
		x.view.files = append(x.view.files, f)
		if len(x.view.files) > maxFiles {
			x.tooLarge(inc.at.Span, "more than 10000 files are included")
			return
		}
	}
	inc.at.Files = append(inc.at.Files, f)
	if len(x.view.includes) > maxFiles {
		x.tooLarge(inc.at.Span, "more than 10000 include lines are followed")
		return
	}
	x.readFile(f, inc.at)
}

// wayTo returns the include line inside f that led to the file being read, no place where the file is f.
func (x *expander) wayTo(f frame) source.Span {
	for i, r := range x.reading {
		if r.file == f.file && i+1 < len(x.reading) {
			return x.reading[i+1].via.Span
		}
	}
	return source.Span{}
}

func (x *expander) includeCycle(inc inclusion, what string, via source.Span) {
	d := diag.Diagnostic{
		Rule: "include-cycle", Severity: diag.Error, Span: inc.at.Span,
		Message: what + "; keepalived reads on until it runs out of file descriptors",
		Help:    "remove the line",
	}
	if via.IsValid() {
		d.Related = []diag.Note{{Message: "the file was included from here", Span: via}}
	}
	x.sink.add(d)
}

// missing reports what an include line did not bring in, as far as keepalived says anything about it.
func (x *expander) missing(inc inclusion, kind missing, name string, err error) {
	if inc.unknown {
		return // why the name is not known is reported
	}
	if inc.braces && kind != unreadable {
		kind = noAlternative
	}
	severity := diag.Warning
	if inc.checks[kind] {
		severity = diag.Error
	} else if kind == noMatch {
		return
	}
	d := diag.Diagnostic{Rule: "include-not-found", Severity: severity, Span: inc.at.Span}
	switch {
	case kind == unreadable:
		d.Message = fmt.Sprintf("%q cannot be read: %s", name, reason(err))
		d.Help = "make it a readable file that is not executable"
	case kind == noMatch:
		d.Message = fmt.Sprintf("no file matches %q", name)
		d.Help = "create a file that matches, or write include"
	default:
		d.Message = fmt.Sprintf("there is no file %q", name)
		d.Help = "create the file, or remove the line"
		if strings.ContainsAny(name, "\"{} \t") {
			d.Help = "write nothing but the name behind the word: quotes, blanks and braces are taken as part of it"
		}
	}
	if severity == diag.Warning {
		d.Message += "; keepalived goes on without it"
	} else {
		d.Message += "; keepalived gives up"
	}
	x.sink.add(d)
}

// reason gives the inner text of an error about a file: its name stands in the message already.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

// maxAlternatives bounds what the braces of a pattern expand to.
const maxAlternatives = 1000

// expandBraces resolves {a,b} in a pattern as csh does, in written order, nested ones too; {} stays as it
// is. It returns false where there are more alternatives than anyone writes.
func expandBraces(pattern string) ([]string, bool) {
	open := openingBrace(pattern)
	if open < 0 {
		return []string{pattern}, true
	}
	end, cuts := closingBrace(pattern, open)
	if end < 0 {
		return []string{pattern}, true
	}
	var out []string
	rest, ok := expandBraces(pattern[end+1:])
	if !ok {
		return nil, false
	}
	for i := 0; i+1 < len(cuts); i++ {
		middle, ok := expandBraces(pattern[cuts[i]+1 : cuts[i+1]])
		if !ok || len(out)+len(middle)*len(rest) > maxAlternatives {
			return nil, false
		}
		for _, m := range middle {
			for _, r := range rest {
				out = append(out, pattern[:open]+m+r)
			}
		}
	}
	return out, true
}

// openingBrace returns the place of the first { that is not the start of {}.
func openingBrace(s string) int {
	for i := 0; i < len(s); i++ {
		if s[i] == '{' && !strings.HasPrefix(s[i:], "{}") {
			return i
		}
	}
	return -1
}

// closingBrace returns the place of the } that belongs to the { at open, -1 where there is none, and the
// places that cut the alternatives: the brace, the commas, the closing brace.
func closingBrace(s string, open int) (end int, cuts []int) {
	depth := 0
	cuts = []int{open}
	for i := open; i < len(s); i++ {
		switch s[i] {
		case '{':
			depth++
		case ',':
			if depth == 1 {
				cuts = append(cuts, i)
			}
		case '}':
			if depth--; depth == 0 {
				return i, append(cuts, i)
			}
		}
	}
	return -1, nil
}
