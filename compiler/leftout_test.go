package compiler_test

import (
	"maps"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"ka/compiler"
	"ka/lang"
	"ka/lang/diag"
	"ka/lang/source"
)

// TestLeftOutIsNamed: over all examples of mistakes, what a compilation reports as an error and goes on
// without has an entry in the plan's list of what was left out, on its line.
func TestLeftOutIsNamed(t *testing.T) {
	files, err := filepath.Glob("../testdata/err/*.conf")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	opt := compiler.Options{AsKeepalived: true}
	seen := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tree, _ := lang.Load(source.New(file, data), lang.Options{})
		p, list := compiler.Compile(tree, compiler.Environment{}, opt)
		named, reasons := map[int]bool{}, map[string]bool{}
		for _, l := range p.LeftOut {
			named[l.Origin.Line] = true
			reasons[l.Reason] = true // of the whole block
		}
		for _, d := range list {
			if d.Severity != diag.Error || compiler.Refused(diag.List{d}, opt) {
				continue
			}
			seen++
			if line := d.Span.File.LineOf(d.Span.Start); !named[line] && !reasons[d.Message+" ["+d.Rule+"]"] {
				t.Errorf("%s:%d: not among what was left out: %s [%s]", file, line, d.Message, d.Rule)
			}
		}
	}
	if seen < 50 {
		t.Errorf("only %d errors", seen)
	}
}

// TestCompileOnlyReads: the language server compiles a tree while it answers questions about it. The race
// detector, with which the tests run, sees whoever writes to it.
func TestCompileOnlyReads(t *testing.T) {
	const text = "vrrp_instance VI {\n interface eth0\n nonsense 1\n virtual_router_id 51\n virtual_ipaddress {\n 10.0.0.300\n 10.0.0.9\n }\n}\n"
	tree, _ := lang.Load(source.New("keepalived.conf", []byte(text)), lang.Options{})
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			p, _ := compiler.Compile(tree, compiler.Environment{}, compiler.Options{AsKeepalived: true})
			if len(p.LeftOut) != 2 {
				t.Errorf("left out %v, want the two lines that keepalived does not read", p.LeftOut)
			}
		})
	}
	both.Wait()
}

// TestMemberWeights: what keepalived 2.4.3 and 2.2.7 track for a member of a sync group without
// sync_group_tracking_weight; it was tried. The weight of an interface counts, whatever they say.
func TestMemberWeights(t *testing.T) {
	const file = "../testdata/err/group-weights.conf"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	tree, _ := lang.Load(source.New(file, data), lang.Options{})
	p, _ := compiler.Compile(tree, compiler.Environment{}, compiler.Options{AsKeepalived: true})
	got := map[string]int{}
	for _, tracked := range p.Tracked(&p.Instances[0]) {
		got[tracked.Name] = tracked.Weight
	}
	if want := map[string]int{"eth1": 10, "file": 0}; !maps.Equal(got, want) {
		t.Errorf("tracked with weights %v, want %v", got, want)
	}
}
