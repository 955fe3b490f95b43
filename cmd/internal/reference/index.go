package reference

import (
	"fmt"
	"slices"
	"strings"

	"ka/lang/schema"
	"ka/lang/schema/kw"
)

// indexPage lists the blocks, and every word with the blocks that know it.
func indexPage() string {
	var w strings.Builder
	fmt.Fprintf(&w, "# Reference of keepalived.conf\n\n%s\n", generated)
	w.WriteString("What keepalived 2.4.3 reads, block by block, and what ka does with it. Beside the blocks:\n\n" +
		"- [the top level](" + rootPage + ".md): settings outside all blocks\n" +
		"- [the text level](" + textPage + ".md): includes, parameters, conditions, loops\n" +
		"- [the grammar](grammar.md)\n" +
		"- [the checks of keepalived](checks.md), and the rules that stand for them\n" +
		"- [the schema of plan.json](plan.schema.json)\n")
	w.WriteString("\n## Blocks\n\n| block | |\n|---|---|\n")
	for _, b := range Blocks() {
		fmt.Fprintf(&w, "| [%s](%s.md) | %s |\n", b.Path, b.Page, cell(b.Keyword.Doc))
	}
	w.WriteString("\n## Keywords\n\nWords of lines and among arguments stand on the pages of their blocks.\n\n| keyword | in |\n|---|---|\n")
	for _, name := range names() {
		fmt.Fprintf(&w, "| %s | %s |\n", cell(name), strings.Join(places(name), ", "))
	}
	return w.String()
}

// names are the keywords of all blocks, sorted, each once.
func names() []string {
	var out []string
	for _, k := range schema.All() {
		if isKeyword(k) {
			out = append(out, k.Name)
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		return strings.Compare(strings.ToLower(a)+a, strings.ToLower(b)+b)
	})
	return slices.Compact(out)
}

// checkers is the beginning of the paths of health checkers, which the index leaves out: their names are
// enough.
var checkers = join(kw.VirtualServer, kw.RealServer) + "/"

// places are links to the entries of a keyword.
func places(name string) []string {
	var out []string
	for _, path := range schema.BlocksWith(name) {
		title, page := strings.TrimPrefix(path, checkers), pageName(path)
		if path == "" {
			title = "the top level"
		}
		if k := schema.Lookup(path, name); k.Kind.HasBlock() && k.Kind != schema.WordBlock {
			out = append(out, fmt.Sprintf("[%s](%s.md)", title, pageName(pathOf(k))))
			continue
		}
		out = append(out, fmt.Sprintf("[%s](%s.md#%s)", title, page, anchor(name)))
	}
	return out
}
