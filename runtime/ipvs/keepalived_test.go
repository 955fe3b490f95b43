//go:build linux

package ipvs_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ka/compiler"
	"ka/compiler/effect"
	"ka/lang"
	"ka/lang/diag"
	"ka/lang/source"
	"ka/runtime/lab/uml"
)

const tables = "../../testdata/ipvs/"

// wanted compiles a configuration and gives what it wants while it runs.
func wanted(t *testing.T, file string) []effect.Wanted {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	tree, list := lang.Load(source.New(file, data), lang.Options{})
	p, more := compiler.Compile(tree, compiler.Environment{}, compiler.Options{})
	for _, d := range append(list, more...) {
		if d.Severity == diag.Error {
			t.Fatalf("%s: %s", file, d.Message)
		}
	}
	return effect.Desired(p, effect.Facts{}, effect.State{Running: true})
}

// each calls f for each table: its name, what its configuration wants, and what ipvsadm printed. There
// are no subtests, since they would run on other threads, in another network namespace.
func each(t *testing.T, f func(name string, want []effect.Wanted, save []string)) {
	files, err := filepath.Glob(tables + "*.conf")
	if err != nil || len(files) < 8 {
		t.Fatalf("files %v, error %v", files, err)
	}
	for _, file := range files {
		save, err := os.ReadFile(strings.TrimSuffix(file, ".conf") + ".save")
		if err != nil {
			t.Fatal(err)
		}
		f(filepath.Base(file), wanted(t, file), sorted(string(save)))
	}
}

func TestWhatIsWantedIsKeepalivedsTable(t *testing.T) {
	each(t, func(name string, want []effect.Wanted, save []string) {
		var got []string
		for _, w := range want {
			got = append(got, w.String())
		}
		slices.Sort(got)
		if !slices.Equal(got, save) {
			t.Errorf("%s: wanted:\n%s\nkeepalived's table:\n%s", name, strings.Join(got, "\n"), strings.Join(save, "\n"))
		}
	})
}

func TestTablesOfKeepalived(t *testing.T) {
	if !uml.Inside() {
		uml.Rerun(t)
		return
	}
	h := table(t)
	each(t, func(name string, want []effect.Wanted, save []string) {
		for _, c := range effect.Diff(nil, want, "karun starts") {
			if err := h.Apply(c); err != nil {
				t.Fatal(err)
			}
		}
		if got := saved(t); !slices.Equal(got, save) {
			t.Errorf("%s: table:\n%s\nkeepalived's table:\n%s", name, strings.Join(got, "\n"), strings.Join(save, "\n"))
		}
		have := snapshot(t, h)
		if rest := effect.Diff(effect.Owned(have, want), want, "test"); len(rest) != 0 {
			t.Errorf("%s: still to do: %v", name, rest)
		}
		for _, c := range effect.Diff(effect.Owned(have, want), nil, "karun stops") {
			if err := h.Apply(c); err != nil {
				t.Fatal(err)
			}
		}
		if got := saved(t); got != nil {
			t.Errorf("%s: left over: %v", name, got)
		}
	})
}
