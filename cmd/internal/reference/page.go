package reference

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"ka/lang/schema"
)

// Names of the pages of what is no block.
const (
	rootPage = "top-level"
	textPage = "text-level"
)

const generated = "Written from the keyword table by `go test ./cmd/internal/reference -update`; do not edit.\n"

//go:embed examples/*.conf
var examples embed.FS

// Example returns the example configuration of a page, and whether it has one.
func Example(page string) (string, bool) {
	data, err := examples.ReadFile("examples/" + page + ".conf")
	return string(data), err == nil
}

// Block is a block of the language that has a page.
type Block struct {
	// Path is the path of blocks from the top level, Page the name of the page without its ending.
	Path, Page string
	// Keyword is the row of the block.
	Keyword *schema.Keyword
	// Example is the page whose example shows what to write: another one for a deprecated block.
	Example string
}

// Blocks returns the blocks that have a page, in the order of the table. Blocks of plain words have none:
// their one row stands on the page of the block around them.
func Blocks() []Block {
	var out []Block
	for _, k := range schema.All() {
		if !k.Kind.HasBlock() || k.Kind == schema.WordBlock {
			continue
		}
		b := Block{Path: pathOf(k), Keyword: k}
		b.Page = pageName(b.Path)
		b.Example = b.Page
		if k.Deprecated {
			b.Example = pageName(k.Context)
			if k.AliasOf != "" {
				b.Example = pageName(join(k.Context, k.AliasOf))
			}
		}
		out = append(out, b)
	}
	return out
}

func join(context, name string) string {
	if context == "" {
		return name
	}
	return context + "/" + name
}

// pathOf is the path of a block; the lines of a list block have a context of their own.
func pathOf(k *schema.Keyword) string { return join(k.Context, k.Name) }

func pageName(path string) string {
	if path == "" {
		return rootPage
	}
	return strings.ReplaceAll(path, "/", "-")
}

// Pages returns the pages of the table by file name. The page of keepalived's checks is not among them.
func Pages() map[string]string {
	pages := map[string]string{
		"README.md":      indexPage(),
		rootPage + ".md": topLevelPage(),
		textPage + ".md": textLevelPage(),
	}
	for _, b := range Blocks() {
		pages[b.Page+".md"] = blockPage(b)
	}
	return pages
}

func blockPage(b Block) string {
	var w strings.Builder
	fmt.Fprintf(&w, "# %s\n\n%s\n%s\n", b.Path, generated, b.Keyword.Doc)
	if b.Keyword.Context != "" {
		fmt.Fprintf(&w, "\nIt stands in [%s](%s.md).\n", b.Keyword.Context, pageName(b.Keyword.Context))
	}
	w.WriteString("\n")
	facts(&w, b.Keyword)
	intro := ""
	if b.Keyword.Deprecated {
		intro = "What to write instead:\n\n"
	}
	writeExample(&w, b.Example, intro)
	inner := b.Keyword.Inner()
	title := "Keywords"
	if b.Keyword.Kind.IsList() {
		title = "Words of a line"
	}
	words(&w, title, schema.Keywords(inner))
	nested(&w, inner)
	return w.String()
}

// writeExample shows the example of a page.
func writeExample(w *strings.Builder, page, intro string) {
	if text, ok := Example(page); ok {
		fmt.Fprintf(w, "\n## Example\n\n%s```\n%s```\n", intro, text)
	}
}

// words writes the index of a context and the entry of each word.
func words(w *strings.Builder, title string, rows []*schema.Keyword) {
	fmt.Fprintf(w, "\n## %s\n\n| | |\n|---|---|\n", title)
	seen := map[string]int{}
	for _, k := range rows {
		to := anchor(k.Name)
		if n := seen[to]; n > 0 {
			to = fmt.Sprintf("%s-%d", to, n)
		}
		seen[anchor(k.Name)]++
		fmt.Fprintf(w, "| [%s](#%s) | %s |\n", cell(k.Name), to, cell(k.Doc))
	}
	for _, k := range rows {
		fmt.Fprintf(w, "\n### %s\n\n%s\n", heading(k.Name), k.Doc)
		if k.Kind.HasBlock() && k.Kind != schema.WordBlock {
			fmt.Fprintf(w, "\n- A block: [its page](%s.md).\n", pageName(pathOf(k)))
			continue
		}
		var about strings.Builder
		facts(&about, k)
		if about.Len() > 0 {
			w.WriteString("\n" + about.String())
		}
		argumentWords(w, k)
	}
}

// argumentWords writes the words among the arguments of a keyword, or in a block of plain words.
func argumentWords(w *strings.Builder, k *schema.Keyword) {
	rows := schema.ArgumentWords(k).Keywords()
	if k.Kind == schema.WordBlock {
		rows = schema.Keywords(k.Inner())
	}
	if len(rows) == 0 {
		return
	}
	w.WriteString("\n")
	table(w, rows)
}

// table writes rows without headings of their own.
func table(w *strings.Builder, rows []*schema.Keyword) {
	w.WriteString("| word | takes | |\n|---|---|---|\n")
	for _, k := range rows {
		doc := k.Doc
		if k.Default != "" && k.Default != byDefault {
			doc += " Default: " + k.Default + "."
		}
		if k.AliasOf != "" && k.Deprecated {
			doc += " Deprecated: write " + code(k.AliasOf) + "."
		}
		if !k.Compiled {
			doc += " ka: " + k.NotCompiled + "."
		}
		fmt.Fprintf(w, "| %s | %s | %s |\n", cell(code(k.Name)), cell(takes(k)), cell(doc))
	}
}

// nested writes the contexts below one: what may stand behind a word of a line.
func nested(w *strings.Builder, context string) {
	var below []string
	for _, k := range schema.All() {
		if strings.HasPrefix(k.Context, context+"/") && strings.Contains(context, "<line>") && !slices.Contains(below, k.Context) {
			below = append(below, k.Context)
		}
	}
	for _, path := range below {
		name := strings.ReplaceAll(strings.TrimPrefix(path, context+"/"), "/", " ")
		fmt.Fprintf(w, "\n## Behind %s\n\n", name)
		table(w, schema.Keywords(path))
	}
}

func topLevelPage() string {
	var w strings.Builder
	fmt.Fprintf(&w, "# The top level\n\n%s\nSettings that stand outside all blocks. The blocks have [pages of their own](README.md).\n", generated)
	writeExample(&w, rootPage, "")
	var rows []*schema.Keyword
	for _, k := range schema.Keywords("") {
		if !k.Kind.HasBlock() {
			rows = append(rows, k)
		}
	}
	words(&w, "Keywords", rows)
	return w.String()
}

func textLevelPage() string {
	var w strings.Builder
	fmt.Fprintf(&w, "# The text level\n\n%s\nWhat happens to a line before its words are looked at, in any block. Comments begin with `#` or `!` outside double quotes.\n", generated)
	writeExample(&w, textPage, "")
	words(&w, "Directives", schema.Keywords(schema.DirectiveContext))
	words(&w, "Predefined parameters", schema.Keywords(schema.ParameterContext))
	return w.String()
}

// code writes a word so that Markdown leaves it alone.
func code(name string) string { return "`" + name + "`" }

// heading is the title of an entry.
func heading(name string) string {
	if strings.ContainsAny(name, "<>{}$~@*^") || strings.HasPrefix(name, "-") || strings.HasPrefix(name, "_") {
		return code(name)
	}
	return name
}

// cell protects what would end a cell of a table.
func cell(text string) string {
	text = strings.ReplaceAll(text, "|", "\\|")
	if strings.ContainsAny(text, "<>") && !strings.Contains(text, "`") {
		text = strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(text)
	}
	return text
}

// anchor is the name that Markdown viewers give the heading of a word.
func anchor(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case r == '-' || r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		}
	}
	return b.String()
}
