package syntax

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ka/lang/source"
)

// manyServers writes n virtual servers, the i-th with i%40 lines in it.
func manyServers(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "virtual_server 10.0.%d.%d 80 {\n", i/250, i%250)
		for range i % 40 {
			text.WriteString("delay_loop 6\n")
		}
		text.WriteString("}\n")
	}
	return text.String()
}

// TestInParts holds the parts of a text against the whole: none is empty, no unit is cut, and nothing is lost.
func TestInParts(t *testing.T) {
	x := expand(source.New("x.conf", []byte(manyServers(750))), Options{})
	for n := 1; n < 9; n++ {
		var joined []logicalLine
		parts := inParts(x.view.lines, n)
		for _, p := range parts {
			if len(p) == 0 || p[0].kind != textLine || p[len(p)-1].kind != closeLine {
				t.Errorf("in %d parts: one of %d lines", n, len(p))
			}
			joined = append(joined, p...)
		}
		if len(parts) > n || !slices.Equal(joined, x.view.lines) {
			t.Errorf("in %d parts: %d, %d of %d lines", n, len(parts), len(joined), len(x.view.lines))
		}
	}
}

// TestSideBySide parses a text that is large enough to be parsed in parts, and each statement by itself.
func TestSideBySide(t *testing.T) {
	text := manyServers(2000)
	tree, _ := Parse(source.New("x.conf", []byte(text)), Options{})
	x := expand(source.New("x.conf", []byte(text)), Options{})
	if len(x.view.lines) < sideBySide {
		t.Fatalf("only %d lines", len(x.view.lines))
	}
	one := unitParser{view: *x.view}
	one.parse(x.view.lines)
	if len(tree.Body) != 2000 || len(one.body) != 2000 {
		t.Fatalf("%d and %d statements", len(tree.Body), len(one.body))
	}
	for i, s := range tree.Body {
		o := one.body[i]
		if s.Raw != o.Raw || s.Span.Position() != o.Span.Position() || len(s.Block.Body) != i%40 ||
			s.Block.Close.Position() != o.Block.Close.Position() {
			t.Fatalf("statement %d: %q at %v with %d lines", i, s.Raw, s.Span.Position(), len(s.Block.Body))
		}
	}
}
