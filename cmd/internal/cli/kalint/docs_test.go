package kalint

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "rewrite goldens")

// TestPages finds pages of docs/rules that are not what the rules say; -update writes them.
func TestPages(t *testing.T) {
	const dir = "../../../../docs/rules"
	if *update {
		if err := writeDocs(dir); err != nil {
			t.Fatal(err)
		}
	}
	pages := Pages()
	for name, want := range pages {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if string(got) != want {
			t.Errorf("docs/rules/%s is stale: run kalint --write-docs docs/rules", name)
		}
	}
	have, err := filepath.Glob(filepath.Join(dir, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range have {
		if pages[filepath.Base(name)] == "" {
			t.Errorf("%s is the page of no rule", name)
		}
	}
}
