package compiler_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/jsonschema-go/jsonschema"
	"github.com/rogpeppe/go-internal/txtar"

	"ka/compiler"
	"ka/compiler/plan"
	"ka/lang"
	"ka/lang/diag"
	"ka/lang/source"
)

var update = flag.Bool("update", false, "rewrite goldens")

// archive is a test case: a comment, the main file "in.conf", files that it includes, and what comes out.
// A line "options: as-keepalived" in the comment compiles what keepalived would run.
type archive struct {
	*txtar.Archive
}

func (a archive) file(name string) []byte {
	if i := slices.IndexFunc(a.Files, func(f txtar.File) bool { return f.Name == name }); i >= 0 {
		return a.Files[i].Data
	}
	return nil
}

func (a archive) set(name string, data []byte) {
	i := slices.IndexFunc(a.Files, func(f txtar.File) bool { return f.Name == name })
	switch {
	case i < 0 && len(data) > 0:
		a.Archive.Files = append(a.Files, txtar.File{Name: name, Data: data})
	case i >= 0 && len(data) == 0:
		a.Archive.Files = slices.Delete(a.Files, i, i+1)
	case i >= 0:
		a.Archive.Files[i].Data = data
	}
}

func (a archive) asKeepalived() bool {
	return bytes.Contains(a.Comment, []byte("options: as-keepalived"))
}

// ReadFile and Glob give included files.
func (a archive) ReadFile(name string) ([]byte, error) {
	if data := a.file(path.Clean(name)); data != nil {
		return data, nil
	}
	return nil, fs.ErrNotExist
}

func (a archive) Glob(pattern string) ([]string, error) {
	var names []string
	for _, f := range a.Files {
		if ok, _ := path.Match(path.Clean(pattern), f.Name); ok {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	return names, nil
}

func compile(a archive, data []byte) (*plan.Plan, diag.List, compiler.Options) {
	opt := compiler.Options{AsKeepalived: a.asKeepalived()}
	tree, list := lang.Load(source.New("in.conf", data), lang.Options{Reader: a})
	p, more := compiler.Compile(tree, compiler.Environment{Node: "node"}, opt)
	list = append(list, more...)
	list.Sort()
	return p, list, opt
}

func findings(list diag.List) []byte {
	var b bytes.Buffer
	for _, d := range list {
		fmt.Fprintf(&b, "%s: %s: %s [%s]\n    help: %s\n", d.Span.Position(), d.Severity, d.Message, d.Rule, d.Help)
		for _, n := range d.Related {
			fmt.Fprintf(&b, "    note: %s", n.Message)
			if n.Span.IsValid() {
				fmt.Fprintf(&b, " (%s)", n.Span.Position())
			}
			b.WriteByte('\n')
		}
		for _, f := range d.Fixes {
			fmt.Fprintf(&b, "    fix (%s): %s\n", f.Kind, f.Title)
		}
	}
	return b.Bytes()
}

// TestPlans compiles the configurations of testdata/plan and compares the whole plan.
func TestPlans(t *testing.T) {
	schema := planSchema(t)
	each(t, "../testdata/plan/*.txtar", func(t *testing.T, a archive) {
		p, list, opt := compile(a, a.file("in.conf"))
		if compiler.Refused(list, opt) {
			t.Errorf("refused:\n%s", findings(list))
		}
		data, err := plan.Encode(p)
		if err != nil {
			t.Fatal(err)
		}
		back, err := plan.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p, back, comparers...); diff != "" {
			t.Errorf("the plan changes on its way through plan.json:\n%s", diff)
		}
		var value any
		if err := json.Unmarshal(data, &value); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("the plan does not fit its schema: %v", err)
		}
		again, _, _ := compile(a, a.file("in.conf"))
		if second, err := plan.Encode(again); err != nil || !bytes.Equal(second, data) {
			t.Error("a second compilation gives other bytes")
		}
		golden(t, a, "findings", findings(list))
		golden(t, a, "plan.json", data)
	})
}

// TestFindings compares what the compiler reports.
func TestFindings(t *testing.T) {
	each(t, "testdata/*.txtar", func(t *testing.T, a archive) {
		p, list, opt := compile(a, a.file("in.conf"))
		golden(t, a, "findings", findings(list))
		out := fmt.Sprintf("refused: %v\n", compiler.Refused(list, opt))
		for _, l := range p.LeftOut {
			out += fmt.Sprintf("left out: %s:%d: %s: %s\n", l.Origin.File, l.Origin.Line, l.Text, l.Reason)
		}
		if strings.Contains(string(findings(list))+out, "secretsecret") {
			t.Error("a password is shown")
		}
		golden(t, a, "outcome", []byte(out))
	})
}

var comparers = []cmp.Option{
	cmp.Comparer(func(x, y netip.Addr) bool { return x == y }),
	cmp.Comparer(func(x, y netip.Prefix) bool { return x == y }),
	cmp.Comparer(func(x, y netip.AddrPort) bool { return x == y }),
}

func each(t *testing.T, pattern string, run func(*testing.T, archive)) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatal("no testdata", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			parsed, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			a := archive{parsed}
			run(t, a)
			if *update {
				if err := os.WriteFile(file, txtar.Format(a.Archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func golden(t *testing.T, a archive, name string, have []byte) {
	t.Helper()
	if *update {
		a.set(name, have)
		return
	}
	if diff := cmp.Diff(string(a.file(name)), string(have)); diff != "" {
		t.Errorf("%s (-want +have):\n%s", name, diff)
	}
}

func planSchema(t *testing.T) *jsonschema.Resolved {
	t.Helper()
	text, err := plan.Schema()
	if err != nil {
		t.Fatal(err)
	}
	var s jsonschema.Schema
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	return resolved
}

// TestAsKeepalivedLeavesLinesOut compiles the annotated seed as keepalived runs it, and the same file
// with the lines that keepalived reads over made empty: the plans are equal.
func TestAsKeepalivedLeavesLinesOut(t *testing.T) {
	data, err := os.ReadFile("../testdata/seeds/annotated/backup.conf")
	if err != nil {
		t.Fatal(err)
	}
	a := archive{&txtar.Archive{Comment: []byte("options: as-keepalived")}}
	whole, list, opt := compile(a, data)
	if compiler.Refused(list, opt) {
		t.Errorf("refused:\n%s", findings(list))
	}
	if !compiler.Refused(list, compiler.Options{}) {
		t.Error("without --as-keepalived it must be refused")
	}
	lines := strings.SplitAfter(string(data), "\n")
	var out []string
	for i, line := range lines {
		word, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
		word, _, _ = strings.Cut(word, " ")
		if slices.Contains([]string{"eight", "nopreempt", "nat_mask", "nb_get_retry"}, word) {
			out = append(out, fmt.Sprintf("in.conf:%d", i+1))
			lines[i] = "\n"
		}
	}
	cleaned, list, _ := compile(a, []byte(strings.Join(lines, "")))
	if len(list) != 0 {
		t.Errorf("the cleaned file still has findings:\n%s", findings(list))
	}
	var left []string
	for _, l := range whole.LeftOut {
		left = append(left, fmt.Sprintf("%s:%d", l.Origin.File, l.Origin.Line))
	}
	if !slices.Equal(left, out) {
		t.Errorf("left out %q, want %q", left, out)
	}
	whole.LeftOut, whole.Sources, cleaned.Sources = nil, nil, nil
	if diff := cmp.Diff(cleaned, whole, comparers...); diff != "" {
		t.Error(diff)
	}
}

// TestEnvironmentHash wants another hash for everything that the environment may give.
func TestEnvironmentHash(t *testing.T) {
	seen := map[string]bool{}
	for _, env := range []compiler.Environment{
		{}, {Node: "a"}, {ConfigID: "a"}, {Seed: 1}, {EnvVars: map[string]string{"A": "b"}},
		{EnvVars: map[string]string{"A": "b", "C": "d"}}, {EnvVars: map[string]string{"A": "b\" C=\"d"}},
	} {
		tree, _ := lang.Load(source.New("in.conf", nil), lang.Options{})
		p, _ := compiler.Compile(tree, env, compiler.Options{})
		if seen[p.Environment.Hash] {
			t.Errorf("%+v has a hash that was there before", env)
		}
		seen[p.Environment.Hash] = true
	}
}
