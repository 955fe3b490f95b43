package compiler_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"ka/compiler"
	"ka/compiler/plan"
	"ka/lang"
	"ka/lang/check"
	"ka/lang/source"
)

// FuzzCompile compiles any text in both modes. Nothing may panic, a second check finds the same, and a
// plan that is not refused comes back from plan.json as it was.
func FuzzCompile(f *testing.F) {
	for _, pattern := range []string{"../testdata/plan/*.txtar", "testdata/*.txtar", "../lang/check/testdata/*.txtar"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatal("no seeds", err)
		}
		for _, file := range files {
			a, err := txtar.ParseFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(archive{a}.file("in.conf"))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tree, list := lang.Load(source.New("in.conf", data), lang.Options{})
		if again := check.Check(tree); len(again) > len(list) {
			t.Errorf("a second check finds %d, the first with the text level %d", len(again), len(list))
		}
		for _, opt := range []compiler.Options{{}, {AsKeepalived: true}} {
			p, more := compiler.Compile(tree, compiler.Environment{}, opt)
			if compiler.Refused(append(more, list...), opt) {
				continue
			}
			data, err := plan.Encode(p)
			if err != nil {
				t.Fatal(err)
			}
			back, err := plan.Decode(data)
			if err != nil {
				t.Fatalf("%+v: %v\n%s", opt, err, data)
			}
			if diff := cmp.Diff(p, back, comparers...); diff != "" {
				t.Error(diff)
			}
		}
	})
}
