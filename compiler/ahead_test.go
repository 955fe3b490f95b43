package compiler

import (
	"bytes"
	"math"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"ka/compiler/plan"
	"ka/lang"
	"ka/lang/source"
)

// TestReadAhead compiles every configuration of the tests with its virtual servers read ahead and without: the
// plan and the findings are the same.
func TestReadAhead(t *testing.T) {
	several := 0
	for _, pattern := range []string{"../testdata/plan/*.txtar", "testdata/*.txtar"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal("no configurations", err)
		}
		for _, file := range files {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tree, _ := lang.Load(source.New("in.conf", a.Files[0].Data), lang.Options{})
			for _, opt := range []Options{{}, {AsKeepalived: true}} {
				want, wantList := compile(tree, Environment{}, opt, math.MaxInt)
				got, gotList := compile(tree, Environment{}, opt, 1)
				if len(got.VirtualServers) > 1 {
					several++
				}
				if !bytes.Equal(encoded(t, got), encoded(t, want)) {
					t.Errorf("%s: another plan:\n%s\nwant\n%s", file, encoded(t, got), encoded(t, want))
				}
				if !reflect.DeepEqual(gotList, wantList) {
					t.Errorf("%s: other findings:\n%v\nwant\n%v", file, gotList, wantList)
				}
			}
		}
	}
	if several < 10 {
		t.Errorf("only %d plans have several virtual servers", several)
	}
}

func encoded(t *testing.T, p *plan.Plan) []byte {
	t.Helper()
	data, err := plan.Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
