package lsp

import (
	"fmt"
	"strings"

	"ka/lang/schema"
	"ka/lang/source"
)

// maxItems bounds an answer: nobody reads on.
const maxItems = 2000

// Complete offers the words that may stand at offset of f: the keywords of exactly the block there, the
// values of a keyword, the names that the node defines. base is the block that f is included in.
func Complete(f *source.File, offset int, base *schema.Context, names Names, enc Encoding) []CompletionItem {
	c := FindCursor(f, offset, base)
	e := c.Expect()
	l := completion{at: enc.rangeOf(c.Word), seen: map[string]bool{}, items: []CompletionItem{}}
	for _, it := range leaves(e.Items) {
		l.item(it, names, e.For)
	}
	for _, k := range e.Keywords {
		l.keyword(k)
	}
	if e.Directives {
		for _, k := range schema.Keywords(schema.DirectiveContext) {
			if isPlainWord(k.Name) {
				l.keyword(k)
			}
		}
	}
	return l.items
}

type completion struct {
	at    Range
	items []CompletionItem
	seen  map[string]bool
}

// add appends an item whose label is new; the order is that of adding.
func (l *completion) add(item CompletionItem) {
	if l.seen[item.Label] || len(l.items) >= maxItems {
		return
	}
	l.seen[item.Label] = true
	item.SortText = fmt.Sprintf("%04d", len(l.items))
	item.TextEdit = &TextEdit{Range: l.at, NewText: item.Label}
	l.items = append(l.items, item)
}

func (l *completion) keyword(k *schema.Keyword) {
	item := CompletionItem{Label: k.Name, Kind: KindKeyword, Detail: arguments(k), Documentation: markdown(describe(k))}
	if k.Kind.HasBlock() {
		item.Kind = KindStruct
	}
	if k.Deprecated {
		item.Tags = []DiagnosticTag{TagDeprecated}
	}
	l.add(item)
}

// item offers the words that an item of a keyword's arguments can be.
func (l *completion) item(it schema.Item, names Names, k *schema.Keyword) {
	var detail string
	if k != nil {
		detail = "of " + k.Name
	}
	switch it.Type {
	case schema.Bool:
		for _, word := range []string{"on", "off", "true", "false", "yes", "no"} {
			l.add(CompletionItem{Label: word, Kind: KindValue, Detail: detail})
		}
	case schema.Literal, schema.Enum, schema.EnumFold:
		for _, word := range it.Words {
			l.add(CompletionItem{Label: word, Kind: KindEnumMember, Detail: detail})
		}
	}
	if kind, ok := refersTo(it); ok {
		for _, name := range names.Of(kind) {
			l.add(CompletionItem{Label: name, Kind: KindReference, Detail: kind})
		}
	}
}

func isPlainWord(name string) bool {
	return strings.IndexFunc(name, func(r rune) bool { return r < 'a' || r > 'z' }) < 0
}

func markdown(text string) *MarkupContent {
	return &MarkupContent{Kind: "markdown", Value: text}
}
