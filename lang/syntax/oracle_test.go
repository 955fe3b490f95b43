package syntax_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ka/lang/diag"
	"ka/lang/source"
	"ka/lang/syntax"
)

// node is a statement as the oracle sees it.
type node struct {
	Words []string
	Block bool
	Body  []node
}

// oracle is a second reader of the language, byte by byte and without a pipeline, lexer or grammar: it
// knows comments, quotes, braces and words, and nothing of escapes, includes and mistakes. It returns
// false for a text that is beyond it.
type oracle struct {
	s  string
	at int
}

func (o *oracle) statements(depth int) (body []node, ok bool) {
	for {
		words, end := o.line()
		if len(words) > 0 {
			body = append(body, node{Words: words})
		}
		switch end {
		case '{':
			if len(body) == 0 || body[len(body)-1].Block || depth > 30 {
				return nil, false
			}
			inner, ok := o.statements(depth + 1)
			if !ok {
				return nil, false
			}
			last := &body[len(body)-1]
			last.Block, last.Body = true, inner
		case '}':
			return body, depth > 0
		case 0:
			return body, depth == 0
		}
	}
}

// line reads words up to a newline, a brace or the end, and returns which it was.
func (o *oracle) line() (words []string, end byte) {
	word, inside := "", false
	flush := func() {
		if inside {
			words = append(words, word)
		}
		word, inside = "", false
	}
	defer func() { flush() }()
	for o.at < len(o.s) {
		c := o.s[o.at]
		o.at++
		switch {
		case c == '\n':
			flush()
			return words, c
		case c == '{' || c == '}':
			flush()
			return words, c
		case c == '#' || c == '!':
			for o.at < len(o.s) && o.s[o.at] != '\n' {
				o.at++
			}
		case c == '"':
			flush()
			n := strings.IndexByte(o.s[o.at:], '"')
			words = append(words, o.s[o.at:o.at+n])
			o.at += n + 1
		case strings.IndexByte(" \t\r\f\v", c) >= 0:
			flush()
		default:
			word, inside = word+string([]byte{c}), true
		}
	}
	flush()
	return words, 0
}

// read runs the oracle; false means that the text uses what it does not know.
func read(text string) ([]node, bool) {
	for _, line := range strings.Split(text, "\n") {
		if strings.Count(line, `"`)%2 != 0 || len(line) > 1000 {
			return nil, false
		}
	}
	if strings.ContainsAny(text, "\\$@~\x00\r") || strings.Contains(text, "include") {
		return nil, false
	}
	return (&oracle{s: text}).statements(0)
}

// flat writes statements one a line, indented: cmp needs exponential time for trees.
func flat(body []node, indent string) (out []string) {
	for _, n := range body {
		out = append(out, indent+strings.Join(n.Words, "|"))
		if n.Block {
			out = append(append(append(out, indent+"{"), flat(n.Body, indent+" ")...), indent+"}")
		}
	}
	return out
}

func flatTree(body []*syntax.Statement, indent string) (out []string) {
	for _, s := range body {
		line := indent + s.Head.Text
		for _, w := range s.Args {
			line += "|" + w.Text
		}
		out = append(out, line)
		if s.Block != nil {
			out = append(append(append(out, indent+"{"), flatTree(s.Block.Body, indent+" ")...), indent+"}")
		}
	}
	return out
}

// compare checks the tree of text against the oracle's, where it has one.
func compare(t interface{ Errorf(string, ...any) }, text string) (checked bool) {
	want, ok := read(text)
	if !ok {
		return false
	}
	tree, list := syntax.Parse(source.New("x.conf", []byte(text)), syntax.Options{})
	if slices.ContainsFunc(list, func(d diag.Diagnostic) bool {
		// Lines of a script, a diff, a page are left out on purpose; the word of a password is put together again.
		return d.Rule == "not-configuration" || d.Rule == "brace-in-word"
	}) {
		return false
	}
	invisible := false
	for _, d := range list {
		invisible = invisible || d.Rule == "invisible-character"
		if d.Rule == "unclosed-block" || d.Rule == "unexpected-brace" && !strings.Contains(d.Message, "quoted") {
			t.Errorf("the oracle reads %q, the parser says %s", text, d.Message)
		}
	}
	if d := cmp.Diff(flat(want, ""), flatTree(tree.Body, "")); d != "" {
		if invisible {
			return false // a line of nothing else between a keyword and its brace is left out
		}
		t.Errorf("%q (-oracle +parser):\n%s", text, d)
	}
	return true
}

// TestOracle compares generated texts of balanced braces, quotes, comments and odd white space.
func TestOracle(t *testing.T) {
	checked := 0
	word := rapid.SampledFrom([]string{"a", "global_defs", "router_id", `"q u"`, `""`, "'s", "1.2.3.4/24", "x{y}", "é", `"{ x"`, "z#c", `p"q"r`})
	space := rapid.SampledFrom([]string{" ", "\t", "  ", "\f", " \v"})
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		depth := 0
		for range rapid.IntRange(0, 40).Draw(t, "n") {
			switch rapid.IntRange(0, 6).Draw(t, "what") {
			case 0:
				b.WriteString("\n")
			case 1:
				b.WriteString(" # comment { \" }\n")
			case 2:
				b.WriteString("k {")
				depth++
			case 3:
				if depth > 0 {
					b.WriteString("}")
					depth--
				}
			default:
				b.WriteString(word.Draw(t, "word") + space.Draw(t, "space"))
			}
		}
		b.WriteString("\n" + strings.Repeat("}\n", depth))
		if compare(t, b.String()) {
			checked++
		}
	})
	if checked == 0 {
		t.Error("no generated text was compared")
	}
}
