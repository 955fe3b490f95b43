package reference

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ka/compiler"
	"ka/lang"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/source"
	"ka/lang/syntax"
	"ka/lint"
)

var update = flag.Bool("update", false, "rewrite goldens")

const (
	top       = "../../../"
	folder    = top + "docs/reference"
	checks    = top + "testdata/err/checks.tsv"
	checkPage = "checks.md"
	// notCompiled is the compiler's rule for words that stand in the lists of the table with a reason.
	notCompiled = "not-compiled"
)

// others are the pages of the folder that this package does not write.
var others = []string{"grammar.md"}

// TestPages finds pages of docs/reference that are not what the table says; -update writes them.
func TestPages(t *testing.T) {
	tsv, err := os.ReadFile(checks)
	if err != nil {
		t.Fatal(err)
	}
	pages := Pages()
	pages[checkPage] = ChecksPage(string(tsv), hasPage)
	have, err := filepath.Glob(filepath.Join(folder, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range have {
		name := filepath.Base(path)
		if pages[name] != "" || slices.Contains(others, name) {
			continue
		}
		if !*update {
			t.Errorf("%s is the page of nothing: -update removes it", path)
		} else if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range pages {
		path := filepath.Join(folder, name)
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
		} else if string(got) != want {
			t.Errorf("docs/reference/%s is stale: go test ./cmd/internal/reference -update", name)
		}
	}
}

// hasPage reports whether docs/rules has a page of the rule.
func hasPage(rule string) bool {
	r, ok := lint.FindRule(rule)
	return ok && !r.CompileOnly
}

// TestEveryWordIsOnItsPage wants each row of the table, with its sentence, on a page.
func TestEveryWordIsOnItsPage(t *testing.T) {
	var all strings.Builder
	for name, text := range Pages() {
		if name != "README.md" {
			all.WriteString(text)
		}
	}
	text := all.String()
	for _, k := range schema.All() {
		doc := k.Doc
		if !strings.Contains(text, "\n"+doc+"\n") && !strings.Contains(text, "| "+cell(doc)) {
			t.Errorf("%s %s is on no page", k.Context, k.Name)
		}
	}
}

// TestArgumentsHaveWords finds notations of the table that the pages have no words for.
func TestArgumentsHaveWords(t *testing.T) {
	var walk func(where string, s schema.Spec)
	walk = func(where string, s schema.Spec) {
		for i := range s {
			for _, alternative := range s[i].Choice {
				walk(where, alternative)
			}
			if s[i].Choice == nil && s[i].Type == schema.AnyWord && notation(s[i].Note) == "" {
				t.Errorf("%s: no words for %q", where, s[i].Note)
			}
		}
	}
	for _, k := range schema.All() {
		if k.Kind != schema.Directive && k.Kind != schema.Parameter {
			walk(k.Context+" "+k.Name, k.Spec())
		}
	}
}

// TestExamples reads, checks and compiles the example of each page: nothing may be wrong with it. It is
// compiled where this release compiles all of its words.
func TestExamples(t *testing.T) {
	pages := []string{rootPage, textPage}
	for _, b := range Blocks() {
		if b.Example == b.Page {
			pages = append(pages, b.Page)
		} else if !slices.ContainsFunc(Blocks(), func(o Block) bool { return o.Page == b.Example }) {
			t.Errorf("%s shows the example of %s, which has no page", b.Path, b.Example)
		}
	}
	for _, page := range pages {
		t.Run(page, func(t *testing.T) {
			text, ok := Example(page)
			if !ok {
				t.Fatalf("the page has no example: write examples/%s.conf", page)
			}
			file := source.New(page+".conf", []byte(text))
			tree, list := lang.Load(file, lang.Options{})
			report(t, list)
			rows := rowsOf(tree.Body)
			if page != textPage && !slices.ContainsFunc(rows, func(k *schema.Keyword) bool { return belongs(k, page) }) {
				t.Errorf("the example shows no word of its page")
			}
			if got, _ := lang.Format(file); string(got) != text {
				t.Errorf("kac fmt writes it differently:\n%s", got)
			}
			_, list = compiler.Compile(tree, compiler.Environment{}, compiler.Options{})
			report(t, slices.DeleteFunc(list, func(d diag.Diagnostic) bool {
				return d.Rule == notCompiled && isUncompiled(d.Span.Text())
			}))
		})
	}
	files, err := examples.ReadDir("examples")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !slices.Contains(pages, strings.TrimSuffix(f.Name(), ".conf")) {
			t.Errorf("examples/%s is the example of no page", f.Name())
		}
	}
}

func report(t *testing.T, list diag.List) {
	t.Helper()
	for _, d := range list {
		if d.Severity != diag.Info {
			t.Errorf("%q: %s [%s]", d.Span.Text(), d.Message, d.Rule)
		}
	}
}

// isUncompiled reports whether a line or word that the compiler refused has a word with a reason.
func isUncompiled(text string) bool {
	words := strings.Fields(text)
	return slices.ContainsFunc(schema.All(), func(k *schema.Keyword) bool {
		return k.NotCompiled != "" && (slices.Contains(words, k.Name) || !k.IsWord())
	})
}

// rowsOf are the rows of the statements of a tree.
func rowsOf(body []*syntax.Statement) []*schema.Keyword {
	var out []*schema.Keyword
	for _, s := range body {
		if s.Keyword != nil {
			out = append(out, s.Keyword)
		}
		if s.Block != nil {
			out = append(out, rowsOf(s.Block.Body)...)
		}
	}
	return out
}

// belongs reports whether a row stands in the block of a page, or is that block of lines.
func belongs(k *schema.Keyword, page string) bool {
	return pageName(k.Context) == page || k.Kind.IsList() && pageName(pathOf(k)) == page
}
