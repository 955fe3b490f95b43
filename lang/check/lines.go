package check

import (
	"encoding/binary"
	"fmt"
	mathbits "math/bits"
	"slices"
	"strconv"
	"strings"

	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// Token is one option of a list block's line: a word that the table knows and the words that belong to
// it. A word that stands for a position has the row "<address>", "<prefix>" or "<name>" and is its own
// only argument; Keyword is nil for a word that the line does not know.
type Token struct {
	Word    syntax.Word
	Keyword *schema.Keyword
	Args    []syntax.Word
	// Inner are the options that belong to a word with a grammar of its own (encap, nexthop).
	Inner []Token
	// Problem is what is wrong with the arguments, nil where nothing is.
	Problem *schema.Problem
}

// Is reports whether the token is the option name, under that name or an alias.
func (t Token) Is(name string) bool {
	return t.Keyword != nil && (t.Keyword.Name == name || t.Keyword.AliasOf == name)
}

// Arg returns the first argument, "" where there is none.
func (t Token) Arg() string {
	if len(t.Args) == 0 {
		return ""
	}
	return t.Args[0].Text
}

// Line cuts an entry of a list block into its options. ctx is the context of the block's lines.
func Line(s *syntax.Statement, ctx *schema.Context) []Token {
	words := append([]syntax.Word{s.Head}, s.Args...)
	plain := texts(words)
	var tokens []Token
	for i := 0; i < len(words); {
		t, used := option(words[i:], plain[i:], ctx, i)
		tokens = append(tokens, t)
		i += used
	}
	return tokens
}

// option reads the first of words and what belongs to it, and tells how many words that are. at is the
// place of the word on its line.
func option(words []syntax.Word, plain []string, ctx *schema.Context, at int) (t Token, used int) {
	k := ctx.Keyword(plain[0])
	place := positional(ctx, plain[0], at)
	t = Token{Word: words[0], Keyword: k}
	switch {
	case place != nil && at == 0 && onlyFirst(place), place != nil && k == nil && (at > 0 && ordinal(ctx) || !onlyFirst(place)):
		t.Keyword, t.Args = place, words[:1]
		_, t.Problem = place.Spec().Match(plain[:1])
		return t, 1
	case k == nil:
		return t, 1
	}
	if swallows(k) {
		t.Args = words[1:min(2, len(words))]
		return t, 1 + len(t.Args)
	}
	if k.Nested {
		t.Inner, t.Problem = nested(words[1:], plain[1:], k, wordsBehind(k))
		used = 1 + length(t.Inner)
		if t.Problem != nil && !t.Problem.Missing {
			used = 2 // the word that is no type
		}
		t.Args = words[1:used]
		return t, used
	}
	used, p := k.Spec().Match(plain[1:])
	if p != nil && !p.Missing {
		used = max(used, p.Index+1)
	}
	used = min(used, len(words)-1)
	t.Args, t.Problem = words[1:1+used], p
	return t, 1 + used
}

// positional returns the row of the word that stands by itself on the lines of a context: where their
// order counts the one of place at, else the one that word fits, or the first.
func positional(ctx *schema.Context, word string, at int) *schema.Keyword {
	var first *schema.Keyword
	places := 0
	for _, k := range ctx.Keywords() {
		if k.IsWord() {
			continue
		}
		if first == nil {
			first = k
		}
		if ordinal(ctx) {
			if places == at {
				return k
			}
			places++
			continue
		}
		if spec := k.Spec(); len(spec) > 0 && spec[:1].Fits(word) {
			return k
		}
	}
	if places > 0 && at >= places {
		return nil
	}
	return first
}

// ordinal reports whether the lines of a context are values in a fixed order, without words of their own.
func ordinal(ctx *schema.Context) bool {
	words := ctx.Keywords()
	return len(words) > 1 && !slices.ContainsFunc(words, (*schema.Keyword).IsWord)
}

// onlyFirst reports whether the positional word must be the first of its line: in all lists but those
// of routes, where the destination may stand anywhere.
func onlyFirst(k *schema.Keyword) bool { return k.Name != "<prefix>" && k.Name != "<type>" }

// checkedLines are the list blocks whose lines are looked into; the lines of the others are accepted.
func checkedLines(name string) bool {
	switch name {
	case kw.StaticIpaddress, kw.VirtualIpaddress, kw.VirtualIpaddressExcluded,
		kw.StaticRoutes, kw.VirtualRoutes, kw.StaticRules, kw.VirtualRules, kw.UnicastPeer,
		kw.LinkbeatInterfaces, kw.InterfaceUpDownDelays,
		kw.TrackScript, kw.TrackInterface, kw.TrackFile, kw.TrackProcess, kw.TrackBFD:
		return true
	}
	return false
}

func isTracker(name string) bool {
	switch name {
	case kw.TrackScript, kw.TrackInterface, kw.TrackFile, kw.TrackProcess, kw.TrackBFD:
		return true
	}
	return false
}

func (c *checker) lines(s *syntax.Statement, k *schema.Keyword) {
	if !checkedLines(k.Name) {
		return
	}
	ctx := schema.At(k.Inner())
	for _, entry := range s.Block.Body {
		entry.Keyword, entry.Dropped = nil, false
		if entry.Block != nil {
			c.entryBlock(entry, k)
			continue
		}
		c.line(entry, k, ctx)
	}
}

// entryBlock reports braces in a list block: in keepalived the first closing brace ends the list.
func (c *checker) entryBlock(entry *syntax.Statement, k *schema.Keyword) {
	entry.Dropped = true
	if reported(entry, entry.Head) {
		return
	}
	c.list = append(c.list, diag.Diagnostic{
		Rule: ruleBrace, Severity: diag.Error, Span: entry.Block.Open,
		Message: fmt.Sprintf("%q holds one entry a line and no blocks", k.Name),
		Help:    fmt.Sprintf("close %q before %q", k.Name, entry.Head.Text),
	})
}

// line checks one entry. Its first problem is reported; keepalived leaves out the whole entry for most.
func (c *checker) line(entry *syntax.Statement, list *schema.Keyword, ctx *schema.Context) {
	if reported(entry, entry.Head) {
		entry.Dropped = true
		return
	}
	c.options(entry, list, ctx, Line(entry, ctx))
}

// options checks the options of an entry and reports whether one was wrong.
func (c *checker) options(entry *syntax.Statement, list *schema.Keyword, ctx *schema.Context, tokens []Token) bool {
	for i, t := range tokens {
		switch {
		case i == 1 && isTracker(list.Name) && t.Keyword != nil && !t.Is(kw.Weight):
			c.noWeight(entry, t)
			return true
		case t.Keyword == nil, i > 1 && isTracker(list.Name) && t.Is(kw.Weight):
			c.unknownOption(entry, list, ctx, t) // a second weight is as good as no word of these lines
			return true
		case swallows(t.Keyword) && len(t.Args) > 0:
			c.swallowed(entry, list, t, tokens[i+1:])
			return true
		case t.Problem != nil && t.Problem.Missing:
			c.missingInLine(entry, list, t)
			return true
		case t.Problem != nil:
			c.badOption(entry, list, tokens, i)
			return true
		case t.Keyword.Nested && c.options(entry, list, wordsBehind(t.Keyword), t.Inner):
			return true
		case t.Keyword.Deprecated:
			c.deprecated(t.Word, t.Keyword)
		}
	}
	return false
}

// missingInLine reports a word of a line that ends too early.
func (c *checker) missingInLine(entry *syntax.Statement, list *schema.Keyword, t Token) {
	entry.Dropped = list.Name != kw.UnicastPeer // keepalived keeps a peer, without the word
	if anyReported(entry) {
		return
	}
	d := diag.Diagnostic{
		Rule: ruleMissing, Severity: diag.Error, Span: t.Word.Span,
		Message: fmt.Sprintf("%q needs %s", t.Word.Text, t.Problem.Want()),
		Help:    fmt.Sprintf("write %s behind %q", t.Problem.Want(), t.Word.Text),
	}
	if isRouteOrRule(list.Name) {
		entry.Dropped = t.Keyword.Name != kw.Encap
		d.Related = lineConsequence(list.Name, entry.Dropped, t.Keyword.Name != kw.Encap)
	}
	c.list = append(c.list, d)
}

// noWeight reports a tracker whose second word is another one than the weight; keepalived drops the line.
func (c *checker) noWeight(entry *syntax.Statement, t Token) {
	entry.Dropped = true
	c.list = append(c.list, diag.Diagnostic{
		Rule: ruleInvalid, Severity: diag.Error, Span: t.Word.Span,
		Message: fmt.Sprintf("%q must stand behind a weight; keepalived drops the line", t.Word.Text),
		Help:    fmt.Sprintf("write \"%s %s 0 %s\"", entry.Head.Text, kw.Weight, t.Word.Text),
	})
}

// unknownOption reports a word that the lines of the list do not know. keepalived reads over it on
// lines of addresses and scripts, and leaves out the route.
func (c *checker) unknownOption(entry *syntax.Statement, list *schema.Keyword, ctx *schema.Context, t Token) {
	if reported(entry, t.Word) {
		entry.Dropped = true
		return
	}
	if isTracker(list.Name) {
		entry.Dropped = len(entry.Args) > 0 && entry.Args[0].Text != kw.Weight ||
			list.Name == kw.TrackFile || list.Name == kw.TrackBFD
	}
	if isRouteOrRule(list.Name) || list.Name == kw.InterfaceUpDownDelays {
		entry.Dropped = true
	}
	d := diag.Diagnostic{
		Rule: ruleInvalid, Severity: diag.Error, Span: t.Word.Span,
		Message: fmt.Sprintf("unknown word %q on a line of %s", shortened(t.Word.Text), list.Name),
		Help:    "remove it; write one entry a line",
		Related: lineConsequence(list.Name, entry.Dropped, false),
	}
	if _, ok := schema.ParseAddressLen(t.Word.Text); ok {
		d.Help = "write one address a line; keepalived reads over the second"
	} else if near, ok := c.nearest(ctx, t.Word.Text); ok {
		d.Help = fmt.Sprintf("did you mean %q?", near)
		d.Fixes = []diag.Fix{replace(diag.Intent, t.Word.Span, near)}
	}
	c.list = append(c.list, d)
}

// badOption reports an argument of a line that does not fit.
func (c *checker) badOption(entry *syntax.Statement, list *schema.Keyword, tokens []Token, i int) {
	t := tokens[i]
	w := t.Word
	if t.Keyword.IsWord() && t.Problem.Index < len(t.Args) {
		w = t.Args[t.Problem.Index]
	}
	entry.Dropped = !keptLine(list, t)
	if reported(entry, w) {
		entry.Dropped = true
		return
	}
	d := diag.Diagnostic{
		Rule: ruleInvalid, Severity: diag.Error, Span: w.Span,
		Message: fmt.Sprintf("%q is not valid for %q: it takes %s", shown(t.Keyword, w.Text), t.Word.Text, t.Problem.Want()),
		Help:    "write " + t.Problem.Want(),
		Related: lineConsequence(list.Name, entry.Dropped, false),
	}
	if ordinalName(list.Name) {
		d.Message = fmt.Sprintf("%q is not valid on a line of %q: here stands %s", shortened(w.Text), list.Name, t.Problem.Want())
	} else if !t.Keyword.IsWord() {
		d.Message = fmt.Sprintf("%q is not %s", shortened(w.Text), article(t))
		d.Help = "write " + article(t)
		if addr, _, _ := strings.Cut(w.Text, "/"); !entry.Dropped {
			a, _ := schema.ParseAddress(addr)
			d.Message = fmt.Sprintf("the prefix length of %q is outside 0..%d", w.Text, a.BitLen())
			d.Help = lengthHelp(w.Text, a.BitLen())
			d.Related = []diag.Note{{Message: fmt.Sprintf("keepalived uses %d in its place", a.BitLen())}}
		}
	}
	if isTracker(list.Name) && t.Is(kw.Weight) {
		d.Related = []diag.Note{{Message: "keepalived uses " + weightInstead(list.Name, w.Text) + " in its place"}}
	}
	near, ok := schema.NearestWord(w.Text, enumWords(t.Problem.Item))
	if isRouteOrRule(list.Name) && !t.Keyword.IsWord() && entry.Dropped {
		near, ok = c.nearest(schema.At(list.Inner()), w.Text)
	}
	if isRoutes(list.Name) && t.Is(kw.Weight) {
		d.Related = []diag.Note{{Message: "keepalived leaves out this next hop and those behind it"}}
	}
	if ok && (t.Keyword.IsWord() || isRouteOrRule(list.Name)) {
		d.Help = fmt.Sprintf("did you mean %q?", near)
		d.Fixes = []diag.Fix{replace(diag.Intent, w.Span, near)}
	}
	c.list = append(c.list, d)
}

// weightInstead is what keepalived uses for a weight that is out of range.
func weightInstead(list, word string) string {
	switch n, _ := schema.ParseInt(word); {
	case n == 254, n == -254:
		return strconv.FormatInt(n/254*253, 10)
	case list == kw.TrackInterface:
		return "0: a fault"
	}
	return "the weight of the definition"
}

func article(t Token) string {
	if t.Keyword.Name == "<prefix>" {
		return "a destination or an option of a route"
	}
	return t.Problem.Want()
}

// keptLine says that keepalived keeps the entry although one of its words is wrong: a prefix length
// becomes the full one, a scope is left out, a weight becomes the script's own.
func keptLine(list *schema.Keyword, t Token) bool {
	switch {
	case isTracker(list.Name):
		return t.Is(kw.Weight)
	case list.Name == kw.UnicastPeer:
		return t.Keyword.IsWord()
	case isRouteOrRule(list.Name) && t.Keyword.IsWord():
		return t.Problem.Kept || keepsLine(t)
	case ordinalName(list.Name):
		return false
	case t.Is(kw.Scope), t.Is(kw.PreferredLft), t.Is(kw.Peer):
		return true
	}
	addr, _, cut := strings.Cut(t.Word.Text, "/")
	_, ok := schema.ParseAddress(addr)
	return !t.Keyword.IsWord() && cut && ok
}

// words checks the entries of a block in which every word counts.
func (c *checker) words(s *syntax.Statement, k *schema.Keyword) {
	if len(s.Block.Body) == 0 && k.Name == kw.NotificationEmail { // of other lists the compiler knows what follows
		s.Dropped = true
		c.list = append(c.list, diag.Diagnostic{
			Rule: ruleMissing, Severity: diag.Warning, Span: s.Head.Span,
			Message: fmt.Sprintf("%q holds nothing; keepalived ignores it", k.Name),
			Help:    "write an entry into it, or remove it",
		})
	}
	for _, entry := range s.Block.Body {
		entry.Keyword, entry.Dropped = nil, false
		if entry.Block != nil {
			c.entryBlock(entry, k)
		}
	}
}

// lengthHelp says what to write in place of a prefix length that is none: for a netmask its length.
func lengthHelp(word string, bits int) string {
	addr, length, _ := strings.Cut(word, "/")
	if mask, ok := schema.ParseAddress(length); ok && mask.Is4() && bits == 32 {
		four := mask.As4()
		host := ^binary.BigEndian.Uint32(four[:])
		if host&(host+1) == 0 {
			return fmt.Sprintf("write \"%s/%d\"", addr, 32-mathbits.Len32(host))
		}
	}
	return "write a prefix length from 0 to " + strconv.Itoa(bits)
}
