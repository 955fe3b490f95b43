package lint_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"ka/lang/diag"
	"ka/lint"
)

// FuzzRun lints two nodes of any text: no crash, and every finding has a rule, a severity and a node.
func FuzzRun(f *testing.F) {
	for _, r := range lint.Rules() {
		files := txtar.Parse([]byte(r.Bad)).Files
		switch len(files) {
		case 0:
		case 1:
			f.Add(files[0].Data, files[0].Data)
		default:
			f.Add(files[0].Data, files[1].Data)
		}
	}
	seeds, err := filepath.Glob("../testdata/seeds/*/*.conf")
	if err != nil {
		f.Fatal(err)
	}
	for i := 1; i < len(seeds); i++ {
		a, _ := os.ReadFile(seeds[i-1])
		b, _ := os.ReadFile(seeds[i])
		f.Add(a, b)
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if len(a)+len(b) > 1<<14 {
			return
		}
		text := txtar.Format(&txtar.Archive{Files: []txtar.File{{Name: "a.conf", Data: a}, {Name: "b.conf", Data: b}}})
		for _, d := range lint.Run(load(string(text)), lint.Options{}) {
			if _, ok := lint.FindRule(d.Rule); !ok || d.Severity == diag.Invalid || d.Node == "" {
				t.Errorf("finding without rule, severity or node: %+v", d)
			}
		}
	})
}
