package schema

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/agext/levenshtein"
)

// Suffixes of contexts: the words of a list block's lines, and those among a keyword's arguments.
const (
	lineSuffix = "/<line>"
	argsSuffix = "/<args>"
)

// group is a context with its rows, as the table files write them.
type group struct {
	context string
	rows    []Keyword
}

// Context is one block (or list line) and the words that may stand in it, in the order of the table.
type Context struct {
	// Path is the path of blocks from the top level; "" is the top.
	Path  string
	words []*Keyword
	rows  map[string]*Keyword
}

// Keyword returns the row of name, nil where the context does not know it.
func (c *Context) Keyword(name string) *Keyword {
	if c == nil {
		return nil
	}
	return c.rows[name]
}

// Keywords returns the rows of the context in the order of the table. The slice must not be changed.
func (c *Context) Keywords() []*Keyword {
	if c == nil {
		return nil
	}
	return c.words
}

// Nearest returns the word of the context that name was probably meant to be, and whether there is one.
func (c *Context) Nearest(name string) (string, bool) {
	names := make([]string, 0, len(c.Keywords()))
	for _, k := range c.Keywords() {
		if k.IsWord() {
			names = append(names, k.Name)
		}
	}
	return NearestWord(name, names)
}

// index is the table, ready for look-ups; it is built once and never changed. It is built at every start
// of a command, so it holds no more than what every command needs.
type index struct {
	all      []*Keyword
	contexts map[string]*Context
	// secret are the secret keywords, longSecret those that are long enough for a look at their
	// neighbours ("key" is near to too much).
	secret, longSecret []string
	// uncompiled are the reasons of the words that the compiler does not act on.
	uncompiled map[[2]string]string
}

var table = buildIndex()

func buildIndex() *index {
	const manyRows, manyContexts = 1000, 200
	x := &index{
		all: make([]*Keyword, 0, manyRows), contexts: make(map[string]*Context, manyContexts),
		uncompiled: uncompiledWords(),
	}
	families := [][]group{
		rootKeywords(), globalKeywords(), staticKeywords(), groupKeywords(), instanceKeywords(),
		virtualRouteKeywords(), trackerKeywords(), lvsKeywords(), checkerKeywords(), bfdKeywords(),
		textKeywords(),
	}
	for _, f := range families {
		for _, g := range f {
			x.add(g)
		}
	}
	return x
}

func (x *index) add(g group) {
	c := x.contexts[g.context]
	if c == nil {
		c = &Context{Path: g.context, words: make([]*Keyword, 0, len(g.rows)), rows: make(map[string]*Keyword, len(g.rows))}
		x.contexts[g.context] = c
	}
	for i := range g.rows {
		k := &g.rows[i]
		k.Context = g.context
		k.NotCompiled = x.uncompiled[[2]string{k.Context, k.Name}]
		k.Compiled = k.NotCompiled == "" && k.Kind != Directive && k.Kind != Parameter
		k.spec = specOf(k)
		if k.Kind.HasBlock() || k.Nested {
			k.inner = innerPath(k)
		}
		c.words = append(c.words, k)
		c.rows[k.Name] = k
		x.all = append(x.all, k)
		if k.Secret && !slices.Contains(x.secret, k.Name) {
			x.secret = append(x.secret, k.Name)
			if len(k.Name) > 4 {
				x.longSecret = append(x.longSecret, k.Name)
			}
		}
	}
}

// innerPath is the context of what stands in a keyword's block.
func innerPath(k *Keyword) string {
	path := k.Name
	if k.Context != "" {
		path = k.Context + "/" + k.Name
	}
	if k.Kind.IsList() {
		path += lineSuffix
	}
	return path
}

// All returns every row of the table, in its order. The slice must not be changed.
func All() []*Keyword { return table.all }

// At returns the context of a path, nil where the table has none.
func At(path string) *Context { return table.contexts[path] }

// Lookup returns the row of name in the context, nil where there is none.
func Lookup(context, name string) *Keyword { return At(context).Keyword(name) }

// Keywords returns the rows of a context in the order of the table.
func Keywords(context string) []*Keyword { return At(context).Keywords() }

// ArgumentWords returns the context of the words among a keyword's arguments (the row's own options),
// nil where it has none.
func ArgumentWords(k *Keyword) *Context {
	if k.Context == "" {
		return At(k.Name + argsSuffix)
	}
	return At(k.Context + "/" + k.Name + argsSuffix)
}

// BlocksWith returns the paths of the blocks that have name as a keyword, in the order of the table;
// the top level is "". Words of list lines and of arguments do not count.
func BlocksWith(name string) []string {
	var paths []string
	for _, k := range table.all {
		if k.Name != name || !k.IsWord() || k.Kind == LineToken || k.Kind == OptionToken {
			continue
		}
		if !slices.Contains(paths, k.Context) {
			paths = append(paths, k.Context)
		}
	}
	return paths
}

// The contexts of the text level, which are no blocks: those of the directives and of the predefined parameters.
const (
	DirectiveContext = "(preprocessor)"
	ParameterContext = "(predefined)"
)

// TextLevel returns the row of a directive ("include", "@ID", "~SEQ") or a predefined parameter ("_PWD"),
// nil where there is none.
func TextLevel(name string) *Keyword {
	if k := Lookup(DirectiveContext, name); k != nil {
		return k
	}
	return Lookup(ParameterContext, name)
}

// IsDirective reports whether word is a directive that looks like a keyword (include and its kin), and is
// none of any block. The signs of the other directives are none: "$NAME" is what the table calls a reference.
func IsDirective(word string) bool {
	k := Lookup(DirectiveContext, word)
	return k != nil && word[0] >= 'a' && word[0] <= 'z'
}

// SecretKeywords returns the keywords whose words are never shown, sorted.
func SecretKeywords() []string {
	s := slices.Clone(table.secret)
	slices.Sort(s)
	return s
}

// IsSecret reports whether the words behind name are never shown. A word that is nearly a secret
// keyword counts too: a password behind a misspelt keyword is still one.
func IsSecret(name string) bool {
	if slices.Contains(table.secret, name) {
		return true
	}
	_, near := NearestWord(name, table.longSecret)
	return near
}

// NearestWord returns the word that name was probably meant to be: the one with the fewest edits,
// at most a third of the letters, upper and lower case alike; the first of several.
func NearestWord(name string, words []string) (string, bool) {
	const longest = 64
	if name == "" || len(name) > longest {
		return "", false
	}
	lower := strings.ToLower(name)
	best, found := max(1, utf8.RuneCountInString(name)/3)+1, ""
	for _, w := range words {
		if abs(len(w)-len(name)) >= best+2 {
			continue
		}
		d := levenshtein.Distance(lower, strings.ToLower(w), nil)
		if d == 2 && sameLetters(lower, strings.ToLower(w)) {
			d = 1 // two letters that changed places are one slip
		}
		if d < best && d < utf8.RuneCountInString(w) {
			best, found = d, w
		}
	}
	return found, found != ""
}

// sameLetters reports whether a and b are made of the same bytes.
func sameLetters(a, b string) bool {
	x, y := []byte(a), []byte(b)
	slices.Sort(x)
	slices.Sort(y)
	return string(x) == string(y)
}

func abs(n int) int { return max(n, -n) }
