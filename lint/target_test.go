package lint

import (
	"regexp"
	"testing"

	"ka/lang/schema"
	"ka/lang/syntax"
)

func TestCompareVersions(t *testing.T) {
	tests := []struct {
		a, b string
		want int
	}{
		{"2.2.7", "2.2.7", 0},
		{"2.2.7", "2.2.8", -1},
		{"2.0.9", "2.0.10", -1},
		{"2.0.20", "2.1.0", -1},
		{"2.0.20", "2.0.3", 1},
		{"1.3.9", "2.0.0", -1},
		{"2.1", "2.1.0", 0},
		{"2.1", "2.1.1", -1},
		{"2.4.0", "2.3.99", 1},
		{"", "1.1.0", -1},
	}
	for _, tt := range tests {
		if got := compareVersions(tt.a, tt.b); got != tt.want {
			t.Errorf("compareVersions(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := compareVersions(tt.b, tt.a); got != -tt.want {
			t.Errorf("compareVersions(%q, %q) = %d, want %d", tt.b, tt.a, got, -tt.want)
		}
	}
}

// TestVersionsAreNumbers holds the versions of the targets and of the keyword table to three numbers.
func TestVersionsAreNumbers(t *testing.T) {
	three := regexp.MustCompile(`^\d+\.\d+\.\d+$`)
	for _, target := range targets() {
		if !three.MatchString(target.Version) {
			t.Errorf("target %s has version %q", target.Name, target.Version)
		}
		if found, ok := ParseTarget(target.Name); !ok || found != target {
			t.Errorf("%s is there twice", target.Name)
		}
	}
	for _, k := range schema.All() {
		for _, v := range []string{k.Since, k.Until} {
			if v != "" && !three.MatchString(v) {
				t.Errorf("%s %s: version %q", k.Context, k.Name, v)
			}
		}
		if k.Since != "" && k.Until == "" && !(Target{Version: "2.4.3"}).Knows(k) {
			t.Errorf("%s %s came after 2.4.3", k.Context, k.Name)
		}
	}
}

// TestGoneKeyword tries a keyword that later versions do not read any more; today's table has none.
func TestGoneKeyword(t *testing.T) {
	k := &schema.Keyword{Context: "vrrp_instance", Name: "gone", Since: "1.2.0", Until: "2.0.20"}
	old, young := Target{"2.0.20", "2.0.20"}, Target{"el8", "2.1.5"}
	if !old.Knows(k) || young.Knows(k) || (Target{Version: "1.1.20"}).Knows(k) {
		t.Error("the limits of the keyword do not hold")
	}
	d := notKnown(syntax.Word{Text: "gone"}, k, []Target{young}, "leaves the line out", "node1")
	const want = `"gone" was read up to keepalived 2.0.20: keepalived 2.1.5 (el8) does not know it and leaves the line out`
	if d.Message != want || d.Help != "remove it" || d.Node != "node1" {
		t.Errorf("%s\nhelp: %s", d.Message, d.Help)
	}
}
