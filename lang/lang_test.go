package lang_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ka/lang"
	"ka/lang/diag"
	"ka/lang/source"
)

var update = flag.Bool("update", false, "rewrite goldens")

func seeds(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("../testdata/seeds/*/*.conf")
	if err != nil || len(paths) != 13 {
		t.Fatalf("%d seeds, want 13: %v", len(paths), err)
	}
	return paths
}

func load(t testing.TB, path string) *source.File {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return source.New(strings.TrimPrefix(filepath.ToSlash(path), "../testdata/seeds/"), data)
}

// TestSeeds keeps the findings of every seed in testdata/seeds/*.out, as text.
func TestSeeds(t *testing.T) {
	for _, path := range seeds(t) {
		f := load(t, path)
		_, list := lang.Load(f, lang.Options{})
		var got bytes.Buffer
		if err := diag.WriteText(&got, list, diag.TextOptions{}); err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join("testdata", "seeds", strings.ReplaceAll(f.Name, "/", "-")+".out")
		if *update {
			if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), got.String()); d != "" {
			t.Errorf("%s (-want +got):\n%s", golden, d)
		}
	}
}

// TestFixIntent cleans every seed of its invisible characters in one application.
func TestFixIntent(t *testing.T) {
	for _, path := range seeds(t) {
		f := load(t, path)
		_, list := lang.Load(f, lang.Options{})
		same, _, _ := lang.ApplyFixes(f, list, false)
		if bytes.ContainsRune(f.Data, '\u00a0') && !bytes.ContainsRune(same, '\u00a0') {
			t.Errorf("%s: --fix changes what keepalived reads", f.Name)
		}
		fixed, _, skipped := lang.ApplyFixes(f, list, true)
		if skipped > 0 {
			t.Errorf("%s: %d fixes skipped", f.Name, skipped)
		}
		_, again := lang.Load(source.New(f.Name, fixed), lang.Options{})
		for _, d := range again {
			if d.Rule == "invisible-character" || strings.Contains(d.Message, "U+00A0") {
				t.Errorf("%s: still there: %s", f.Name, d.Message)
			}
		}
	}
}

func TestApplyFixes(t *testing.T) {
	f := source.New("f", []byte("abcdef"))
	other := source.New("g", []byte("abcdef"))
	edit := func(f *source.File, start, end int, text string) diag.Edit {
		return diag.Edit{Span: source.Span{File: f, Start: start, End: end}, New: text}
	}
	fix := func(kind diag.FixKind, edits ...diag.Edit) diag.Diagnostic {
		return diag.Diagnostic{Fixes: []diag.Fix{{Kind: kind, Edits: edits}}}
	}
	for name, c := range map[string]struct {
		list             diag.List
		intent           bool
		want             string
		applied, skipped int
	}{
		"nothing":            {nil, true, "abcdef", 0, 0},
		"replace and delete": {diag.List{fix(diag.SameMeaning, edit(f, 4, 5, "X")), fix(diag.SameMeaning, edit(f, 0, 2, ""))}, false, "cdXf", 2, 0},
		"intent not asked":   {diag.List{fix(diag.Intent, edit(f, 0, 1, "X"))}, false, "abcdef", 0, 0},
		"intent":             {diag.List{fix(diag.Intent, edit(f, 0, 1, "X"))}, true, "Xbcdef", 1, 0},
		"overlap":            {diag.List{fix(diag.SameMeaning, edit(f, 1, 4, "X")), fix(diag.SameMeaning, edit(f, 3, 5, "Y"))}, false, "aXef", 1, 1},
		"neighbours":         {diag.List{fix(diag.SameMeaning, edit(f, 1, 3, "X")), fix(diag.SameMeaning, edit(f, 3, 5, "Y"))}, false, "aXYf", 2, 0},
		"insert twice":       {diag.List{fix(diag.SameMeaning, edit(f, 3, 3, "X")), fix(diag.SameMeaning, edit(f, 3, 3, "Y"))}, false, "abcXdef", 1, 1},
		"equal edits":        {diag.List{fix(diag.SameMeaning, edit(f, 3, 4, "X")), fix(diag.SameMeaning, edit(f, 3, 4, "X"))}, false, "abcXef", 2, 0},
		"another file":       {diag.List{fix(diag.SameMeaning, edit(other, 0, 1, "X"))}, false, "abcdef", 0, 0},
		"two files":          {diag.List{fix(diag.SameMeaning, edit(f, 0, 1, "X"), edit(other, 0, 1, "X"))}, false, "abcdef", 0, 1},
		"outside":            {diag.List{fix(diag.SameMeaning, edit(f, 5, 9, "X"))}, false, "abcdef", 0, 1},
		"whole or not":       {diag.List{fix(diag.SameMeaning, edit(f, 0, 1, "X")), fix(diag.SameMeaning, edit(f, 4, 5, "Y"), edit(f, 0, 1, "Z"))}, false, "Xbcdef", 1, 1},
		"read twice":         {diag.List{fix(diag.SameMeaning, edit(source.New("f", []byte("abcdef")), 0, 1, "X"))}, false, "Xbcdef", 1, 0},
	} {
		out, applied, skipped := lang.ApplyFixes(f, c.list, c.intent)
		if string(out) != c.want || applied != c.applied || skipped != c.skipped {
			t.Errorf("%s: %q, %d applied, %d skipped; want %q, %d, %d", name, out, applied, skipped, c.want, c.applied, c.skipped)
		}
	}
}

// TestFormatKeepsFindings reads a formatted seed: the same is wrong with it, on the same logical lines.
func TestFormatKeepsFindings(t *testing.T) {
	for _, path := range seeds(t) {
		f := load(t, path)
		out, _ := lang.Format(f)
		if d := cmp.Diff(lang.ExpandedLines(f, lang.Options{}), lang.ExpandedLines(source.New(f.Name, out), lang.Options{})); d != "" {
			t.Errorf("%s: %s", f.Name, d)
		}
		_, before := lang.Load(f, lang.Options{})
		_, after := lang.Load(source.New(f.Name, out), lang.Options{})
		if d := cmp.Diff(messages(before), messages(after)); d != "" {
			t.Errorf("%s (-before +after):\n%s", f.Name, d)
		}
	}
}

func messages(list diag.List) (out []string) {
	for _, d := range list {
		out = append(out, d.Rule+": "+d.Message)
	}
	return out
}
