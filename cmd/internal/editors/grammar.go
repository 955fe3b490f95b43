package editors

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"ka/lang/schema"
)

// Ends of the contexts of the table that are no blocks.
const (
	lineSuffix = "/<line>"
	argsSuffix = "/<args>"
)

// file is a TextMate grammar.
type file struct {
	Comment    string          `json:"comment"`
	Name       string          `json:"name"`
	ScopeName  string          `json:"scopeName"`
	FileTypes  []string        `json:"fileTypes"`
	Patterns   []rule          `json:"patterns"`
	Repository map[string]rule `json:"repository"`
}

// rule is a pattern of a TextMate grammar: one match, a region, an include, or a list of rules.
type rule struct {
	Include       string           `json:"include,omitempty"`
	Name          string           `json:"name,omitempty"`
	Match         string           `json:"match,omitempty"`
	Captures      map[string]scope `json:"captures,omitempty"`
	Begin         string           `json:"begin,omitempty"`
	BeginCaptures map[string]scope `json:"beginCaptures,omitempty"`
	End           string           `json:"end,omitempty"`
	EndCaptures   map[string]scope `json:"endCaptures,omitempty"`
	Patterns      []rule           `json:"patterns,omitempty"`
}

// scope names what a part of a match is.
type scope struct {
	Name string `json:"name"`
}

// The scopes, in the names that colour themes know.
const (
	scopeComment    = "comment.line.keepalived"
	scopeString     = "string.quoted.double.keepalived"
	scopeInclude    = "keyword.control.include.keepalived"
	scopeFile       = "string.unquoted.keepalived"
	scopeCondition  = "keyword.control.conditional.keepalived"
	scopeLoop       = "keyword.control.loop.keepalived"
	scopeParameter  = "variable.other.keepalived"
	scopeBlock      = "storage.type.block.keepalived"
	scopeBlockName  = "entity.name.section.keepalived"
	scopeKeyword    = "keyword.other.keepalived"
	scopeOption     = "support.type.keepalived"
	scopeConstant   = "constant.language.keepalived"
	scopeNumber     = "constant.numeric.keepalived"
	scopeAddress    = "constant.numeric.address.keepalived"
	scopeBrace      = "punctuation.section.block.keepalived"
	scopeAssignment = "keyword.operator.assignment.keepalived"
	scopeDeprecated = "invalid.deprecated.keepalived"
)

// statement is what stands before the keyword of a statement: the beginning of the line or a brace, a
// condition, and a loop. It has three groups.
const statement = `(?:^|(\{))[ \t]*(?:(@\^?[^ \t]*)[ \t]+)?(?:(~(?:SEQx?|LST)[ \t]*\([^)]*\))[ \t]*)?`

// blockName is the name behind the keyword of a block, one group.
const blockName = `(?:[ \t]+("[^"]*"|[^\s{}#!"]+))?`

// Grammar returns the TextMate grammar.
func Grammar() []byte {
	f := file{
		Comment: "Written from the keyword table by go test ./cmd/internal/editors -update; do not edit.",
		Name:    "keepalived.conf", ScopeName: "source.keepalived", FileTypes: []string{"keepalived.conf"},
		Patterns:   []rule{{Include: "#" + blockID("")}},
		Repository: map[string]rule{"text": {Patterns: textRules()}, "words": {Patterns: wordRules()}},
	}
	for _, path := range blocks() {
		f.Repository[blockID(path)] = rule{Patterns: blockRules(path)}
	}
	return encode(f)
}

// encode writes JSON for people.
func encode(v any) []byte {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return []byte(err.Error())
	}
	return []byte(b.String())
}

// blocks are the paths of all blocks, list blocks included; "" is the top level.
func blocks() []string {
	out := []string{""}
	for _, k := range schema.All() {
		if k.Kind.HasBlock() {
			out = append(out, k.Inner())
		}
	}
	return out
}

func blockID(path string) string {
	if path == "" {
		return "top"
	}
	return strings.ReplaceAll(strings.TrimSuffix(path, lineSuffix), "/", ".")
}

// textRules are what holds in every block: comments, quotes, directives and parameters.
func textRules() []rule {
	var includes []string
	for _, k := range schema.Keywords(schema.DirectiveContext) {
		if !strings.ContainsAny(k.Name, "$@~") {
			includes = append(includes, k.Name)
		}
	}
	return []rule{
		{Name: scopeComment, Match: `[#!].*$`},
		{Name: scopeString, Begin: `"`, End: `"|$`, Patterns: []rule{{Name: scopeParameter, Match: `\$\{[^}"]*\}`}}},
		{Match: statement + `(` + alternatives(includes) + `)[ \t]+(.*)$`,
			Captures: captures(scopeBrace, scopeCondition, scopeLoop, scopeInclude, scopeFile)},
		{Match: statement + `(\$[A-Za-z_][A-Za-z0-9_]*)(=)`,
			Captures: captures(scopeBrace, scopeCondition, scopeLoop, scopeParameter, scopeAssignment)},
		{Name: scopeParameter, Match: `\$\{[A-Za-z_][^}]*\}|\$[A-Za-z_][A-Za-z0-9_]*`},
	}
}

// wordRules are what is left of a line: numbers, addresses, braces, and words that mean nothing here. A
// word is taken whole, so that nothing is found in its middle.
func wordRules() []rule {
	return []rule{
		{Match: `^[ \t]*(@\^?[^ \t]*)`, Captures: captures(scopeCondition)},
		{Match: `^[ \t]*(~(?:SEQx?|LST))\b`, Captures: captures(scopeLoop)},
		{Name: scopeAddress, Match: `\b[0-9]{1,3}\.[0-9]{1,3}\.[0-9.]*(?:[-/][0-9.]+)?`},
		{Name: scopeAddress, Match: `[0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(?:[-/][0-9A-Fa-f:.]+)?`},
		{Name: scopeConstant, Match: `\b(?:on|off|true|false|yes|no)\b`},
		{Name: scopeNumber, Match: `[-+]?\b(?:0x[0-9A-Fa-f]+|[0-9]+(?:\.[0-9]+)?)\b`},
		{Name: scopeBrace, Match: `[{}]`},
		{Match: `[^\s{}"#!$]+`},
	}
}

// blockRules are the patterns of a block: the blocks in it, its keywords, and what stands behind them.
func blockRules(path string) []rule {
	rules := []rule{{Include: "#text"}}
	var names, old []string
	for _, k := range schema.Keywords(path) {
		switch {
		case !k.IsWord() || k.Kind == schema.LineToken:
		case k.Kind.HasBlock():
			rules = append(rules, region(k))
		case k.Deprecated:
			old = append(old, k.Name)
		default:
			names = append(names, k.Name)
		}
	}
	for _, group := range []struct {
		names []string
		scope string
	}{{names, scopeKeyword}, {old, scopeDeprecated}} {
		if len(group.names) > 0 {
			rules = append(rules, rule{Match: statement + `(` + alternatives(group.names) + `)\b`,
				Captures: captures(scopeBrace, scopeCondition, scopeLoop, group.scope)})
		}
	}
	rules = append(rules, inside(path)...)
	return append(rules, rule{Include: "#words"})
}

// region is a block from its keyword to its closing brace.
func region(k *schema.Keyword) rule {
	name := scopeBlock
	if k.Deprecated {
		name = scopeDeprecated
	}
	return rule{
		Begin:         statement + `(` + regexp.QuoteMeta(k.Name) + `)\b` + blockName,
		BeginCaptures: captures(scopeBrace, scopeCondition, scopeLoop, name, scopeBlockName),
		End:           `\}`, EndCaptures: map[string]scope{"0": {scopeBrace}},
		Patterns: []rule{{Include: "#" + blockID(k.Inner())}},
	}
}

// inside are the words of lines and arguments of a block, and the values that its keywords take by name.
func inside(path string) []rule {
	var options, constants []string
	for _, k := range schema.All() {
		below := k.Context == path || strings.HasPrefix(k.Context, path+"/") &&
			(strings.HasSuffix(path, lineSuffix) || isArguments(k.Context, path))
		if !below {
			continue
		}
		if k.IsWord() && (k.Kind == schema.LineToken || k.Kind == schema.OptionToken) {
			options = append(options, k.Name)
		}
		constants = append(constants, named(k.Spec())...)
	}
	var rules []rule
	for _, group := range []struct {
		words []string
		scope string
	}{{options, scopeOption}, {constants, scopeConstant}} {
		// A word that is both an option and a value is an option.
		words := slices.DeleteFunc(group.words, func(w string) bool {
			return group.scope == scopeConstant && slices.Contains(options, w) || !isPlain(w)
		})
		if len(words) > 0 {
			rules = append(rules, rule{Name: group.scope, Match: `(?:-|\b)(?:` + alternatives(words) + `)\b`})
		}
	}
	return rules
}

// isArguments reports whether context holds the words among the arguments of a keyword in the block.
func isArguments(context, path string) bool {
	keyword, ok := strings.CutSuffix(context, argsSuffix)
	if !ok {
		return false
	}
	rest := keyword
	if path != "" {
		rest = strings.TrimPrefix(keyword, path+"/")
	}
	return !strings.Contains(rest, "/")
}

// named are the words of the enumerations and choices in a grammar.
func named(s schema.Spec) []string {
	var out []string
	for i := range s {
		switch s[i].Type {
		case schema.Literal, schema.Enum, schema.EnumFold:
			if s[i].Choice == nil {
				out = append(out, s[i].Words...)
			}
		}
		for _, alternative := range s[i].Choice {
			out = append(out, named(alternative)...)
		}
	}
	return out
}

// isPlain reports whether a word begins with a letter and ends in one that \b can follow.
func isPlain(w string) bool {
	return regexp.MustCompile(`^-?[A-Za-z][A-Za-z0-9_-]*$`).MatchString(w) && !strings.HasSuffix(w, "-")
}

// alternatives are words as a regular expression, the longest of those with one beginning first.
func alternatives(words []string) string {
	words = slices.Clone(words)
	slices.Sort(words)
	words = slices.Compact(words)
	slices.Reverse(words)
	for i, w := range words {
		words[i] = regexp.QuoteMeta(strings.TrimPrefix(w, "-"))
	}
	return strings.Join(words, "|")
}

func captures(names ...string) map[string]scope {
	m := map[string]scope{}
	for i, n := range names {
		m[string(rune('1'+i))] = scope{n}
	}
	return m
}
