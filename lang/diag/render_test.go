package diag_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ka/lang/diag"
	"ka/lang/source"
)

var update = flag.Bool("update", false, "rewrite goldens")

// at returns the place of the first want in f.
func at(t *testing.T, f *source.File, want string) source.Span {
	t.Helper()
	i := bytes.Index(f.Data, []byte(want))
	if i < 0 {
		t.Fatalf("%q is not in %s", want, f.Name)
	}
	return source.Span{File: f, Start: i, End: i + len(want)}
}

// findings is a list with everything a renderer has to cope with.
func findings(t *testing.T) diag.List {
	t.Helper()
	long := "\tnotify_master \"/usr/local/bin/" + strings.Repeat("very-", 40) + "long.sh MARK " + strings.Repeat("x", 200) + "\"\n"
	one := source.New("node1.conf", []byte("vrrp_instance VI_1 {\n\tpriority\t300\n    auth_pass geheim1 # comment\n"+
		"    虚拟路由器 wide 语\n"+long+"\u00a0\u00a0state MASTER\x1b[31m\n  auth_pas\u00a0geheim2 }\n"))
	two := source.New("node2.conf", []byte("vrrp_instance VI_1 {\n    priority 100\n}\n"))
	return diag.List{
		{
			Rule: "invalid-value", Severity: diag.Error, Span: at(t, one, "300"), Node: "node1",
			Message: `priority "300" is outside 1..255`, Help: "write a number from 1 to 255",
			Related: []diag.Note{
				{Message: `the other node has "100"`, Span: at(t, two, "100"), Node: "node2"},
				{Message: "same line, no second snippet", Span: at(t, one, "priority"), Node: "node1"},
				{Message: "text only"},
			},
			Fixes: []diag.Fix{{Kind: diag.Intent, Title: "write 200", Edits: []diag.Edit{{Span: at(t, one, "300"), New: "200"}}}},
		},
		{Rule: "auth-pass-truncated", Severity: diag.Warning, Span: at(t, one, "geheim1"), Message: "secrets are stars"},
		{Rule: "wide", Severity: diag.Info, Span: at(t, one, "wide"), Message: "wide characters take two columns"},
		{Rule: "long", Severity: diag.Warning, Span: at(t, one, "MARK"), Message: "a long line is cut around the caret"},
		{Rule: "invisible-character", Severity: diag.Error, Span: at(t, one, "\u00a0\u00a0"), Message: "dots for what is not seen"},
		{Rule: "misspelt", Severity: diag.Error, Span: at(t, one, "auth_pas\u00a0geheim2"), Message: "secrets behind a misspelt keyword are stars too"},
		{Rule: "brace", Severity: diag.Error, Span: at(t, one, "}"), Message: "caret behind a secret"},
		{Rule: "end", Severity: diag.Error, Span: source.Span{File: two, Start: len(two.Data), End: len(two.Data)}, Message: "the end of the file"},
		{Rule: "several-lines", Severity: diag.Error, Span: source.Span{File: two, Start: 0, End: len(two.Data)}, Message: "only the first line is shown"},
		{Rule: "no-place", Severity: diag.Error, Message: "no place, and an escape \x1b[31m in the text"},
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

func TestText(t *testing.T) {
	for name, opt := range map[string]diag.TextOptions{
		"all.txt":         {},
		"all.color.txt":   {Color: true},
		"no-snippets.txt": {NoSnippets: true},
	} {
		var b bytes.Buffer
		if err := diag.WriteText(&b, findings(t), opt); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.Bytes())
		if strings.Contains(b.String(), "geheim") {
			t.Errorf("%s shows a secret", name)
		}
		if name == "all.txt" && strings.Contains(b.String(), "\x1b") {
			t.Error("an escape of the user's text reaches the terminal")
		}
	}
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	if err := diag.WriteJSON(&b, findings(t), []diag.Node{{Name: "node1", File: "node1.conf"}, {Name: "node2", File: "node2.conf"}}); err != nil {
		t.Fatal(err)
	}
	golden(t, "all.json", b.Bytes())
	b.Reset()
	if err := diag.WriteJSON(&b, nil, nil); err != nil {
		t.Fatal(err)
	}
	golden(t, "empty.json", b.Bytes())
}

func TestSecretWords(t *testing.T) {
	f := source.New("f", []byte("token abc\n"))
	var b bytes.Buffer
	list := diag.List{{Rule: "r", Severity: diag.Error, Span: at(t, f, "abc"), Message: "m"}}
	if err := diag.WriteText(&b, list, diag.TextOptions{SecretWords: []string{"token"}}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "abc") {
		t.Errorf("not masked:\n%s", b.String())
	}
	if got := diag.MaskSecrets(`auth_pass "a b" } x`); got != `auth_pass ******** ******** } ********` {
		t.Errorf("MaskSecrets: %q", got)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no room") }

func TestWriterFails(t *testing.T) {
	if err := diag.WriteText(failing{}, findings(t), diag.TextOptions{}); err == nil {
		t.Error("WriteText hides the writer's error")
	}
	if err := diag.WriteJSON(failing{}, findings(t), nil); err == nil {
		t.Error("WriteJSON hides the writer's error")
	}
}

func TestSort(t *testing.T) {
	a, b := source.New("a", []byte("xy")), source.New("b", []byte("xy"))
	list := diag.List{
		{Rule: "z", Span: source.Span{File: b}}, {Rule: "y", Span: source.Span{File: a, Start: 1}},
		{Rule: "x", Span: source.Span{File: a, Start: 1}}, {Rule: "w"},
	}
	list.Sort()
	var got []string
	for _, d := range list {
		got = append(got, d.Rule)
	}
	if d := cmp.Diff([]string{"w", "x", "y", "z"}, got); d != "" {
		t.Error(d)
	}
	if (diag.List{{Severity: diag.Warning}}).HasErrors() || !(diag.List{{Severity: diag.Error}}).HasErrors() {
		t.Error("HasErrors")
	}
}
