package syntax

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// flatTree and flatGrammar write statements one a line, indented: cmp needs exponential time for trees.
func flatTree(body []*Statement, indent string) (out []string) {
	for _, s := range body {
		out = append(out, indent+s.Raw)
		if s.Block != nil {
			out = append(append(append(out, indent+"{"), flatTree(s.Block.Body, indent+" ")...), indent+"}")
		}
	}
	return out
}

func flatGrammar(body []*grammarStatement, indent string) (out []string) {
	for _, s := range body {
		out = append(out, indent+s.Line)
		if s.Block != nil {
			out = append(append(append(out, indent+"{"), flatGrammar(s.Block.Statements, indent+" ")...), indent+"}")
		}
	}
	return out
}

// TestReferenceGrammar reads the seeds with the grammar that the EBNF is printed from, all in
// participle's own notation, and with the hand-written reader: the same statements come out.
func TestReferenceGrammar(t *testing.T) {
	paths, err := filepath.Glob("../../testdata/seeds/*/*.conf")
	if err != nil || len(paths) == 0 {
		t.Fatal("no seeds", err)
	}
	texts := map[string]string{
		"empty": "", "broken": "a {\n b { \n} } }\n{ x }\nvrrp_instance X {\n", "one": "x", "empty block": "a { }",
		"deep": strings.Repeat("a {\n", 40), "long": strings.Repeat("a\nb {\nc\n}\n", 500),
	}
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		texts[p] = string(data)
	}
	for name, text := range texts {
		want, err := fullGrammar.ParseString(name, text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := grammar.ParseString(name, text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d := cmp.Diff(flatGrammar(want.Statements, ""), flatTree(got.Body, "")); d != "" {
			t.Errorf("%s (-reference +reader):\n%s", name, d)
		}
	}
}

func TestExpandBraces(t *testing.T) {
	for pattern, want := range map[string][]string{
		"a":             {"a"},
		"{}":            {"{}"},
		"{b,a}.c":       {"b.c", "a.c"},
		"x{a,{b,c}d}y":  {"xay", "xbdy", "xcdy"},
		"{a,b}{1,2}":    {"a1", "a2", "b1", "b2"},
		"{a,b":          {"{a,b"},
		"a}b":           {"a}b"},
		"{a}":           {"a"},
		"{,x}":          {"", "x"},
		"find -x {} {a": {"find -x {} {a"},
	} {
		got, ok := expandBraces(pattern)
		if d := cmp.Diff(want, got); d != "" || !ok {
			t.Errorf("%q: %v\n%s", pattern, ok, d)
		}
	}
	if _, ok := expandBraces(strings.Repeat("{a,b}", 12)); ok {
		t.Error("4096 alternatives are accepted")
	}
}

// TestOrigins checks that a line put together from pieces still knows where each piece stands.
func TestOrigins(t *testing.T) {
	v := &view{}
	f := newFile("f", "abc\\#def")
	v.add(spanOf(f, 0, 8), nil)
	x := &expander{view: v, sink: newSink(), topHead: "global_defs", depth: 1, reading: []frame{{file: f}}}
	text, off := x.recompose("abc\\#def", 0)
	if text != "abc#def" {
		t.Fatalf("text %q", text)
	}
	for _, c := range []struct{ at, n, start, end int }{{0, 3, 0, 3}, {3, 1, 4, 5}, {2, 3, 2, 6}, {4, 3, 5, 8}} {
		if got := v.span(off+c.at, c.n); got.Start != c.start || got.End != c.end {
			t.Errorf("%d+%d is at %d..%d, want %d..%d", c.at, c.n, got.Start, got.End, c.start, c.end)
		}
	}
	if v.span(-1, 3).IsValid() {
		t.Error("a brace that nobody wrote has a place")
	}
}
