package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ka/lang/schema"
)

// TestPurity finds clocks, goroutines and exits in packages that must not have them: an import list
// cannot see time.Now.
func TestPurity(t *testing.T) {
	forbidden := map[string][]string{
		"time": {"Now", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick", "Since", "Until"},
		"fmt":  {"Print", "Println", "Printf"},
	}
	for _, p := range list(t) {
		if !slices.ContainsFunc(pure, func(a string) bool { return within(p.ImportPath, a) }) {
			continue
		}
		eachFile(t, p, func(fset *token.FileSet, f *ast.File) {
			ast.Inspect(f, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if x, ok := sel.X.(*ast.Ident); ok && slices.Contains(forbidden[x.Name], sel.Sel.Name) {
					t.Errorf("%s: pure code uses %s.%s", fset.Position(n.Pos()), x.Name, sel.Sel.Name)
				}
				return true
			})
		})
	}
}

// TestNoExitBelowMain finds panics and exits: a director must not fall over.
func TestNoExitBelowMain(t *testing.T) {
	for _, p := range list(t) {
		eachFile(t, p, func(fset *token.FileSet, f *ast.File) {
			if f.Name.Name == "main" {
				return
			}
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				switch fn := call.Fun.(type) {
				case *ast.Ident:
					if fn.Name == "panic" {
						t.Errorf("%s: panic below main", fset.Position(n.Pos()))
					}
				case *ast.SelectorExpr:
					x, ok := fn.X.(*ast.Ident)
					if ok && (x.Name == "os" && fn.Sel.Name == "Exit" || x.Name == "log" && len(fn.Sel.Name) > 5 && fn.Sel.Name[:5] == "Fatal") {
						t.Errorf("%s: %s.%s below main", fset.Position(n.Pos()), x.Name, fn.Sel.Name)
					}
				}
				return true
			})
		})
	}
}

// TestKeywordsOnlyInTheTable finds names of keywords written as literals: the table is the one place.
// Words that are plain English too are left out, a literal of them proves nothing; so is the director,
// which reads no configuration text and has field names of its own in its logs.
func TestKeywordsOnlyInTheTable(t *testing.T) {
	words := map[string]bool{}
	for _, k := range schema.All() {
		if k.IsWord() && strings.Contains(k.Name, "_") {
			words[k.Name] = true
		}
	}
	if len(words) < 200 {
		t.Fatalf("the table has only %d keywords with an underscore", len(words))
	}
	for _, p := range list(t) {
		if within(p.ImportPath, "ka/lang/schema/...") || within(p.ImportPath, "ka/runtime/...") {
			continue
		}
		eachFile(t, p, func(fset *token.FileSet, f *ast.File) {
			tags := map[ast.Node]bool{}
			ast.Inspect(f, func(n ast.Node) bool {
				if field, ok := n.(*ast.Field); ok && field.Tag != nil {
					tags[field.Tag] = true
				}
				lit, ok := n.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING || tags[n] {
					return true
				}
				if s, err := strconv.Unquote(lit.Value); err == nil && words[s] {
					t.Errorf("%s: keyword %s as a literal, use package kw", fset.Position(n.Pos()), lit.Value)
				}
				return true
			})
		})
	}
}

func eachFile(t *testing.T, p pkg, visit func(*token.FileSet, *ast.File)) {
	t.Helper()
	fset := token.NewFileSet()
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		visit(fset, f)
	}
}
