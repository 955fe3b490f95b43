package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ka/lint"
)

// errFolder holds configurations with one mistake each, and what kalint says of them.
const errFolder = "../../testdata/err"

// TestErr lints each file of testdata/err and compares with the .out beside it.
func TestErr(t *testing.T) {
	folder, err := filepath.Abs(errFolder)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.conf"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(folder)
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(strings.TrimSuffix(name, ".conf"), func(t *testing.T) {
			var got strings.Builder
			session(&got, []string{"--info", name})
			golden := strings.TrimSuffix(file, ".conf") + ".out"
			if *update {
				if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != string(want) {
				t.Errorf("findings differ from %s (-update rewrites it):\n%s", golden, got.String())
			}
		})
	}
}

// TestChecksHaveRules holds testdata/err/checks.tsv against the rules and the examples: each check that
// keepalived makes, or should make, is reported by a rule that an example shows, or has a reason.
func TestChecksHaveRules(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(errFolder, "checks.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "id\t") {
			continue
		}
		rows++
		c := strings.Split(line, "\t")
		if len(c) != 5 {
			t.Errorf("%d columns, 5 wanted: %q", len(c), line)
			continue
		}
		id, what, rules, example, note := c[0], c[1], c[2], c[3], c[4]
		switch {
		case what == "" || what == "?":
			t.Errorf("%s: say what the mistake is", id)
		case rules == "-":
			if note == "" || example != "-" {
				t.Errorf("%s: a check without a rule has a reason and no example", id)
			}
		default:
			checkExamples(t, id, strings.Split(rules, ","), strings.Split(example, ","))
		}
	}
	if rows != 379+30 {
		t.Errorf("%d rows, not one for each of D001-D379 and G01-G30", rows)
	}
}

// checkExamples wants each rule in one of the examples.
func checkExamples(t *testing.T, id string, rules, examples []string) {
	t.Helper()
	var outs []string
	for _, e := range examples {
		data, err := os.ReadFile(filepath.Join(errFolder, e+".out"))
		if err != nil {
			t.Errorf("%s: %v", id, err)
			return
		}
		outs = append(outs, string(data))
	}
	for _, r := range rules {
		if _, ok := lint.FindRule(r); !ok {
			t.Errorf("%s: %q is no rule", id, r)
		}
		if !slices.ContainsFunc(outs, func(out string) bool { return strings.Contains(out, "["+r+"]") }) {
			t.Errorf("%s: no example shows [%s]", id, r)
		}
	}
}
