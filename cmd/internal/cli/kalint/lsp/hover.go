package lsp

import (
	"fmt"
	"path/filepath"
	"strings"

	"ka/lang/schema"
	"ka/lang/source"
)

// Hover explains the word at offset of f: its keyword, or the keyword whose value it is, or the thing
// that it names. ok is false where there is nothing to say. Values are never shown: some are secrets.
func Hover(f *source.File, offset int, base *schema.Context, names Names, enc Encoding) (h HoverResult, ok bool) {
	p, ok := At(f, offset, base)
	if !ok {
		return HoverResult{}, false
	}
	text := p.explain(names)
	if text == "" {
		return HoverResult{}, false
	}
	return HoverResult{Contents: *markdown(text), Range: enc.rangeOf(p.Word)}, true
}

// explain is the text of a hover.
func (p Place) explain(names Names) string {
	if p.Context == nil {
		return ""
	}
	for _, it := range leaves(p.Items) {
		if kind, ok := refersTo(it); ok {
			if spans := names[kind][p.Text]; len(spans) > 0 {
				return strings.TrimRight(reference(kind, p.Text, spans)+"\n\n"+describe(p.For), "\n")
			}
		}
	}
	if len(p.Words) == 0 || isLineContext(p.Context) {
		if k := p.Context.Keyword(p.Text); k != nil && k.IsWord() {
			return describe(k)
		}
		if d, ok := schema.Dead(p.Context.Path, p.Text); ok {
			return describeDead(d)
		}
		if schema.IsDirective(p.Text) {
			return describe(schema.TextLevel(p.Text))
		}
	}
	if p.For != nil {
		if k := schema.ArgumentWords(p.For).Keyword(p.Text); k != nil {
			return describe(k)
		}
		return describe(p.For)
	}
	if len(p.Words) > 0 {
		if k := p.Context.Keyword(p.Words[0]); k != nil {
			return describe(k)
		}
	}
	return ""
}

// reference says what a name is and where it comes from.
func reference(kind, name string, spans []source.Span) string {
	text := fmt.Sprintf("**%s** `%s`", kind, strings.ReplaceAll(name, "`", "'"))
	if kind != kindInterface {
		at := spans[0].Position()
		text += fmt.Sprintf(", defined in %s, line %d", filepath.Base(at.File), at.Line)
	}
	return text
}

// arguments is the short form of what stands behind a keyword.
func arguments(k *schema.Keyword) string {
	if k.Args == "" || strings.HasPrefix(k.Args, "<") {
		return ""
	}
	return k.Args
}

// describe is all that the table says of a keyword, in Markdown.
func describe(k *schema.Keyword) string {
	if k == nil {
		return ""
	}
	if !k.IsWord() && k.Kind == schema.LineToken {
		return k.Doc // a place on a line has no name to show
	}
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**", k.Name)
	if a := arguments(k); a != "" {
		fmt.Fprintf(&b, " `%s`", a)
	}
	if k.Doc != "" {
		fmt.Fprintf(&b, "\n\n%s", k.Doc)
	}
	for _, line := range facts(k) {
		fmt.Fprintf(&b, "\n\n%s", line)
	}
	return b.String()
}

// facts are the columns of the table as sentences.
func facts(k *schema.Keyword) []string {
	var out []string
	if want := wants(k); want != "" {
		out = append(out, "Takes "+want+".")
	}
	if k.Default != "" {
		out = append(out, "Default: "+k.Default+".")
	}
	switch {
	case k.AliasOf != "" && k.Deprecated:
		out = append(out, fmt.Sprintf("Deprecated: write `%s`.", k.AliasOf))
	case k.AliasOf != "":
		out = append(out, fmt.Sprintf("Another word for `%s`.", k.AliasOf))
	case k.Deprecated && k.Instead != "":
		out = append(out, "Deprecated: "+k.Instead+".")
	case k.Deprecated:
		out = append(out, "Deprecated.")
	}
	switch {
	case k.Since != "" && k.Until != "":
		out = append(out, fmt.Sprintf("In keepalived from %s to %s.", k.Since, k.Until))
	case k.Since != "":
		out = append(out, fmt.Sprintf("In keepalived since %s.", k.Since))
	case k.Until != "":
		out = append(out, fmt.Sprintf("In keepalived up to %s.", k.Until))
	}
	if k.Repeatable {
		out = append(out, "May stand several times.")
	}
	return out
}

// wants says what the first argument may be.
func wants(k *schema.Keyword) string {
	spec := k.Spec()
	if len(spec) == 0 || spec[0].Type == schema.Entry {
		return ""
	}
	p := schema.Problem{Item: spec[0]}
	return p.Want()
}

func describeDead(d schema.DeadWord) string {
	text := fmt.Sprintf("**%s** has no effect: %s.\n\nHistory: %s.", d.Name, d.Instead, d.History)
	if d.Replacement != "" {
		text += fmt.Sprintf("\n\nWrite `%s`.", d.Replacement)
	}
	return text
}
