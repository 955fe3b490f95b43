package editors

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// engine applies a TextMate grammar to lines: enough of what editors do to hold the grammar to samples.
type engine struct {
	t       *testing.T
	grammar file
	regexps map[string]*regexp.Regexp
}

// token is a piece of text with its innermost scope; "" where the grammar says nothing.
type token struct{ text, scope string }

// open is a region that has begun and not ended.
type open struct {
	rules []rule
	end   *regexp.Regexp
	rule  rule
}

func newEngine(t *testing.T, grammar file) *engine {
	return &engine{t: t, grammar: grammar, regexps: map[string]*regexp.Regexp{}}
}

// compile returns the expression for the beginning of a line, or for the rest of one, where ^ never
// matches.
func (e *engine) compile(text string, start bool) *regexp.Regexp {
	e.t.Helper()
	key := strconv.FormatBool(start) + text
	if re := e.regexps[key]; re != nil {
		return re
	}
	if !start {
		text = regexp.MustCompile(`(^|[(|])\^`).ReplaceAllString(text, `${1}[^\s\S]`)
	}
	re, err := regexp.Compile(text)
	if err != nil {
		e.t.Fatalf("%q: %v", text, err)
	}
	e.regexps[key] = re
	return re
}

// flat resolves the includes of rules.
func (e *engine) flat(rules []rule, depth int) []rule {
	e.t.Helper()
	if depth > 8 {
		e.t.Fatal("includes go round in a circle")
	}
	var out []rule
	for _, r := range rules {
		switch {
		case r.Include != "":
			target, ok := e.grammar.Repository[strings.TrimPrefix(r.Include, "#")]
			if !ok {
				e.t.Fatalf("%s is not in the repository", r.Include)
			}
			out = append(out, e.flat(target.Patterns, depth+1)...)
		default:
			out = append(out, r)
		}
	}
	return out
}

// tokenize returns the tokens of a text that have a scope.
func (e *engine) tokenize(text string) []token {
	e.t.Helper()
	stack := []open{{rules: e.flat(e.grammar.Patterns, 0)}}
	var out []token
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		for pos := 0; pos <= len(line); {
			top := &stack[len(stack)-1]
			best, m := e.next(top, line[pos:], pos == 0)
			if m == nil {
				break
			}
			if m[0] > 0 && top.rule.Name != "" {
				out = append(out, token{line[pos:][:m[0]], top.rule.Name})
			}
			at := func(i int) string {
				if m[2*i] < 0 {
					return "" // a group that took no part
				}
				return line[pos:][m[2*i]:m[2*i+1]]
			}
			switch {
			case best == nil: // the end of the region
				if s := top.rule.EndCaptures["0"].Name; s != "" && at(0) != "" {
					out = append(out, token{at(0), s})
				} else if top.rule.Name != "" && at(0) != "" {
					out = append(out, token{at(0), top.rule.Name})
				}
				stack = stack[:len(stack)-1]
			case best.Begin != "":
				out = append(out, captured(best.BeginCaptures, best.Name, at, len(m)/2)...)
				stack = append(stack, open{rules: e.flat(best.Patterns, 0), end: e.compile(best.End, false), rule: *best})
			default:
				out = append(out, captured(best.Captures, best.Name, at, len(m)/2)...)
			}
			if m[1] == 0 && pos == len(line) {
				if len(stack) > 1 && stack[len(stack)-1].end.MatchString("") {
					continue // a region that the end of the line ends
				}
				break
			}
			if m[1] == 0 && best != nil {
				e.t.Fatalf("%q: a rule matches nothing: %q%q", line, best.Match, best.Begin)
			}
			pos += m[1]
		}
	}
	return out
}

// next finds the leftmost match, the first of several; the end of the region goes before all others.
func (e *engine) next(top *open, rest string, start bool) (*rule, []int) {
	var best *rule
	var found []int
	if top.end != nil {
		found = top.end.FindStringSubmatchIndex(rest)
	}
	for i := range top.rules {
		r := &top.rules[i]
		text := r.Match
		if r.Begin != "" {
			text = r.Begin
		}
		m := e.compile(text, start).FindStringSubmatchIndex(rest)
		if m != nil && (found == nil || m[0] < found[0]) {
			best, found = r, m
		}
	}
	return best, found
}

func captured(captures map[string]scope, name string, at func(int) string, groups int) []token {
	if len(captures) == 0 {
		if name == "" {
			return nil
		}
		return []token{{at(0), name}}
	}
	var out []token
	for i := 1; i < groups; i++ {
		if s := captures[strconv.Itoa(i)].Name; s != "" && at(i) != "" {
			out = append(out, token{at(i), s})
		}
	}
	return out
}
