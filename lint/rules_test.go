package lint_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"ka/compiler"
	"ka/lang"
	"ka/lang/diag"
	"ka/lang/source"
	"ka/lint"
)

// archiveReader gives the files of an archive to include lines.
type archiveReader map[string][]byte

func (r archiveReader) ReadFile(name string) ([]byte, error) {
	if data, ok := r[filepath.Clean(name)]; ok {
		return data, nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

func (r archiveReader) Glob(pattern string) ([]string, error) {
	var out []string
	for name := range r {
		if ok, _ := filepath.Match(filepath.Clean(pattern), name); ok {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out, nil
}

// load makes a set of the *.conf files of an archive.
func load(archive string) *lint.Set {
	a := txtar.Parse([]byte(archive))
	reader := archiveReader{}
	for _, f := range a.Files {
		reader[f.Name] = f.Data
	}
	set := &lint.Set{}
	for _, f := range a.Files {
		if !strings.HasSuffix(f.Name, ".conf") {
			continue
		}
		file := source.New(f.Name, f.Data)
		tree, list := lang.Load(file, lang.Options{Reader: reader})
		p, more := compiler.Compile(tree, compiler.Environment{Node: f.Name}, compiler.Options{AsKeepalived: true})
		set.Nodes = append(set.Nodes, &lint.Node{Name: f.Name, Tree: tree, Plan: p, Diags: append(list, more...)})
	}
	return set
}

func show(t *testing.T, list diag.List) string {
	t.Helper()
	var b strings.Builder
	if err := diag.WriteText(&b, list, diag.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestExamples runs the examples of every rule: the bad one gives exactly this rule, the good one nothing.
func TestExamples(t *testing.T) {
	for _, r := range lint.Rules() {
		t.Run(r.Name, func(t *testing.T) {
			opt := lint.Options{}
			if r.Target != "" {
				target, ok := lint.ParseTarget(r.Target)
				if !ok {
					t.Fatalf("target %q is not known", r.Target)
				}
				opt.Targets = []lint.Target{target}
			}
			if r.Bad != "" {
				list := lint.Run(load(r.Bad), opt)
				if len(list) != 1 || list[0].Rule != r.Name || list[0].Severity != r.Severity {
					t.Errorf("the bad example does not give one finding of %s:\n%s", r.Name, show(t, list))
				}
			}
			if list := lint.Run(load(r.Good), opt); len(list) != 0 {
				t.Errorf("the good example gives:\n%s", show(t, list))
			}
		})
	}
}

// withoutExample are the rules that no short example can show.
var withoutExample = map[string]bool{"too-large": true, "not-compiled": true}

// TestDocumentation finds rules without documentation, and rule files that are not in the list.
func TestDocumentation(t *testing.T) {
	kebab := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	names := map[string]bool{}
	for _, r := range lint.Rules() {
		if !kebab.MatchString(r.Name) || names[r.Name] {
			t.Errorf("rule name %q is not kebab-case, or used twice", r.Name)
		}
		names[r.Name] = true
		if r.Severity == diag.Invalid || r.Title == "" || len(r.Text) < 60 {
			t.Errorf("rule %s lacks severity, title or text", r.Name)
		}
		if (r.Bad == "" || r.Good == "") && !withoutExample[r.Name] {
			t.Errorf("rule %s lacks an example", r.Name)
		}
		for _, e := range r.Explains {
			if _, ok := lint.FindRule(e); !ok {
				t.Errorf("rule %s explains %s, which does not exist", r.Name, e)
			}
		}
	}
	files, err := filepath.Glob("rule_*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name := strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(f, "rule_"), ".go"), "_", "-")
		if !names[name] && !strings.HasSuffix(name, "-test") {
			t.Errorf("%s is not in the list of rules.go", f)
		}
	}
}

// TestFrontEndRules finds rules that the front end reports and that have no documentation file.
func TestFrontEndRules(t *testing.T) {
	literal := regexp.MustCompile(`(?:Rule:\s*|rule[A-Z]\w*\s*=\s*)"([a-z-]+)"`)
	for _, pattern := range []string{"../lang/*/*.go", "../compiler/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			for _, m := range literal.FindAllStringSubmatch(string(text), -1) {
				if _, ok := lint.FindRule(m[1]); !ok {
					t.Errorf("%s reports %q, which has no file lint/rule_%s.go", f, m[1], strings.ReplaceAll(m[1], "-", "_"))
				}
			}
		}
	}
}
