package syntax_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"ka/lang/diag"
	"ka/lang/source"
	"ka/lang/syntax"
)

var update = flag.Bool("update", false, "rewrite goldens")

// files is a Reader over a map of names.
type files map[string]string

func (m files) ReadFile(name string) ([]byte, error) {
	text, ok := m[filepath.ToSlash(name)]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	if strings.TrimSpace(text) == "unreadable" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("permission denied")}
	}
	return []byte(text), nil
}

func (m files) Glob(pattern string) ([]string, error) {
	var found []string
	for name := range m {
		ok, err := path.Match(filepath.ToSlash(pattern), name)
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found, nil
}

// TestGolden reads testdata/*.txtar: files named in.conf (the main file) and others (includes), with
// escapes like \xa0 or \f resolved in those whose name ends in ".esc"; "lines" are the logical lines, "tree" the
// statements, "diagnostics" the findings as text.
func TestGolden(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no testdata", err)
	}
	for _, p := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(p), ".txtar"), func(t *testing.T) {
			data, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			ar := txtar.Parse(data)
			got := &txtar.Archive{Comment: ar.Comment}
			in := files{}
			opt := syntax.Options{Reader: in}
			for _, f := range ar.Files {
				switch f.Name {
				case "lines", "tree", "diagnostics":
					continue
				}
				got.Files = append(got.Files, f)
				if f.Name == "options" {
					readOptions(t, string(f.Data), &opt)
					continue
				}
				text := string(f.Data)
				if name, ok := strings.CutSuffix(f.Name, ".esc"); ok {
					text, f.Name = unescape(t, text), name
				}
				in[f.Name] = text
			}
			main := source.New("in.conf", []byte(in["in.conf"]))
			tree, list := syntax.Parse(main, opt)
			tree.Annotate(list)
			var found bytes.Buffer
			if err := diag.WriteText(&found, list, diag.TextOptions{}); err != nil {
				t.Fatal(err)
			}
			lines := strings.Join(syntax.ExpandedLines(main, opt), "\n")
			got.Files = append(got.Files,
				txtar.File{Name: "lines", Data: []byte(escape(lines) + "\n")},
				txtar.File{Name: "tree", Data: []byte(dump(tree.Body, ""))},
				txtar.File{Name: "diagnostics", Data: found.Bytes()})
			if *update {
				if err := os.WriteFile(p, txtar.Format(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if d := cmp.Diff(string(data), string(txtar.Format(got))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// readOptions reads lines "id NAME", "env NAME=VALUE" and "dir PATH".
func readOptions(t *testing.T, text string, opt *syntax.Options) {
	t.Helper()
	env := map[string]string{}
	for line := range strings.Lines(text) {
		what, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch what {
		case "id":
			opt.ConfigID = value
		case "dir":
			opt.Dir = value
		case "env":
			name, value, _ := strings.Cut(value, "=")
			env[name] = value
			opt.Env = func(name string) (string, bool) { v, ok := env[name]; return v, ok }
		default:
			t.Fatalf("unknown option %q", line)
		}
	}
}

func unescape(t *testing.T, s string) string {
	t.Helper()
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		var n int
		if _, err := fmt.Sscanf(s[i+1:i+3], "%02X", &n); err != nil {
			t.Fatalf("bad escape %q", s[i:i+3])
		}
		b.WriteByte(byte(n))
		i += 2
	}
	return b.String()
}

// escape shows what a person cannot see in a golden file.
func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r != '\n' && r != ' ' && !strings.ContainsRune("\t", r) && syntax.HasInvisible(string(r)) || r < ' ' && r != '\n' {
			fmt.Fprintf(&b, "<U+%04X>", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// dump writes statements as position, head|arguments, blocks indented; quoted words keep their quotes.
func dump(body []*syntax.Statement, indent string) string {
	var b strings.Builder
	for _, s := range body {
		words := []string{show(s.Head)}
		for _, w := range s.Args {
			words = append(words, show(w))
		}
		fmt.Fprintf(&b, "%s%s %s\n", indent, s.Span.Position(), escape(strings.Join(words, "|")))
		if s.Block != nil {
			b.WriteString(dump(s.Block.Body, indent+"    "))
			closing := "never closed"
			if s.Block.Close.IsValid() {
				closing = s.Block.Close.Position().String()
			}
			fmt.Fprintf(&b, "%s} %s\n", indent, closing)
		}
	}
	return b.String()
}

func show(w syntax.Word) string {
	if w.Quoted {
		return `"` + w.Text + `"`
	}
	return w.Text
}

// TestGrammarPage holds the page of the grammar to the grammar.
func TestGrammarPage(t *testing.T) {
	const page, open, shut = "../../docs/reference/grammar.md", "```ebnf\n", "```\n"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), open)
	shown, after, closed := strings.Cut(rest, shut)
	if !ok || !closed {
		t.Fatalf("%s shows no grammar", page)
	}
	if *update {
		if err := os.WriteFile(page, []byte(before+open+syntax.EBNF()+shut+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(syntax.EBNF(), shown); d != "" {
		t.Errorf("%s is stale, run with -update (-want +got):\n%s", page, d)
	}
}
