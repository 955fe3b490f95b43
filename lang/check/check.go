package check

import (
	"fmt"
	"slices"
	"strings"

	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/source"
	"ka/lang/syntax"
)

// The rules that this package reports; their documentation is with the linter's rules.
const (
	ruleUnknown    = "unknown-keyword"
	ruleMisplaced  = "misplaced-keyword"
	ruleMissing    = "missing-argument"
	ruleInvalid    = "invalid-value"
	ruleDeprecated = "deprecated-keyword"
	ruleDead       = "dead-keyword"
	ruleBrace      = "unexpected-brace"
	ruleExtra      = "extra-words"
	ruleFlagValue  = "flag-takes-no-value"
	ruleDuplicate  = "duplicate-keyword"
)

// Check matches every statement of the tree with the keyword table: it fills in Keyword, Dropped and the
// tree's Checked, and returns what is wrong. It may be called again on the same tree, with the same
// result, but not while others read the tree.
func Check(t *syntax.Tree) diag.List {
	c := checker{apart: len(t.Body) >= sideBySide, members: members{bare: map[*syntax.Statement]bool{}, tree: t}}
	c.block(t.Body, schema.At(""))
	c.checkApart()
	t.Checked = bounded(withoutParameters(c.list, t))
	return t.Checked
}

// sideBySide is the number of top-level statements from which on their blocks are checked in parts, each by a
// goroutine of its own.
const (
	sideBySide = 1000
	checkParts = 4
)

// checkApart checks the blocks that were put aside. What one block holds says nothing about another.
func (c *checker) checkApart() {
	parts := slices.Collect(slices.Chunk(c.aside, max(1, (len(c.aside)+checkParts-1)/checkParts)))
	checkers := make([]checker, len(parts))
	done := make(chan struct{})
	for i, part := range parts {
		go func() {
			checkers[i].members = c.members // read from here on
			for _, s := range part {
				checkers[i].block(s.Block.Body, schema.At(s.Keyword.Inner()))
			}
			done <- struct{}{}
		}()
	}
	for range parts {
		<-done
	}
	for i := range checkers {
		c.list = append(c.list, checkers[i].list...)
	}
}

// withoutParameters drops the findings about words of which a part is a parameter that was not replaced:
// either the text level reports it, or nobody knows its value.
func withoutParameters(list diag.List, t *syntax.Tree) diag.List {
	return slices.DeleteFunc(list, func(d diag.Diagnostic) bool {
		return (d.Rule == ruleInvalid || d.Rule == ruleUnknown || d.Rule == ruleExtra) && t.Unresolved(d.Span)
	})
}

// maxSuggestions bounds the looks for the nearest keyword: megabytes of something else than a
// configuration get their findings, and no guesses behind the first ones.
const maxSuggestions = 1000

// maxPerRule is the number of findings of one rule that are listed; the last of them counts the rest.
const maxPerRule = 1000

// bounded keeps the number of findings of each rule within bounds: megabytes of something else than a
// configuration are one mistake. The fixes of those that are only counted are kept.
func bounded(list diag.List) diag.List {
	if len(list) <= maxPerRule {
		return list
	}
	count, last := map[string]int{}, map[string]int{}
	out := list[:0]
	for _, d := range list {
		count[d.Rule]++
		if count[d.Rule] <= maxPerRule {
			last[d.Rule] = len(out)
			out = append(out, d)
			continue
		}
		keepFix(&out[last[d.Rule]], d)
	}
	for rule, n := range count {
		if n > maxPerRule {
			out[last[rule]].Message += fmt.Sprintf(", and %d more like this", n-maxPerRule)
		}
	}
	return out
}

// keepFix adds the fix of a counted finding to that of the one that stands for it.
func keepFix(d *diag.Diagnostic, counted diag.Diagnostic) {
	if len(d.Fixes) == 0 || len(counted.Fixes) == 0 || d.Span.File != counted.Span.File ||
		d.Fixes[0].Kind != counted.Fixes[0].Kind {
		return
	}
	d.Fixes[0].Edits = append(d.Fixes[0].Edits, counted.Fixes[0].Edits...)
}

type checker struct {
	list diag.List
	// aside are the top-level statements whose blocks are checked later, where apart says that there are
	// many.
	aside       []*syntax.Statement
	apart       bool
	suggestions int
	// seen are the keywords of the blocks that are open, those of the innermost one last; global are those
	// of all global_defs so far.
	seen, global []single
	unknowns     int
	// before is the statement in front of the one being looked at, in the same block.
	before  *syntax.Statement
	members members
}

// nearest is ctx.Nearest within the bound.
func (c *checker) nearest(ctx *schema.Context, name string) (string, bool) {
	if c.suggestions++; c.suggestions > maxSuggestions {
		return "", false
	}
	return ctx.Nearest(name)
}

func (c *checker) block(body []*syntax.Statement, ctx *schema.Context) {
	own := len(c.seen)
	seen, from := &c.seen, own
	if ctx.Path == kw.GlobalDefs {
		seen, from = &c.global, 0 // several blocks of it are read as one
	}
	for i, s := range body {
		c.before = nil
		if i > 0 {
			c.before = body[i-1]
		}
		c.statement(s, ctx)
		c.repeated(seen, from, s, ctx)
	}
	c.seen = c.seen[:own]
}

func (c *checker) statement(s *syntax.Statement, ctx *schema.Context) {
	s.Keyword, s.Dropped = nil, false
	k := ctx.Keyword(s.Head.Text)
	if k == nil || !k.IsWord() {
		s.Dropped = true
		c.unknown(s, ctx)
		return
	}
	s.Keyword = k
	if k.Deprecated {
		c.deprecated(s.Head, k)
	}
	c.arguments(s, k, ctx)
	switch {
	case k.Kind.HasBlock() && s.Block == nil:
		c.missingBlock(s, k)
	case !k.Kind.HasBlock() && s.Block != nil:
		c.strayBlock(s, k)
	case k.Kind == schema.ListBlock:
		c.lines(s, k)
	case k.Kind == schema.WordBlock:
		c.words(s, k)
	case c.apart && k.Context == "" && k.Name != kw.GlobalDefs && s.Block != nil:
		c.members.look(s)
		c.aside = append(c.aside, s)
	case s.Block != nil:
		c.members.look(s)
		c.block(s.Block.Body, schema.At(k.Inner()))
	}
}

// reported says that the front end has a finding of its own about the line, which explains whatever is
// found here: an invisible character in the word, or a quote that is never closed.
func reported(s *syntax.Statement, w syntax.Word) bool {
	return w.Misread() || strings.Count(s.Raw, `"`)%2 == 1
}

// unknown reports a word that is no keyword of its block: a dead word, a keyword of another block, or
// none at all. What stands in its block is not looked at.
func (c *checker) unknown(s *syntax.Statement, ctx *schema.Context) {
	name := s.Head.Text
	if reported(s, s.Head) || c.members.bare[s] {
		return
	}
	if schema.IsDirective(name) {
		// An include that is not followed is the text level's to report; without a pattern it is none.
		if len(s.Args) == 0 {
			c.bareInclude(s)
		}
		return
	}
	if d, ok := schema.Dead(ctx.Path, name); ok {
		c.dead(s, d)
		return
	}
	if blocks := schema.BlocksWith(name); len(blocks) > 0 {
		d := diag.Diagnostic{
			Rule: ruleMisplaced, Severity: diag.Error, Span: s.Head.Span,
			Message: fmt.Sprintf("%q belongs %s, not %s", name, blockNames(blocks), in(ctx.Path)),
			Help:    fmt.Sprintf("move %q to where it belongs; keepalived reads over it here", name),
		}
		if b := c.before; b != nil && b.Block != nil && b.Keyword != nil && b.Block.Close.IsValid() && schema.Lookup(b.Keyword.Inner(), name) != nil {
			d.Related = []diag.Note{{Message: "it would belong into this block, which ends here", Span: b.Block.Close}}
			d.Help = fmt.Sprintf("move the \"}\" behind %q; keepalived reads over it here", name)
		}
		c.list = append(c.list, d)
		return
	}
	if c.unknowns++; c.unknowns > maxPerRule {
		// Only counted: the text of a finding that nobody sees is not made.
		c.list = append(c.list, diag.Diagnostic{Rule: ruleUnknown, Severity: diag.Error, Span: s.Head.Span})
		return
	}
	d := diag.Diagnostic{
		Rule: ruleUnknown, Severity: diag.Error, Span: s.Head.Span,
		Message: fmt.Sprintf("unknown keyword %q %s", shortened(name), in(ctx.Path)),
		Help:    "remove the line; keepalived reads over it",
	}
	if s.Block != nil {
		d.Help = "remove the block; keepalived reads its contents as part of the surrounding block"
	}
	if near, ok := c.nearest(ctx, name); ok {
		d.Help = fmt.Sprintf("did you mean %q?", near)
		d.Fixes = []diag.Fix{replace(diag.Intent, s.Head.Span, near)}
	}
	c.list = append(c.list, d)
}

// bareInclude reports an include without a file name, which keepalived takes for an unknown keyword.
func (c *checker) bareInclude(s *syntax.Statement) {
	c.list = append(c.list, diag.Diagnostic{
		Rule: ruleMissing, Severity: diag.Error, Span: s.Head.Span,
		Message: fmt.Sprintf("%q needs a file name or a pattern", s.Head.Text),
		Help:    fmt.Sprintf("write \"%s FILE\" on one line, or remove it", s.Head.Text),
	})
}

// dead reports a word that tutorials teach and keepalived does not read.
func (c *checker) dead(s *syntax.Statement, d schema.DeadWord) {
	f := diag.Diagnostic{
		Rule: ruleDead, Severity: diag.Warning, Span: s.Head.Span,
		Message: fmt.Sprintf("%q has no effect %s; %s", d.Name, in(d.Context), d.Instead),
		Related: []diag.Note{{Message: d.History}},
	}
	if d.Replacement == "" {
		f.Help = "remove the line"
		f.Fixes = []diag.Fix{removeLine(s)}
	} else {
		f.Help = fmt.Sprintf("write %q", strings.Join(append([]string{d.Replacement}, texts(s.Args)...), " "))
		f.Fixes = []diag.Fix{replace(diag.Intent, s.Head.Span, d.Replacement)}
	}
	c.list = append(c.list, f)
}

// deprecated reports a word that keepalived still reads and asks to replace.
func (c *checker) deprecated(w syntax.Word, k *schema.Keyword) {
	d := diag.Diagnostic{
		Rule: ruleDeprecated, Severity: diag.Warning, Span: w.Span,
		Message: fmt.Sprintf("%q is deprecated", k.Name),
		Help:    "remove it",
	}
	switch {
	case k.AliasOf != "":
		d.Help = fmt.Sprintf("write %q", k.AliasOf)
		if k.Name != kw.Or {
			d.Fixes = []diag.Fix{replace(diag.SameMeaning, w.Span, k.AliasOf)}
		}
	case strings.HasPrefix(k.Instead, "deprecated"):
		d.Message += "; the family comes from the addresses"
	case k.Instead == "obsolete":
		d.Message = fmt.Sprintf("%q has no effect in any release of today", k.Name)
	default:
		d.Help = "use " + k.Instead
	}
	c.list = append(c.list, d)
}

// missingBlock reports a block keyword without braces. keepalived enters the block all the same and
// takes the lines that follow as its contents.
func (c *checker) missingBlock(s *syntax.Statement, k *schema.Keyword) {
	if s.Dropped || reported(s, s.Head) {
		return
	}
	s.Dropped = true
	c.list = append(c.list, diag.Diagnostic{
		Rule: ruleMissing, Severity: diag.Error, Span: s.Span,
		Message: fmt.Sprintf("%q needs a block in braces", k.Name),
		Help:    fmt.Sprintf("write \"%s { }\", even when there is nothing to put in", s.Head.Text),
	})
}

// strayBlock reports braces behind a keyword that takes none; what stands in them is not looked at.
func (c *checker) strayBlock(s *syntax.Statement, k *schema.Keyword) {
	c.list = append(c.list, diag.Diagnostic{
		Rule: ruleBrace, Severity: diag.Error, Span: s.Block.Open,
		Message: fmt.Sprintf("%q takes no block", k.Name),
		Help:    "remove the braces; keepalived reads what is between them as part of the surrounding block",
	})
}

// in names a block for messages: "in real_server", "at the top level".
func in(path string) string {
	if path == "" {
		return "at the top level"
	}
	return "in " + blockName(path)
}

func blockName(path string) string {
	return path[strings.LastIndexByte(path, '/')+1:]
}

// blockNames lists up to three blocks by name, each once: "in vrrp_instance", "at the top level".
func blockNames(paths []string) string {
	var names []string
	seen := map[string]bool{}
	for _, p := range paths {
		n := in(p)
		if len(names) > 0 && p != "" {
			n = blockName(p)
		}
		if !seen[blockName(p)] {
			seen[blockName(p)] = true
			names = append(names, n)
		}
	}
	const most = 3
	if len(names) > most {
		return fmt.Sprintf("%s and %d more blocks", strings.Join(names[:most], ", "), len(names)-most)
	}
	if len(names) == 1 {
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

func replace(kind diag.FixKind, at source.Span, text string) diag.Fix {
	return diag.Fix{
		Kind: kind, Title: fmt.Sprintf("write %q", text),
		Edits: []diag.Edit{{Span: at, New: text}},
	}
}

// removeLine deletes the words of a statement, and the whole line where nothing else stands on it.
func removeLine(s *syntax.Statement) diag.Fix {
	span := s.Span
	data := span.File.Data
	start, end := span.Start, span.End
	for start > 0 && (data[start-1] == ' ' || data[start-1] == '\t') {
		start--
	}
	for end < len(data) && (data[end] == ' ' || data[end] == '\t' || data[end] == '\r') {
		end++
	}
	if (start == 0 || data[start-1] == '\n') && (end == len(data) || data[end] == '\n') {
		span.Start, span.End = start, min(end+1, len(data))
	}
	return diag.Fix{
		Kind: diag.Intent, Title: "remove the line",
		Edits: []diag.Edit{{Span: span}},
	}
}

func texts(words []syntax.Word) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.Text
	}
	return out
}
