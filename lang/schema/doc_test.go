package schema

import (
	"strings"
	"testing"
	"unicode"
)

// TestEveryRowIsDocumented wants a sentence for each row, and different ones for different words of a
// block: two rows that read alike document neither. Aliases of one keyword may share one.
func TestEveryRowIsDocumented(t *testing.T) {
	type place struct{ context, doc string }
	seen := map[place]*Keyword{}
	for _, k := range All() {
		where := k.Context + " " + k.Name
		switch {
		case k.Doc == "":
			t.Errorf("%s has no documentation", where)
			continue
		case !strings.HasSuffix(k.Doc, "."):
			t.Errorf("%s: the documentation is a sentence and ends in a full stop", where)
		case strings.TrimSpace(k.Doc) != k.Doc || strings.Contains(k.Doc, "  "):
			t.Errorf("%s: blanks that nobody wants in %q", where, k.Doc)
		case unicode.IsLower(rune(k.Doc[0])):
			t.Errorf("%s: the documentation begins with a capital", where)
		}
		at := place{k.Context, k.Doc}
		if other := seen[at]; other != nil && other.Preferred() != k.Preferred() {
			t.Errorf("%s and %s share the documentation %q", where, other.Name, k.Doc)
		}
		seen[at] = k
	}
}

// TestDocumentationNamesTheUnit wants the unit of a number in the sentence: 30 of what?
func TestDocumentationNamesTheUnit(t *testing.T) {
	names := map[string]string{"s": "seconds", "ms": "milliseconds", "us": "microseconds", "bytes": "bytes"}
	var unit func(Spec) string
	unit = func(s Spec) string {
		for i := range s {
			if s[i].Unit != "" {
				return s[i].Unit
			}
			for _, alternative := range s[i].Choice {
				if u := unit(alternative); u != "" {
					return u
				}
			}
		}
		return ""
	}
	found := 0
	for _, k := range All() {
		u := unit(k.Spec())
		if u == "" || k.AliasOf != "" {
			continue
		}
		found++
		if !strings.Contains(k.Doc, names[u]) {
			t.Errorf("%s %s: %q does not say %s", k.Context, k.Name, k.Doc, names[u])
		}
	}
	if found < 50 {
		t.Errorf("only %d rows have a unit", found)
	}
}
