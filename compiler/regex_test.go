package compiler

import "testing"

// TestRegexProblem: what PCRE2 takes has no problem, and what it certainly refuses has one.
func TestRegexProblem(t *testing.T) {
	for _, good := range []string{
		"", "ok", "^(ok|fine)$", "a*?b++c{2,3}+", "(?:a|b)*", "(?<name>x)+", "(?P<n>x)(?P=n)", "(?=a)b", "(?<!a)b", "(?i)OK", "a(?i:b)+",
		"[]a]", "[^]a]", "[[:digit:]]+", "[a\\]b]", "a{,3}", "a{", "x{1,2", "\\(", "(*UTF)ok", "(?(?=a)b|c)", "(?|a|b)+", "(?>a+)b",
		"a|", "\\Q(\\E", "(?#(comment)a", "(?'n'a)*", "a\\{2}", "[\\]]", "()*", "(?R)?", "(?1)+", "(?&n)",
	} {
		if p := regexProblem(good, false); p != "" {
			t.Errorf("%q: %s", good, p)
		}
	}
	for _, bad := range []string{"(", "(ok", "ok)", "[a", "[", "[]", "*a", "a|*", "(+a)", "a**", "a{3,1}", "a{70000}", "ok\\", "(?:a", "((a)"} {
		if regexProblem(bad, false) == "" {
			t.Errorf("%q has no problem", bad)
		}
	}
}
