package lsp

import (
	"strings"
	"testing"
	"unicode/utf8"

	"ka/lang/schema"
	"ka/lang/source"
)

func TestPositions(t *testing.T) {
	f := source.New("x", []byte("a€𝄞b\r\n\n\xffz"))
	for _, c := range []struct {
		enc Encoding
		off int
		pos Position
	}{
		{UTF16, 0, Position{0, 0}},
		{UTF16, 4, Position{0, 2}},
		{UTF16, 8, Position{0, 4}},
		{UTF16, 9, Position{0, 5}},
		{UTF16, 11, Position{1, 0}},
		{UTF16, 13, Position{2, 1}},
		{UTF16, 14, Position{2, 2}},
		{UTF8, 8, Position{0, 8}},
		{UTF8, 13, Position{2, 1}},
	} {
		if got := c.enc.Position(f, c.off); got != c.pos {
			t.Errorf("%s: offset %d is %v, want %v", c.enc, c.off, got, c.pos)
		}
		if got := c.enc.Offset(f, c.pos); got != c.off {
			t.Errorf("%s: %v is offset %d, want %d", c.enc, c.pos, got, c.off)
		}
	}
	for pos, want := range map[Position]int{
		{0, 99}: 9, {1, 7}: 11, {2, 99}: 14, {3, 0}: 14, {1 << 31, 1 << 31}: 14,
	} {
		if got := UTF16.Offset(f, pos); got != want {
			t.Errorf("%v behind the end is offset %d, want %d", pos, got, want)
		}
	}
}

func TestURIs(t *testing.T) {
	for _, path := range []string{"/etc/keepalived/a b%.conf", "/ü.conf"} {
		if got := pathOf(FileURI(path)); got != path {
			t.Errorf("%q comes back as %q", path, got)
		}
	}
	if got := pathOf("untitled:Untitled-1"); strings.ContainsAny(got, `/\`) {
		t.Errorf("an unsaved document has the path %q", got)
	}
}

// TestCompletionIsTheTable: in each block completion offers exactly the keywords that the table has
// there, and the lines of the text level.
func TestCompletionIsTheTable(t *testing.T) {
	contexts := map[string]bool{"": true}
	for _, k := range schema.All() {
		if k.Kind == schema.Block || k.Kind == schema.NamedBlock {
			contexts[k.Inner()] = true
		}
	}
	checked := 0
	for path := range contexts {
		if schema.At(path) == nil {
			continue
		}
		var text strings.Builder
		if path != "" {
			for _, name := range strings.Split(path, "/") {
				text.WriteString(name + " x {\n")
			}
		}
		f := source.New("x.conf", []byte(text.String()))
		got := map[string]bool{}
		for _, it := range Complete(f, len(f.Data), schema.At(""), Names{}, UTF16) {
			got[it.Label] = true
		}
		for _, k := range schema.Keywords(path) {
			if k.IsWord() && !got[k.Name] {
				t.Errorf("%q is not offered in %q", k.Name, path)
			}
			delete(got, k.Name)
		}
		for name := range got {
			if !schema.IsDirective(name) {
				t.Errorf("%q is offered in %q", name, path)
			}
		}
		checked++
	}
	if checked < 20 {
		t.Errorf("only %d blocks", checked)
	}
}

// TestLargeFile: what stands in front of the block at the cursor does not matter, neither for the answer
// nor for the time.
func TestLargeFile(t *testing.T) {
	block := "virtual_server 192.0.2.1 80 {\n    real_server 192.0.2.2 80 {\n        weight 1\n    }\n}\n"
	for _, before := range []string{"", strings.Repeat(block, 3), "vrrp_instance A {\n track_script {\n", strings.Repeat("}\n", 3)} {
		f := source.New("x.conf", []byte(before+block))
		at := len(f.Data) - len("    }\n}\n") - 2
		p, ok := At(f, at, schema.At(""))
		if !ok || p.Word.Text() != "1" || p.For == nil || p.For.Context != "virtual_server/real_server" {
			t.Errorf("behind %q: %q of %+v", before, p.Word.Text(), p.For)
		}
		if items := Complete(f, at-len("ight "), schema.At(""), Names{}, UTF16); len(items) == 0 || items[0].TextEdit.Range.Start.Character != 8 {
			t.Errorf("behind %q: %+v", before, items)
		}
	}
}

// TestEdited: changes come in their order, each for the text that the one before left; one without a
// range is the whole text, and a range outside the text ends where the text does.
func TestEdited(t *testing.T) {
	d := newDocument(textDocumentItem{URI: "file:///x.conf", Version: 1, Text: "ab\ncd\n"})
	version := 2
	at := func(line, from, to uint32) *Range { return &Range{Position{line, from}, Position{line, to}} }
	for _, c := range []struct {
		changes []contentChange
		want    string
	}{
		{[]contentChange{{at(0, 1, 2), "€"}, {at(0, 2, 2), "x"}, {at(1, 0, 99), ""}}, "a€x\n\n"},
		{[]contentChange{{nil, "new"}, {at(7, 0, 0), "!"}}, "new!"},
		{[]contentChange{{&Range{Position{1, 1}, Position{0, 1}}, "y"}}, "ab\ncyd\n"},
		{nil, "ab\ncd\n"},
	} {
		got := d.edited(c.changes, &version, UTF16)
		if string(got.file.Data) != c.want || got.version != version {
			t.Errorf("%v gives %q", c.changes, got.file.Data)
		}
	}
	if string(d.file.Data) != "ab\ncd\n" || d.version != 1 {
		t.Error("the document that was edited has changed itself")
	}
}

// FuzzAnswers: whatever the text and the place, there is an answer and no fault.
func FuzzAnswers(f *testing.F) {
	for _, text := range []string{
		"", "\n", "{", "}", "}}}{{{", "vrrp_instance A {\n state \n", "vrrp_instance\n{\nvirtual_ipaddress {\n 1.2.3.4 dev ",
		"include \"x", "$A={\n$A", "@a vrrp_script x {\n@^b script \"y z", "virtual_server group x { real_server", "bfd_instance {",
		"vrrp_instance A {\n track_script {\n a weight \n}\nvirtual_server 1.2.3.4 80 {\n real_server 1.2.3.4 80 {\n TCP_CHECK {\n",
		"a \\\n b \"\xff\u00a0\x00{", "~SEQ(i, 1, 2) vrrp_instance $i {", "! # {", "virtual_routes { default via 1.2.3.4 nexthop via ",
	} {
		f.Add(text, len(text))
		f.Add(text, len(text)/2)
	}
	f.Fuzz(func(t *testing.T, text string, at int) {
		if len(text) > 1<<16 {
			return
		}
		file := source.New("x.conf", []byte(text))
		at = max(0, min(at, len(text)))
		for at > 0 && at < len(text) && !utf8.RuneStart(text[at]) {
			at-- // a client cannot name a place inside a character
		}
		trees, _ := reach(nil, &document{file: file, key: "/x.conf"})
		names := FindNames(trees)
		for _, enc := range []Encoding{UTF16, UTF8} {
			if got := enc.Offset(file, enc.Position(file, at)); got > at && utf8.ValidString(text) {
				t.Errorf("offset %d comes back as %d", at, got)
			}
			for _, it := range Complete(file, at, schema.At(""), names, enc) {
				if it.TextEdit.Range.Start.Line != it.TextEdit.Range.End.Line {
					t.Errorf("%q replaces several lines", it.Label)
				}
			}
			Hover(file, at, schema.At(""), names, enc)
		}
		if p, ok := At(file, at, schema.At("")); ok {
			p.Definitions(names, []*source.File{file})
		}
		Symbols(file, UTF16)
		for _, e := range FormatEdits(file, UTF16) {
			start, end := UTF16.Offset(file, e.Range.Start), UTF16.Offset(file, e.Range.End)
			if start > end {
				t.Errorf("the edit ends before it starts: %v", e.Range)
			}
		}
	})
}
