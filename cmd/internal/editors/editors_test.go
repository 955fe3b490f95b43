package editors

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ka/lang"
	"ka/lang/schema"
	"ka/lang/source"
)

var update = flag.Bool("update", false, "rewrite goldens")

const folder = "../../../docs/editors/vscode"

// TestFiles finds files of docs/editors that are not what the table says; -update writes them.
func TestFiles(t *testing.T) {
	for name, want := range map[string][]byte{
		"syntaxes/keepalived.tmLanguage.json": Grammar(),
		"snippets/keepalived.json":            Snippets(),
	} {
		golden(t, filepath.Join(folder, name), string(want))
	}
}

func golden(t *testing.T, path, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
	} else if string(got) != want {
		t.Errorf("%s is stale: go test ./cmd/internal/editors -update", path)
	}
}

func readGrammar(t *testing.T) file {
	t.Helper()
	var f file
	if err := json.Unmarshal(Grammar(), &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestGrammarIsSound compiles every expression, follows every include, and wants every part of the
// repository used and every capture to be a group.
func TestGrammarIsSound(t *testing.T) {
	f := readGrammar(t)
	e := newEngine(t, f)
	used := map[string]bool{}
	var walk func(rules []rule)
	walk = func(rules []rule) {
		for _, r := range rules {
			used[strings.TrimPrefix(r.Include, "#")] = true
			for text, captures := range map[string]map[string]scope{r.Match: r.Captures, r.Begin: r.BeginCaptures, r.End: r.EndCaptures} {
				groups := e.compile(text, true).NumSubexp()
				for n := range captures {
					if n > fmt.Sprint(groups) {
						t.Errorf("%q has no group %s", text, n)
					}
				}
			}
			walk(r.Patterns)
		}
	}
	walk(f.Patterns)
	for _, r := range f.Repository {
		walk(r.Patterns)
		e.flat(r.Patterns, 0)
	}
	for name := range f.Repository {
		if !used[name] {
			t.Errorf("nothing includes %s", name)
		}
	}
}

// TestGrammarKnowsEveryKeyword reads each keyword in its block, and wants it to be one; and a word that
// is none not to be.
func TestGrammarKnowsEveryKeyword(t *testing.T) {
	e := newEngine(t, readGrammar(t))
	keywords := []string{scopeKeyword, scopeBlock, scopeDeprecated, scopeOption}
	for _, k := range schema.All() {
		if !k.IsWord() || strings.HasSuffix(k.Context, argsSuffix) || strings.Contains(k.Context, lineSuffix+"/") {
			continue
		}
		var open string
		for _, name := range strings.Split(strings.TrimSuffix(k.Context, lineSuffix), "/") {
			if name != "" {
				open += name + " {\n"
			}
		}
		for _, c := range []struct {
			word string
			want bool
		}{{k.Name, true}, {k.Name + "x", false}, {"x" + k.Name, false}} {
			if schema.Lookup(k.Context, c.word) != nil && !c.want {
				continue
			}
			got := false
			for _, tok := range e.tokenize(open + c.word + "\n") {
				got = got || tok.text == c.word && slices.Contains(keywords, tok.scope)
			}
			if got != c.want {
				t.Errorf("%q: %s is a keyword: %v", k.Context, c.word, got)
			}
		}
	}
}

// TestGrammarOnASample holds the tokens of a sample against a golden that people read.
func TestGrammarOnASample(t *testing.T) {
	data, err := os.ReadFile("testdata/sample.conf")
	if err != nil {
		t.Fatal(err)
	}
	e := newEngine(t, readGrammar(t))
	var b strings.Builder
	for _, tok := range e.tokenize(string(data)) {
		fmt.Fprintf(&b, "%-34s %s\n", strings.TrimSuffix(tok.scope, ".keepalived"), tok.text)
	}
	golden(t, "testdata/sample.tokens", b.String())
}

// TestSnippets wants each snippet to be read as its block: what it writes is keepalived.conf, when the
// tab stops have their texts.
func TestSnippets(t *testing.T) {
	var all map[string]snippet
	if err := json.Unmarshal(Snippets(), &all); err != nil {
		t.Fatal(err)
	}
	blocks := 0
	for _, k := range schema.All() {
		if k.Kind.HasBlock() && !k.Deprecated {
			blocks++
		}
	}
	if len(all) != blocks {
		t.Errorf("%d snippets for %d blocks", len(all), blocks)
	}
	stop := regexp.MustCompile(`\$\{\d+[:|]([^}|,]*)[^}]*\}|\$0`)
	for _, path := range slices.Sorted(maps.Keys(all)) {
		s := all[path]
		text := stop.ReplaceAllString(strings.Join(s.Body, "\n"), "$1") + "\n"
		if strings.Contains(text, "$") {
			t.Errorf("%s: a tab stop that is none:\n%s", path, text)
		}
		around := strings.Split(path, "/")
		for _, name := range slices.Backward(around[:len(around)-1]) {
			text = name + " X {\n" + text + "}\n"
		}
		_, list := lang.Load(source.New(path, []byte(text)), lang.Options{})
		for _, d := range list {
			switch d.Rule {
			case "unknown-keyword", "misplaced-keyword", "dead-keyword", "deprecated-keyword", "unexpected-brace", "unclosed-block", "unclosed-quote":
				t.Errorf("%s: %s [%s]\n%s", path, d.Message, d.Rule, text)
			}
		}
		if s.Description == "" || s.Prefix != around[len(around)-1] {
			t.Errorf("%s: %q, %q", path, s.Prefix, s.Description)
		}
	}
}

// TestExtension wants the files of the extension to be JSON, and those that package.json names to exist.
func TestExtension(t *testing.T) {
	err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err == nil && !json.Valid(data) {
			t.Errorf("%s is no JSON", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(folder, "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`"\./([^"]+)"`).FindAllStringSubmatch(string(data), -1)
	if len(named) != 3 {
		t.Errorf("package.json names %d files, not 3", len(named))
	}
	for _, n := range named {
		if _, err := os.Stat(filepath.Join(folder, n[1])); err != nil {
			t.Error(err)
		}
	}
}
