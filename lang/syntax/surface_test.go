package syntax

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ka/lang/source"
)

func newFile(name, text string) *source.File { return source.New(name, []byte(text)) }

func spanOf(f *source.File, start, end int) source.Span {
	return source.Span{File: f, Start: start, End: end}
}

// TestSurface looks at the tables beside the tokens: comments and empty lines know the token behind them.
func TestSurface(t *testing.T) {
	f := newFile("x", "# one\n\n\na b { # two\n  c \"d e\"\n\n  # three\n}\n$X=1 }\n# end\n")
	s, list := NewSurface(f)
	if len(list) != 0 {
		t.Errorf("findings: %v", list)
	}
	var tokens, comments []string
	for _, tok := range s.Tokens {
		tokens = append(tokens, tok.Span.Text())
	}
	if d := cmp.Diff([]string{"a", "b", "{", "c", `"d e"`, "}"}, tokens); d != "" {
		t.Errorf("tokens: %s", d)
	}
	at := []int{}
	for _, c := range s.Comments {
		comments = append(comments, c.Span.Text())
		at = append(at, c.Token)
		if c.Alone != (c.Span.Text() != "# two") {
			t.Errorf("%q alone: %v", c.Span.Text(), c.Alone)
		}
	}
	if d := cmp.Diff([]string{"# one", "# two", "# three", "# end"}, comments); d != "" {
		t.Errorf("comments: %s", d)
	}
	if d := cmp.Diff([]int{0, 3, 5, 6}, at); d != "" {
		t.Errorf("tokens behind comments: %s", d)
	}
	if d := cmp.Diff([]Blank{{Token: 0, Line: 2, Count: 2}, {Token: 5, Line: 6, Count: 1}}, s.Blanks); d != "" {
		t.Errorf("blanks: %s", d)
	}
	var depths []int
	for _, l := range s.Lines {
		depths = append(depths, l.Depth)
	}
	if d := cmp.Diff([]int{0, 0, 0, 0, 1, 1, 1, 0, 0, 0}, depths); d != "" {
		t.Errorf("depths: %s", d)
	}
}

func TestFormat(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"indentation":         {"a {\nb {\nc\n}\n}\n", "a {\n    b {\n        c\n    }\n}\n"},
		"several on a line":   {"  a { b {\nc } }\nd\n", "a { b {\n        c } }\nd\n"},
		"closing and opening": {"a {\nb\n} c {\nd\n}\n", "a {\n    b\n} c {\n    d\n}\n"},
		"brace on a line":     {"a\n  # why\n{\nb\n}\n", "a\n# why\n{\n    b\n}\n"},
		"blank lines":         {"\n\na\n\n\n\nb\n\n", "a\n\nb\n"},
		"line ends":           {"a \t\r\n\tb", "a\nb\n"},
		"comments":            {"a { # x  \n#y\n\t! z\n}", "a { # x\n    #y\n    ! z\n}\n"},
		"unbalanced region":   {"  a {\nb }\n  }\n   c {\n  d\n }\n", "a {\n    b }\n  }\n   c {\n  d\n }\n"},
		"unclosed":            {" a\n x {\n  b\n", "a\n x {\n  b\n"},
		"definition":          {"  $A= \\\n  b {\\\n   c\n d\n", "$A= \\\n  b {\\\n   c\nd\n"},
		"backslash":           {"a {\n b \\ \n}\n", "a {\n    b \\ \n}\n"},
		"no-break space":      {"a {\n\u00a0b \n}\n", "a {\n    \u00a0b\n}\n"},
		"quote":               {"a {\n b \"c  \n}\n", "a {\n b \"c  \n}\n"},
		"condition":           {"@x a {\n @y b\n}\n", "@x a {\n    @y b\n}\n"},
		"sequence":            {"~SEQ(A, 2) a {\n b\n }\n", "~SEQ(A, 2) a {\n    b\n}\n"},
		"include":             {"a {\n include x }\n}\n", "a {\n    include x }\n}\n"},
		"empty":               {"", ""},
		"only blank":          {"\n \n", ""},
	} {
		out, _ := Format(newFile("x", c.in))
		if d := cmp.Diff(c.want, string(out)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}
