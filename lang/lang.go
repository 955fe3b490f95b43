package lang

import (
	"slices"

	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/source"
	"ka/lang/syntax"
)

// Reader is how the text of included files gets in: this package opens none. The one that reads the
// machine's files lives with the commands, tests use a map.
type Reader = syntax.Reader

// Options say how a text is read. The zero Options follow no include.
type Options = syntax.Options

// Load reads main and the files it includes as keepalived 2.4.3 does: text
// pipeline, logical lines, tree, and the match with the keyword table. The tree is never nil and holds
// what could be understood; the findings are sorted by file and place.
func Load(main *source.File, opt Options) (*syntax.Tree, diag.List) {
	tree, list := syntax.Parse(main, opt)
	list = append(list, check.Check(tree)...)
	tree.Annotate(list)
	list.Sort()
	return tree, list
}

// Format returns the text of f as `kac fmt` writes it: four blanks of indentation for each block, no
// white space at line ends, runs of blank lines made one. Comments are kept, the meaning never changes
// (ExpandedLines of both texts are equal), and a region whose braces do not balance stays as it is. The
// findings are those about the braces and quotes that kept it from doing more.
func Format(f *source.File) (out []byte, list diag.List) { return syntax.Format(f) }

// ExpandedLines returns the logical lines of f and its includes as keepalived sees them, a brace being
// a line of its own. With no Reader an include line stands for itself.
func ExpandedLines(f *source.File, opt Options) []string { return syntax.ExpandedLines(f, opt) }

// SameLines reports whether keepalived reads the same logical lines in a and b, includes not followed, on
// every node that conditions name: what a formatter must leave as it is.
func SameLines(a, b *source.File) bool {
	ids := append([]string{""}, syntax.ConfigIDs(a, Options{})...)
	return !slices.ContainsFunc(ids, func(id string) bool {
		opt := Options{ConfigID: id}
		return !slices.Equal(ExpandedLines(a, opt), ExpandedLines(b, opt))
	})
}

// Expand returns the text of f after includes, conditions, parameters and loops, indented by its blocks;
// keepalived reads the same logical lines in it. The findings are those of the text level.
func Expand(f *source.File, opt Options) ([]byte, diag.List) { return syntax.Expand(f, opt) }
