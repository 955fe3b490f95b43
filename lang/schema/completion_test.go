package schema

import (
	"slices"
	"strings"
	"testing"
)

// TestCompletionOffersWhatIsRegistered holds what completion has to offer in each block (the words of its
// context) against the facts: exactly the keywords that keepalived registers there, both ways, and no
// word of a line or among arguments mixed in.
func TestCompletionOffersWhatIsRegistered(t *testing.T) {
	registered := map[string][]string{}
	inLines := map[string][]string{}
	for _, f := range readFacts(t) {
		context := strings.TrimPrefix(f.context, "(root)")
		switch {
		case strings.HasPrefix(f.keyword, "<") || f.kind == "directive" || f.kind == "parameter":
		case f.kind == "line-token" || f.kind == "option-token":
			inLines[context] = append(inLines[context], f.keyword)
		default:
			registered[context] = append(registered[context], f.keyword)
		}
	}
	if len(registered) != 29 {
		t.Errorf("the facts have keywords in %d contexts, keepalived 2.4.3 in 29", len(registered))
	}
	blocks := []string{""}
	for _, k := range All() {
		if k.Kind.HasBlock() && !k.Kind.IsList() {
			blocks = append(blocks, k.Inner())
		}
	}
	slices.Sort(blocks)
	for _, path := range slices.Compact(blocks) {
		compareWords(t, path, offered(t, path, false), registered[path])
		delete(registered, path)
	}
	for path := range registered {
		t.Errorf("%q has keywords and is no block of the table", path)
	}
	for _, k := range All() {
		if k.Kind == LineToken || k.Kind == OptionToken {
			if words, ok := inLines[k.Context]; ok {
				compareWords(t, k.Context, offered(t, k.Context, true), words)
				delete(inLines, k.Context)
			}
		}
	}
	for path := range inLines {
		t.Errorf("%q has words and is no line of the table", path)
	}
}

// offered are the words of a context that people type; all of them are of lines, or none.
func offered(t *testing.T, path string, inLine bool) []string {
	t.Helper()
	var out []string
	for _, k := range Keywords(path) {
		if !k.IsWord() {
			continue
		}
		if (k.Kind == LineToken || k.Kind == OptionToken) != inLine {
			t.Errorf("%q mixes keywords and words of lines: %s", path, k.Name)
		}
		if _, gone := Dead(path, k.Name); gone {
			t.Errorf("%q offers the dead word %s", path, k.Name)
		}
		out = append(out, k.Name)
	}
	return out
}

func compareWords(t *testing.T, path string, have, want []string) {
	t.Helper()
	for _, w := range want {
		if !slices.Contains(have, w) {
			t.Errorf("%q does not offer %s", path, w)
		}
	}
	for _, w := range have {
		if !slices.Contains(want, w) {
			t.Errorf("%q offers %s, which keepalived does not register there", path, w)
		}
	}
	if len(have) != len(want) {
		t.Errorf("%q offers %d words, keepalived registers %d", path, len(have), len(want))
	}
}
