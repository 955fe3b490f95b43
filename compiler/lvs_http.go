package compiler

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// http reads an HTTP_GET or SSL_GET. It reports false where no page is left.
func (c *checker) http() bool {
	h := &plan.HTTPSettings{Protocol: plan.HTTP10, FastRecovery: check.FlagSet(c.body, kw.FastRecovery)}
	c.out.HTTP = h
	if text, _, ok := check.Value(c.body, kw.HTTPProtocol); ok {
		h.Protocol = strings.ToUpper(text)
	}
	if text, _, ok := check.Value(c.body, kw.Virtualhost); ok {
		c.virtualHost, c.serverName = text, text
	}
	sni := check.FlagSet(c.body, kw.EnableSNI)
	compliant := check.FlagSet(c.body, kw.TLSCompliant)
	urls := check.FindAll(c.body, kw.URL)
	for _, s := range urls {
		if u, ok := c.url(s, sni, compliant); ok {
			h.URLs = append(h.URLs, u)
		}
	}
	switch {
	case len(h.URLs) > 0:
		return true
	case len(urls) > 0:
		c.leaveOut(c.from, "no page is left ["+ruleIncomplete+"]")
	default:
		c.lacks(c.from, kw.URL, "the check", fmt.Sprintf("%s { %s / }", kw.URL, kw.Path))
	}
	return false
}

// url reads one page.
func (c *checker) url(s *syntax.Statement, sni, compliant bool) (plan.URL, bool) {
	body := s.Children()
	c.visit(body)
	out := plan.URL{Origin: c.origin(s), Host: c.virtualHost, TLSCompliant: boolArg(body, kw.TLSCompliant, compliant)}
	path, _, ok := check.Value(body, kw.Path)
	if !ok {
		c.lacks(s, kw.Path, "the page", kw.Path+" /")
		return out, false
	}
	out.Path = path
	server := c.serverName
	if text, _, ok := check.Value(body, kw.Virtualhost); ok {
		out.Host, server = text, text
	}
	if sni && c.out.Kind == plan.SSLGet {
		out.ServerName = server
	}
	out.Codes = c.codes(body)
	for _, line := range check.FindAll(body, kw.Digest) {
		if c.digest(line) {
			out.Digest = strings.ToLower(name(line))
			break
		}
	}
	out.Pattern = c.pattern(body)
	return out, true
}

// The status codes that HTTP has, and those that are right where none is given.
const (
	lowestCode, highestCode = 100, 599
	firstGood, lastGood     = 200, 299
)

// codes reads the status codes. Each word counts by itself: one that is wrong is ignored alone.
func (c *checker) codes(body []*syntax.Statement) []plan.CodeRange {
	var out []plan.CodeRange
	for _, s := range body {
		if s.Keyword == nil || s.Keyword.Name != kw.StatusCode {
			continue
		}
		for _, w := range s.Args {
			first, last, ranged := strings.Cut(w.Text, "-")
			if !ranged {
				last = first
			}
			a, okFirst := schema.ParseUint(first)
			b, okLast := schema.ParseUint(last)
			if okFirst && okLast && a >= lowestCode && b <= highestCode && a <= b {
				out = append(out, plan.CodeRange{First: uint16(a), Last: uint16(b)})
				continue
			}
			if s.Dropped {
				continue // reported by the table
			}
			c.report(diag.Diagnostic{
				Rule: ruleInvalid, Severity: diag.Error, Span: w.Span,
				Message: fmt.Sprintf("%q is no status code and no range of them; keepalived ignores it", w.Text),
				Help:    fmt.Sprintf("write codes from %d to %d and ranges of them, with blanks between: 200 300-399", lowestCode, highestCode),
			})
		}
	}
	if len(out) == 0 {
		out = []plan.CodeRange{{First: firstGood, Last: lastGood}}
	}
	return out
}

// digest reports whether a line holds an MD5 in hexadecimal digits.
func (c *checker) digest(s *syntax.Statement) bool {
	const digits = 32
	text := name(s)
	_, err := hex.DecodeString(text)
	if len(text) == digits && err == nil {
		return true
	}
	problem := fmt.Sprintf("the digest has %d characters", len(text))
	if len(text) == digits {
		problem = "the digest holds something else than hexadecimal digits"
	}
	c.drop(s, diag.Diagnostic{
		Rule: ruleInvalid, Severity: diag.Error, Span: s.Args[0].Span,
		Message: problem + "; keepalived ignores the line, and any page is right",
		Help:    fmt.Sprintf("write the %d hexadecimal digits of the MD5 of the page", digits),
	})
	return false
}

// pattern reads the regular expression of a page, nil where there is none.
func (c *checker) pattern(body []*syntax.Statement) *plan.Pattern {
	out := plan.Pattern{
		Inverted:  check.FlagSet(body, kw.RegexNoMatch),
		Options:   c.patternOptions(body),
		MinOffset: check.UintArg(body, kw.RegexMinOffset, 0), MaxOffset: check.UintArg(body, kw.RegexMaxOffset, 0),
	}
	for _, s := range check.FindAll(body, kw.RegexStack) {
		c.stack(s, &out)
	}
	var from *syntax.Statement
	for _, s := range body {
		if s.Keyword != nil && s.Keyword.Name == kw.Regex && c.expression(s, &out) {
			from = s
		}
	}
	if from == nil {
		c.withoutPattern(body)
		return nil
	}
	if s := check.Find(body, kw.RegexMaxOffset); s != nil && out.MaxOffset != 0 && out.MinOffset >= out.MaxOffset {
		c.drop(s, diag.Diagnostic{
			Rule: ruleRegex, Severity: diag.Error, Span: s.Span,
			Message: fmt.Sprintf("the match must begin between byte %d and byte %d, where there is none; keepalived ignores the upper bound", out.MinOffset, out.MaxOffset),
			Help:    fmt.Sprintf("write a %s above %d", kw.RegexMaxOffset, out.MinOffset),
		})
		out.MaxOffset = 0
	}
	return &out
}

// patternOptions reads the options; keepalived reads over a word that it does not know, and says nothing.
func (c *checker) patternOptions(body []*syntax.Statement) []string {
	var out []string
	for _, s := range body {
		if s.Keyword == nil || s.Keyword.Name != kw.RegexOptions {
			continue
		}
		spec := s.Keyword.Spec()
		for _, w := range s.Args {
			if len(spec) > 0 && slices.Contains(spec[0].Words, w.Text) && !slices.Contains(out, w.Text) {
				out = append(out, w.Text)
			}
		}
	}
	return out
}

// stack reads the JIT stack: of several lines the largest numbers count.
func (c *checker) stack(s *syntax.Statement, out *plan.Pattern) {
	second, _ := s.Arg(1)
	start, okStart := schema.ParseUint(name(s))
	most, okMost := schema.ParseUint(second.Text)
	if !okStart || !okMost || start > most || start == 0 {
		c.drop(s, diag.Diagnostic{
			Rule: ruleRegex, Severity: diag.Error, Span: s.Span,
			Message: fmt.Sprintf("%q takes two sizes in bytes, the first not above the second; keepalived ignores the line", kw.RegexStack),
			Help:    fmt.Sprintf("write \"%s 32768 524288\"", kw.RegexStack),
		})
		return
	}
	out.StackStart, out.StackMax = max(out.StackStart, start), max(out.StackMax, most)
}

// expression reads a pattern: one word, cut as a shell does it, escapes replaced.
func (c *checker) expression(s *syntax.Statement, out *plan.Pattern) bool {
	words, ok := check.SplitWords(s.Raw)
	if !ok || len(words) != 2 {
		if s.Dropped {
			return false // reported
		}
		c.drop(s, diag.Diagnostic{
			Rule: ruleInvalid, Severity: diag.Error, Span: s.Span,
			Message: fmt.Sprintf("%q takes one word; keepalived ignores the line", kw.Regex),
			Help:    "put the whole pattern in double quotes",
		})
		return false
	}
	if problem := regexProblem(words[1], slices.Contains(out.Options, optionExtended)); problem != "" {
		c.drop(s, diag.Diagnostic{
			Rule: ruleRegex, Severity: diag.Error, Span: s.Args[0].Span,
			Message: fmt.Sprintf("the pattern does not compile: %s; keepalived ignores it, and any page is right", problem),
			Help:    "repair the pattern; a backslash is written twice, since keepalived takes one away",
		})
		return false
	}
	out.Expression, _, _ = strings.Cut(words[1], "\x00") // a C string ends there
	return true
}

// optionExtended is the option under which blanks and comments in a pattern do not count.
const optionExtended = "extended"

// withoutPattern reports settings of a pattern where there is none, unless the pattern itself is reported.
func (c *checker) withoutPattern(body []*syntax.Statement) {
	for _, s := range body {
		if s.Keyword != nil && s.Keyword.Name == kw.Regex || s.Dropped && hides(s, kw.Regex) {
			return
		}
	}
	for _, s := range body {
		if s.Dropped || s.Keyword == nil {
			continue
		}
		switch s.Keyword.Name {
		case kw.RegexNoMatch, kw.RegexOptions, kw.RegexMinOffset, kw.RegexMaxOffset, kw.RegexStack:
			c.report(diag.Diagnostic{
				Rule: ruleSettingIgnored, Severity: diag.Warning, Span: s.Head.Span,
				Message: fmt.Sprintf("%q has no effect: the page has no %s", s.Head.Text, kw.Regex),
				Help:    fmt.Sprintf("write \"%s PATTERN\", or remove the line", kw.Regex),
			})
			return
		}
	}
}
