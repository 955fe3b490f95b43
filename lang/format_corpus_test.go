package lang_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ka/lang"
	"ka/lang/source"
	"ka/lang/syntax"
)

// publicFiles lists the configurations of the repository's tests, and the files of the corpus of public
// configurations where it is found: beside the repository, or where KA_CORPUS says.
func publicFiles(t *testing.T) []string {
	t.Helper()
	corpus := os.Getenv("KA_CORPUS")
	if corpus == "" {
		corpus = filepath.FromSlash("../../shared/corpus")
	}
	var out []string
	own := filepath.FromSlash("../testdata")
	for _, dir := range []string{own, corpus} {
		_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && (dir == corpus || filepath.Ext(path) == ".conf") {
				out = append(out, path)
			}
			return nil
		})
	}
	return out
}

// TestFormatPublicFiles formats real files, whole and cut short: what keepalived reads stays as it is,
// line by line, and so does every comment; the formatted text is not changed again.
func TestFormatPublicFiles(t *testing.T) {
	const step, largestCut = 397, 20_000
	changed := 0
	files := publicFiles(t)
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if checkFormat(t, path, data) {
			changed++
		}
		for n := 0; n < len(data) && len(data) < largestCut; n += step {
			checkFormat(t, path, data[:n])
		}
	}
	if changed < 3 {
		t.Errorf("of %d files, formatting changed only %d", len(files), changed)
	}
}

// checkFormat holds the contract of Format for one text; it reports whether formatting changed it.
func checkFormat(t *testing.T, name string, data []byte) bool {
	t.Helper()
	f := source.New(name, data)
	once, _ := lang.Format(f)
	g := source.New(name, once)
	if d := cmp.Diff(lang.ExpandedLines(f, lang.Options{}), lang.ExpandedLines(g, lang.Options{})); d != "" {
		t.Errorf("%s: formatting changes what is read:\n%s", name, d)
	}
	if d := cmp.Diff(comments(f), comments(g)); d != "" {
		t.Errorf("%s: formatting changes comments:\n%s", name, d)
	}
	if a, b := withoutBlanks(data), withoutBlanks(once); !bytes.Equal(a, b) {
		t.Errorf("%s: formatting changes more than blanks", name)
	}
	if twice, _ := lang.Format(g); !bytes.Equal(once, twice) {
		t.Errorf("%s: formatting is not stable:\n%s", name, cmp.Diff(string(once), string(twice)))
	}
	return !bytes.Equal(data, once)
}

func comments(f *source.File) []string {
	var out []string
	surface, _ := syntax.NewSurface(f)
	for _, c := range surface.Comments {
		out = append(out, strings.TrimRight(c.Span.Text(), " \t\r"))
	}
	return out
}

func withoutBlanks(text []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if r == ' ' || r == '\t' || r == '\r' || r == '\n' {
			return -1
		}
		return r
	}, text)
}
