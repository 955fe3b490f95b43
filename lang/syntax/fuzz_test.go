package syntax_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ka/lang/diag"
	"ka/lang/source"
	"ka/lang/syntax"
)

// seeds returns the texts of testdata/seeds and of the golden tests here, by name.
func seeds(t testing.TB) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, pattern := range []string{"../../testdata/seeds/*/*.conf", "testdata/*.txtar"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range paths {
			data, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			out[p] = string(data)
		}
	}
	if len(out) < 20 {
		t.Fatalf("only %d seeds", len(out))
	}
	return out
}

func addSeeds(f *testing.F) {
	for _, text := range seeds(f) {
		f.Add([]byte(text))
	}
	for _, s := range []string{
		"", "\n", "}", "{", "a {", "\"", "\\", "a\\\n b", "@", "@x", "@x {", "$A=\\\n\n}\n", "~SEQ(A,1,2) x {\n}\n",
		"include x\n", "a { include\tx }", "\xef\xbb\xbf{", "a\u00a0\u00a0#\n\u00a0", "\r\r\n", "a \\ \r\n", "a\\\r \r\n", "\x00{\n}",
		"vrrp_instance A {\n  authentication {\n}\nvrrp_instance B {\n", "global_defs\n}\n}\n", "a {\n }\n}\n{\n{\n}\n",
		strings.Repeat("a {\n", 40), strings.Repeat("}\n", 200), strings.Repeat("x", 1022) + "\n", "a {\n" + strings.Repeat("x", 1020) + "\n}",
	} {
		f.Add([]byte(s))
	}
	for _, s := range expansionSeeds {
		f.Add([]byte(s))
	}
}

// expansionSeeds are texts of the pipeline: values that lead to themselves, loops, conditions in front of
// braces, definitions with gaps.
var expansionSeeds = []string{
	"$A=$A\n$A\n", "$A=$B\n$B=x${A}\n${A}\n", "~SEQ(A,1,1000000000) x\n", "~SEQ(A,1,9) ~SEQ(B,1,9) ~SEQ(C,1,999) x\n",
	"$M= \\\n$M \\\n$M\n$M\n", "$M= \\\n a \\\n\n b \\\n # c\n d\n$M\n", "@a x {\n@b y {\n@^a z }\n@b }\n",
	"~LST({A,B},{a,b},{c}) k$A {\n${B} }\n", "$E=\n${E}${E}${_ENV X} ${_RANDOM 1 2}${_HASH}\n", "foo ${U} {\n}\n$A=1\n",
	"$A=~SEQ(I,1,2) z$I\n$A\n", "$C=@a\n$C x\n", "x {\n@a }\ny {\n@a z {\n}\n}\n", "$A=x\\#y {\nfoo$A\n}\n", "@a $M= \\\n x \\\n y\n",
	"global_defs { include_check +read\n include x\n}\n", "$A={ b }\nfoo ${A} ${A} c\n", "~SEQ(A,0x10,-1,010) {\n", "$P=${\n${P}_PWD}\n",
}

// checkList looks at what every list of findings has to keep.
func checkList(t *testing.T, f *source.File, list diag.List) {
	t.Helper()
	count := map[string]int{}
	span := func(s source.Span) {
		if s.IsValid() && (s.File != f || s.Start < 0 || s.End < s.Start || s.End > len(f.Data)) {
			t.Fatalf("span %d..%d outside the file of %d bytes", s.Start, s.End, len(f.Data))
		}
	}
	for _, d := range list {
		if count[d.Rule]++; count[d.Rule] > 101 {
			t.Fatalf("more than 101 findings of %s", d.Rule)
		}
		if d.Rule == "" || d.Message == "" || d.Help == "" || d.Severity == diag.Invalid || !d.Span.IsValid() {
			t.Fatalf("incomplete finding %+v", d)
		}
		span(d.Span)
		for _, n := range d.Related {
			span(n.Span)
		}
		for _, fix := range d.Fixes {
			for _, e := range fix.Edits {
				span(e.Span)
			}
		}
	}
}

// checkTree looks at what every tree has to keep: places inside the file, words where they say they are.
func checkTree(t *testing.T, f *source.File, body []*syntax.Statement, depth int) {
	t.Helper()
	if depth > 32 {
		t.Fatal("nested deeper than 32")
	}
	for _, s := range body {
		for _, w := range append([]syntax.Word{s.Head}, s.Args...) {
			if w.Span.File != f || w.Span.Start < 0 || w.Span.End > len(f.Data) || w.Span.Start > w.Span.End {
				t.Fatalf("word %q at %d..%d", w.Text, w.Span.Start, w.Span.End)
			}
			if got := w.Span.Text(); !strings.ContainsAny(got, `\$`) && !w.Quoted && got != w.Text {
				t.Fatalf("word %q stands for %q", w.Text, got)
			}
		}
		if s.Block != nil {
			checkTree(t, f, s.Block.Body, depth+1)
		}
	}
}

func FuzzParse(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		file := source.New("x.conf", data)
		opt := bounded
		for _, opt.ConfigID = range append([]string{""}, firstIDs(file)...) {
			tree, list := syntax.Parse(file, opt)
			tree.Annotate(list)
			checkTree(t, file, tree.Body, 0)
			checkList(t, file, list)
			checkExpand(t, file, opt, list)
		}
		compare(t, string(data))
	})
}

// bounded are options with which no text takes long.
var bounded = syntax.Options{
	MaxWork: 2000, Dir: "/etc/keepalived",
	Env: func(name string) (string, bool) { return "$" + name, true },
}

// firstIDs returns some of the ids that the conditions of a file name.
func firstIDs(f *source.File) []string {
	ids := syntax.ConfigIDs(f, bounded)
	return ids[:min(len(ids), 3)]
}

// checkExpand checks that the expanded text is read as the text itself, where nothing is wrong with it.
func checkExpand(t *testing.T, f *source.File, opt syntax.Options, list diag.List) {
	t.Helper()
	out, _ := syntax.Expand(f, opt)
	if list.HasErrors() {
		return
	}
	again := source.New(f.Name, out)
	if d := cmp.Diff(syntax.ExpandedLines(f, opt), syntax.ExpandedLines(again, opt)); d != "" {
		t.Fatalf("the expanded text is read differently (-text +expanded):\n%s\ntext %q\nexpanded %q", d, f.Data, out)
	}
}

func FuzzFormat(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) { checkFormat(t, data) })
}

// checkFormat checks the contract of Format: the logical lines and the comments stay, and a second time
// changes nothing.
func checkFormat(t *testing.T, data []byte) {
	t.Helper()
	file := source.New("x.conf", data)
	out, list := syntax.Format(file)
	checkList(t, file, list)
	again := source.New("x.conf", out)
	opt := bounded
	for _, opt.ConfigID = range append([]string{""}, firstIDs(file)...) {
		if d := cmp.Diff(syntax.ExpandedLines(file, opt), syntax.ExpandedLines(again, opt)); d != "" {
			t.Fatalf("the logical lines change (-before +after):\n%s\ntext %q\nformatted %q", d, data, out)
		}
	}
	if d := cmp.Diff(comments(t, file), comments(t, again)); d != "" {
		t.Fatalf("the comments change (-before +after):\n%s\ntext %q\nformatted %q", d, data, out)
	}
	twice, _ := syntax.Format(again)
	if string(twice) != string(out) {
		t.Fatalf("not stable: %q gives %q, then %q", data, out, twice)
	}
}

// comments returns the comments of a file without the white space at their ends.
func comments(t *testing.T, f *source.File) []string {
	t.Helper()
	s, _ := syntax.NewSurface(f)
	if !slices.IsSortedFunc(s.Tokens, func(a, b syntax.Token) int { return a.Span.Start - b.Span.Start }) {
		t.Fatal("tokens out of order")
	}
	var out []string
	for _, c := range s.Comments {
		out = append(out, strings.TrimRight(c.Span.Text(), " \t\r"))
	}
	return out
}

// TestFormatSeeds formats every seed and looks at the result with a golden file.
func TestFormatSeeds(t *testing.T) {
	for name, text := range seeds(t) {
		checkFormat(t, []byte(text))
		if filepath.Ext(name) != ".conf" {
			continue
		}
		out, _ := syntax.Format(source.New(name, []byte(text)))
		set := filepath.Base(filepath.Dir(name))
		golden := filepath.Join("testdata", "fmt", set+"-"+filepath.Base(name))
		if *update {
			if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(golden, out, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), string(out)); d != "" {
			t.Errorf("%s (-want +got):\n%s", golden, d)
		}
	}
}

// TestOracleSeeds compares the seeds with the oracle, as far as they hold no mistakes.
func TestOracleSeeds(t *testing.T) {
	checked := 0
	for _, text := range seeds(t) {
		if compare(t, text) {
			checked++
		}
	}
	if checked < 5 {
		t.Errorf("only %d seeds were compared", checked)
	}
}
