package lsp

import (
	"strings"

	"ka/lang"
	"ka/lang/schema"
	"ka/lang/source"
	"ka/lang/syntax"
)

// maxSymbols bounds an outline.
const maxSymbols = 20_000

// Symbols is the outline of f: its blocks, each with those inside. What it includes is not looked at.
func Symbols(f *source.File, enc Encoding) []DocumentSymbol {
	tree, _ := lang.Load(f, lang.Options{})
	left := maxSymbols
	out := symbols(tree.Body, enc, &left)
	if out == nil {
		out = []DocumentSymbol{}
	}
	return out
}

func symbols(body []*syntax.Statement, enc Encoding, left *int) []DocumentSymbol {
	var out []DocumentSymbol
	for _, s := range body {
		if s.Block == nil || !s.Head.Span.IsValid() {
			continue
		}
		if *left--; *left < 0 {
			break
		}
		end := s.Block.Close
		whole := s.Span.Join(s.Block.Open)
		if end.IsValid() {
			whole = whole.Join(end)
		}
		sym := DocumentSymbol{
			Name: s.Head.Text, Kind: SymbolNamespace,
			Range: enc.rangeOf(whole), SelectionRange: enc.rangeOf(s.Span),
		}
		if s.Keyword != nil && s.Keyword.Kind == schema.NamedBlock || len(s.Args) > 0 {
			words := make([]string, len(s.Args))
			for i, w := range s.Args {
				words[i] = w.Text
			}
			sym.Name, sym.Detail, sym.Kind = strings.Join(append([]string{s.Head.Text}, words...), " "), s.Head.Text, SymbolModule
		}
		if s.Keyword == nil || !s.Keyword.Kind.IsList() {
			sym.Children = symbols(s.Block.Body, enc, left)
		}
		out = append(out, sym)
	}
	return out
}
