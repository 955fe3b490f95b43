package lsp

import (
	"bytes"
	"maps"
	"slices"

	"ka/lang/schema"
	"ka/lang/source"
	"ka/lang/syntax"
)

// kindInterface is where [Names] keeps interfaces, which no block defines.
const kindInterface = "interface"

// Names are the things that the files of a node define, by what they are (vrrp_script) and name.
type Names map[string]map[string][]source.Span

// FindNames collects the names of trees: what blocks define, the interfaces that are used, and files.
func FindNames(trees []*syntax.Tree) Names {
	n := Names{}
	for _, t := range trees {
		n.body(t.Body)
	}
	return n
}

func (n Names) body(body []*syntax.Statement) {
	for _, s := range body {
		if s.Keyword == nil {
			continue
		}
		if spec := s.Keyword.Spec(); len(spec) > 0 && len(s.Args) > 0 {
			switch spec[0].Type {
			case schema.Define:
				n.add(spec[0].Kind, s.Args[0])
			case schema.Interface:
				n.add(kindInterface, s.Args[0])
			}
		}
		n.body(s.Children())
	}
}

func (n Names) add(kind string, w syntax.Word) {
	if n[kind] == nil {
		n[kind] = map[string][]source.Span{}
	}
	n[kind][w.Text] = append(n[kind][w.Text], w.Span)
}

// Of returns the names of a kind, sorted.
func (n Names) Of(kind string) []string { return slices.Sorted(maps.Keys(n[kind])) }

// refersTo returns the kind that an item refers to, and whether it refers to anything.
func refersTo(it schema.Item) (kind string, ok bool) {
	switch it.Type {
	case schema.Reference:
		return it.Kind, true
	case schema.Interface:
		return kindInterface, true
	}
	return "", false
}

// leaves lists the items that can come first, alternatives opened.
func leaves(items []schema.Item) []schema.Item {
	var out []schema.Item
	for _, it := range items {
		if it.Choice == nil {
			out = append(out, it)
			continue
		}
		for _, alternative := range it.Choice {
			out = append(out, leaves(alternative[:min(1, len(alternative))])...)
		}
	}
	return out
}

// Place is a word of a text with what the table says of where it stands.
type Place struct {
	Cursor
	// Word is the whole word without its quotes, Text its text.
	Word source.Span
	Text string
	Expected
}

// At finds the word that the byte at offset is part of, or that ends there; ok is false where there is
// none.
func At(f *source.File, offset int, base *schema.Context) (p Place, ok bool) {
	// What stands on later lines does not matter.
	from := blockStart(f, offset, base)
	head := source.New(f.Name, f.Data[from:max(from, f.LineSpan(f.LineOf(offset)).End)])
	surface, _ := syntax.NewSurface(head)
	offset -= from
	i, _ := slices.BinarySearchFunc(surface.Tokens, offset, func(t syntax.Token, at int) int { return t.Span.End - at })
	for _, t := range surface.Tokens[max(0, i-1):min(len(surface.Tokens), i+2)] {
		if t.Kind != syntax.WordToken || offset < t.Span.Start || offset > t.Span.End {
			continue
		}
		p.Cursor = FindCursor(f, from+t.Span.End, base)
		p.Expected = p.Expect()
		p.Word = source.Span{File: f, Start: from + t.Span.Start, End: from + t.Span.End}
		p.Text = unquote(t.Span.Text())
		if p.Text != t.Span.Text() {
			p.Word.Start++
			p.Word.End = p.Word.Start + len(p.Text)
		}
		return p, true
	}
	return p, false
}

// Definitions returns where the thing at a place is defined: of a reference the block that bears the
// name, of $NAME the line that sets it, in any of the files.
func (p Place) Definitions(names Names, files []*source.File) []source.Span {
	for _, it := range leaves(p.Items) {
		kind, ok := refersTo(it)
		if it.Type == schema.Define {
			kind, ok = it.Kind, true
		}
		if spans := names[kind][p.Text]; ok && kind != kindInterface && len(spans) > 0 {
			return spans
		}
	}
	return parameterLines(p.Text, files)
}

// parameterLines finds the lines that set the parameter that word refers to.
func parameterLines(word string, files []*source.File) []source.Span {
	name, ok := parameterName(word)
	if !ok {
		return nil
	}
	start := []byte("$" + name + "=")
	var out []source.Span
	for _, f := range files {
		if !bytes.Contains(f.Data, start) {
			continue
		}
		for line := 1; line <= f.Lines(); line++ {
			span := f.LineSpan(line)
			text := f.Data[span.Start:span.End]
			kept := bytes.TrimLeft(text, " \t")
			if bytes.HasPrefix(kept, []byte("@")) { // a condition in front of it
				_, kept, _ = bytes.Cut(kept, []byte(" "))
				kept = bytes.TrimLeft(kept, " \t")
			}
			if bytes.HasPrefix(kept, start) {
				at := span.Start + len(text) - len(kept)
				out = append(out, source.Span{File: f, Start: at, End: at + len(start) - 1})
			}
		}
	}
	return out
}

// parameterName returns NAME of the first $NAME or ${NAME in word.
func parameterName(word string) (string, bool) {
	at := bytes.IndexByte([]byte(word), '$')
	if at < 0 {
		return "", false
	}
	rest := word[at+1:]
	if len(rest) > 0 && rest[0] == '{' {
		rest = rest[1:]
	}
	end := 0
	for end < len(rest) && (rest[end] == '_' || rest[end] >= '0' && rest[end] <= '9' || rest[end]|0x20 >= 'a' && rest[end]|0x20 <= 'z') {
		end++
	}
	return rest[:end], end > 0
}
