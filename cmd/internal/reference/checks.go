package reference

import (
	"fmt"
	"strings"
)

// ChecksPage writes the table of keepalived's checks (testdata/err/checks.tsv) as a page; known reports
// whether a rule has a page to link to.
func ChecksPage(tsv string, known func(rule string) bool) string {
	var w strings.Builder
	w.WriteString("# The checks of keepalived\n\nWritten from `testdata/err/checks.tsv` by `go test ./cmd/internal/reference -update`; do not edit.\n\n" +
		"What keepalived 2.4.3 finds wrong by itself (D001–D379) and what it should find and does not (G01–G30), and the rule of\n" +
		"kalint that reports it. A check without a rule has its reason; the examples are files of `testdata/err`.\n\n" +
		"| check | what is wrong | rule | example | |\n|---|---|---|---|---|\n")
	for line := range strings.Lines(tsv) {
		line = strings.TrimSuffix(line, "\n")
		c := strings.Split(line, "\t")
		if strings.HasPrefix(line, "#") || len(c) != 5 || c[0] == "id" {
			continue
		}
		id, what, rules, example, note := c[0], c[1], c[2], c[3], c[4]
		if rules == "?" {
			what, rules, example, note = "", "", "", "open"
		}
		fmt.Fprintf(&w, "| %s | %s | %s | %s | %s |\n", id, cell(what), ruleLinks(rules, known), fileLinks(example), cell(note))
	}
	return w.String()
}

func ruleLinks(rules string, known func(string) bool) string {
	if rules == "" || rules == "-" {
		return rules
	}
	var out []string
	for _, r := range strings.Split(rules, ",") {
		if known(r) {
			r = fmt.Sprintf("[%s](../rules/%s.md)", r, r)
		}
		out = append(out, r)
	}
	return strings.Join(out, ", ")
}

func fileLinks(files string) string {
	if files == "" || files == "-" {
		return files
	}
	var out []string
	for _, f := range strings.Split(files, ",") {
		out = append(out, fmt.Sprintf("[%s](../../testdata/err/%s.conf)", f, f))
	}
	return strings.Join(out, ", ")
}
