package cli

import (
	"os"
	"path/filepath"
	"testing"
)

// TestCache: a node is kept while nothing that was looked at has changed, and read anew otherwise.
func TestCache(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("node.conf", "include more.inc\ninclude parts/*.inc\nvrrp_instance A {\n}\n")
	write("other.conf", "vrrp_instance B {\n}\n")
	if err := os.Mkdir(filepath.Join(dir, "parts"), 0o755); err != nil {
		t.Fatal(err)
	}
	node, other := filepath.Join(dir, "node.conf"), filepath.Join(dir, "other.conf")
	cache := &Cache{}
	changed := map[string][]byte{}
	load := func(paths ...string) []Node {
		t.Helper()
		nodes, err := LoadNodesWith(IO{}, paths, LoadOptions{Changed: changed, Cache: cache})
		if err != nil {
			t.Fatal(err)
		}
		return nodes
	}
	before := load(node, other)
	for _, step := range []struct {
		name string
		do   func()
		anew bool
	}{
		{"nothing", func() {}, false},
		{"a missing include appears", func() { write("more.inc", "vrrp_script s {\n}\n") }, true},
		{"the include changes", func() { write("more.inc", "vrrp_script longer {\n}\n") }, true},
		{"a file matches the pattern", func() { write("parts/1.inc", "") }, true},
		{"a file that nobody reads", func() { write("unread.conf", "x") }, false},
		{"an open document stands in", func() { changed[FileKey(node)] = []byte("vrrp_instance C {\n}\n") }, true},
		{"the same text again", func() { changed[FileKey(node)] = []byte("vrrp_instance C {\n}\n") }, false},
		{"another text", func() { changed[FileKey(node)] = []byte("vrrp_instance D {\n}\n") }, true},
		{"it is closed", func() { delete(changed, FileKey(node)) }, true},
	} {
		step.do()
		after := load(node, other)
		if anew := after[0].Tree != before[0].Tree; anew != step.anew {
			t.Errorf("%s: read anew is %v, want %v", step.name, anew, step.anew)
		}
		if after[1].Tree != before[1].Tree {
			t.Errorf("%s: the other node was read anew", step.name)
		}
		before = after
	}
	load(other)
	if len(cache.entries) != 1 {
		t.Errorf("%d paths are kept, only one was asked for", len(cache.entries))
	}
}
