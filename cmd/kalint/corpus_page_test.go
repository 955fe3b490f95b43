package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// corpusPage is the summary that people read.
const corpusPage = "../../docs/corpus.md"

// page writes the summary; names are the files' ids, never their text.
func page(t *testing.T, files []*corpusFile, c, templates corpusFigures) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, `# kalint against public files

Written by `+"`go test ./cmd/kalint -run TestCorpus -update`"+` where the files are at hand (`+"`KA_CORPUS`"+` names their folder); they are not
part of this repository, most of them name no licence. %d configurations and %d templates from public repositories were
read by keepalived 2.4.3 (`+"`keepalived -t`"+`), and by a person who listed the real mistakes before any rule was tuned to them
(`+"`testdata/corpus/mistakes.tsv`"+`: file, line and our words). kalint reads each file alone.

| | |
|---|--:|
| distinct messages of keepalived that the text alone decides (syntax, semantic, deprecated) | %d |
| met by a finding on that line, in that block, or at the declared cause | %d (%.1f %%) |
| of these by info findings only (shown with `+"`--info`"+`): %s | %d |
| the same for the templates | %d of %d |
| errors of kalint in the configurations | %d |
| of these neither known to keepalived nor a listed mistake | %d |
| real mistakes listed | %d |
| of these found, as error or warning | %d |
| findings about the mistakes found | %d (%.2f each) |
| errors and warnings at all | %d |

A message counts as met when a finding or one of its notes is on its line, or when it follows from a mistake on another
line that has a finding: `+"`testdata/corpus/causes.tsv`"+` names those, each with the reason. A message without a line counts when a
rule that says the same reports the block that the message names. The braces of one placeholder make keepalived reject
every line behind it; kalint reports the placeholder.

`, count(files, "real"), count(files, "templates"), c.messages, c.met, c.metPercent(), strings.Join(c.infoRules, ", "), c.onlyInfo, templates.met, templates.messages,
		c.errors, len(c.extra), c.mistakes, c.found, c.hits, c.perFound(), c.all)
	b.WriteString("## Messages that no finding meets\n\n")
	reasons := readRows(t, filepath.Join(corpusTables, "misses.tsv"), 4)
	if len(c.missed) == 0 {
		b.WriteString("None.\n")
	} else {
		b.WriteString("| file | line | what | why |\n|---|---|---|---|\n")
	}
	for _, m := range c.missed {
		i := slices.IndexFunc(reasons, func(r []string) bool { return m == r[0]+" L"+strings.Replace(r[1], "-", "0", 1) })
		what, why := "?", "not looked into yet"
		if i >= 0 {
			what, why = reasons[i][2], reasons[i][3]
		}
		id, line, _ := strings.Cut(m, " L")
		if line == "0" {
			line = "-"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", id, line, what, why)
	}
	b.WriteString("\n## Mistakes by kind\n\n| mistake | listed | found |\n|---|--:|--:|\n")
	kinds := mistakeKinds(files)
	for _, k := range kinds {
		fmt.Fprintf(&b, "| %s | %d | %d |\n", k.name, k.listed, k.found)
	}
	return b.String()
}

func count(files []*corpusFile, group string) (n int) {
	for _, f := range files {
		if f.group == group {
			n++
		}
	}
	return n
}

// mistakeKind is one sort of mistake over all files.
type mistakeKind struct {
	name          string
	listed, found int
}

// mistakeKinds counts the listed mistakes and those with an error or a warning on their line.
func mistakeKinds(files []*corpusFile) []mistakeKind {
	byName := map[string]*mistakeKind{}
	for _, f := range files {
		for _, m := range f.named {
			name := strings.TrimPrefix(m.name, "second ")
			k := byName[name]
			if k == nil {
				k = &mistakeKind{name: name}
				byName[name] = k
			}
			k.listed++
			if slices.ContainsFunc(f.findings, func(d corpusFinding) bool {
				return d.Severity != "info" && d.File == f.path && (d.on(m.line) || f.cause(d.Line) == m.line)
			}) {
				k.found++
			}
		}
	}
	var out []mistakeKind
	for _, k := range byName {
		out = append(out, *k)
	}
	slices.SortFunc(out, func(a, b mistakeKind) int {
		if a.listed != b.listed {
			return b.listed - a.listed
		}
		return strings.Compare(a.name, b.name)
	})
	return out
}

// comparePage holds the page against the figures, or renews it with -update. Its figures move with every rule,
// so a stale page fails only where CI=true.
func comparePage(t *testing.T, text string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(corpusPage, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(corpusPage)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case string(have) == text:
	case os.Getenv("CI") == "true":
		t.Errorf("%s is stale, run with -update", corpusPage)
	default:
		t.Logf("%s is stale, run with -update", corpusPage)
	}
}
