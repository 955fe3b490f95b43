package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// files makes files below a new directory and goes there.
func files(t *testing.T, texts map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range texts {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

func names(nodes []Node) string {
	var out []string
	for _, n := range nodes {
		out = append(out, n.Name)
	}
	return strings.Join(out, " ")
}

// TestLoadNodes names nodes and leaves out what is none.
func TestLoadNodes(t *testing.T) {
	files(t, map[string]string{
		"a/keepalived.conf":    "include conf.d/*.conf\n",
		"a/conf.d/vrrp.conf":   "global_defs {\n    router_id a\n}\n",
		"b/keepalived.conf":    "include ../shared/part.inc\n",
		"shared/part.inc":      "global_defs {\n    router_id b\n}\n",
		"other.conf":           "",
		"notes.txt":            "no node",
		"x/site/one.conf":      "",
		"y/site/one.conf":      "",
		"loop/a.conf":          "include b.conf\n",
		"loop/b.conf":          "include a.conf\n",
		"empty/readme.txt":     "",
		"deep/er/still/z.conf": "",
	})
	tests := []struct {
		paths []string
		names map[string]string
		want  string
	}{
		{[]string{"other.conf"}, nil, "other.conf"},
		{[]string{"./other.conf", "other.conf"}, nil, "other.conf"},
		{[]string{"a", "b"}, nil, "a/keepalived.conf b/keepalived.conf"},
		{[]string{"a/conf.d/vrrp.conf", "a/keepalived.conf"}, nil, "keepalived.conf"},
		{[]string{"b/keepalived.conf", "shared/part.inc"}, nil, "keepalived.conf"},
		{[]string{"x", "y"}, nil, "x/site/one.conf y/site/one.conf"},
		{[]string{"a/keepalived.conf", "b/keepalived.conf"}, map[string]string{"b/keepalived.conf": "lb2"}, "a/keepalived.conf lb2"},
		{[]string{"loop"}, nil, "b.conf"},
		{[]string{"deep"}, nil, "z.conf"},
		{[]string{"notes.txt"}, nil, "notes.txt"},
	}
	for _, tt := range tests {
		nodes, err := LoadNodes(OS(), tt.paths, tt.names)
		if err != nil || names(nodes) != tt.want {
			t.Errorf("%v: %s, %v, want %s", tt.paths, names(nodes), err, tt.want)
		}
	}
	nodes, err := LoadNodes(OS(), []string{"a/keepalived.conf"}, nil)
	if err != nil || len(nodes[0].Tree.Files) != 2 {
		t.Errorf("the included file is missing: %v", err)
	}
}

// TestLoadErrors names the file and the reason, and no system call.
func TestLoadErrors(t *testing.T) {
	files(t, map[string]string{"empty/readme.txt": ""})
	tests := []struct{ path, want string }{
		{"nowhere.conf", `cannot read "nowhere.conf": no such file or directory`},
		{"empty", `directory "empty" holds no *.conf file`},
	}
	for _, tt := range tests {
		_, err := LoadNodes(OS(), []string{tt.path}, nil)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s: %v, want %s", tt.path, err, tt.want)
		}
	}
	if _, err := LoadFile(OS(), "empty"); err == nil || !strings.Contains(err.Error(), "is a directory") {
		t.Errorf("a directory as a file: %v", err)
	}
}

// TestStdin is read once and has a name of its own.
func TestStdin(t *testing.T) {
	io := OS()
	io.Stdin = strings.NewReader("global_defs {\n}\n")
	f, err := LoadFile(io, "-")
	if err != nil || f.Name != "<stdin>" || len(f.Data) == 0 {
		t.Errorf("%+v, %v", f, err)
	}
	io.Stdin = strings.NewReader("global_defs {\n}\n")
	var kept []byte
	for range 2 {
		nodes, err := LoadNodesWith(io, []string{"-"}, LoadOptions{Stdin: &kept})
		if err != nil || len(nodes) != 1 || len(nodes[0].Tree.Body) != 1 {
			t.Fatalf("%v, %v", names(nodes), err)
		}
	}
}

// TestChanged reads repaired text in place of what is on the disk, includes too.
func TestChanged(t *testing.T) {
	files(t, map[string]string{"node.conf": "include part.inc\n", "part.inc": "global_defs {\n}\n"})
	nodes, err := LoadNodesWith(OS(), []string{"node.conf"}, LoadOptions{Changed: map[string][]byte{
		FileKey("part.inc"): []byte("global_defs {\n}\nglobal_defs {\n}\n"),
	}})
	if err != nil || len(nodes[0].Tree.Body) != 2 {
		t.Errorf("%v: %d statements", err, len(nodes[0].Tree.Body))
	}
}

// TestAlternatives: the language resolves {a,b}, in the order in which they are written, with wildcards in them.
func TestAlternatives(t *testing.T) {
	files(t, map[string]string{
		"node.conf": "include {b,nowhere,a}*.c{onf,fg}\n", "a1.conf": "one\n", "a2.cfg": "two\n", "b.conf": "three\n",
	})
	node, err := LoadNode(OS(), "node.conf", TextEnv{})
	if err != nil {
		t.Fatal(err)
	}
	var heads []string
	for _, s := range node.Tree.Body {
		heads = append(heads, s.Head.Text)
	}
	if want := []string{"three", "one", "two"}; !slices.Equal(heads, want) {
		t.Errorf("%v, not %v", heads, want)
	}
}

// TestGlob gives regular files only, sorted.
func TestGlob(t *testing.T) {
	files(t, map[string]string{"d/b.conf": "", "d/a.conf": "", "d/c.conf/x": ""})
	got, err := OSReader{}.Glob("d/*.conf")
	if err != nil || !slices.Equal(got, []string{"d/a.conf", "d/b.conf"}) {
		t.Errorf("%v, %v", got, err)
	}
}
