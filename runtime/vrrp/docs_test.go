package vrrp_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// docs/adverts.md explains every reason that there is, and no other.
func TestReasonsAreExplained(t *testing.T) {
	page, err := os.ReadFile("../../docs/adverts.md")
	if err != nil {
		t.Fatal(err)
	}
	explained := make(map[string]bool)
	for line := range strings.Lines(string(page)) {
		if cell, ok := strings.CutPrefix(line, "| `"); ok {
			head, _, _ := strings.Cut(cell, "|")
			for _, m := range regexp.MustCompile("[a-z0-9-]+").FindAllString(head, -1) {
				explained[m] = true
			}
		}
	}
	reasons := dropReasons(t)
	if len(reasons) < 30 {
		t.Fatalf("only %d reasons found", len(reasons))
	}
	for _, r := range reasons {
		if !explained[r] {
			t.Errorf("%s is not explained", r)
		}
		delete(explained, r)
	}
	for r := range explained {
		t.Errorf("%s is explained, and is no reason", r)
	}
}

// dropReasons are the constants of the type in the package's files.
func dropReasons(t *testing.T) (list []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			kind, ok := spec.Type.(*ast.Ident)
			value, isText := spec.Values[0].(*ast.BasicLit)
			if ok && isText && kind.Name == "DropReason" {
				if text, err := strconv.Unquote(value.Value); err == nil {
					list = append(list, text)
				}
			}
			return true
		})
	}
	return list
}
