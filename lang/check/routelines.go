package check

import (
	"fmt"
	"strings"

	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// Lines of routes and rules have words with a grammar of their own, and keepalived leaves out most of them
// as a whole when one word is wrong (diagnostics D186 to D219).

// isRouteOrRule reports whether the lines of a list are routes or rules.
func isRouteOrRule(list string) bool { return isRoutes(list) || isRules(list) }

func isRoutes(list string) bool { return list == kw.StaticRoutes || list == kw.VirtualRoutes }

func isRules(list string) bool { return list == kw.StaticRules || list == kw.VirtualRules }

// ordinalName reports whether the lines of a list are values in a fixed order.
func ordinalName(list string) bool { return list == kw.InterfaceUpDownDelays }

// swallows reports whether keepalived reads over the word behind k: it takes the family word of a route or
// a rule for one with an argument.
func swallows(k *schema.Keyword) bool {
	return k.Kind == schema.LineToken && (k.Name == kw.Inet || k.Name == kw.Inet6)
}

// wordsBehind is the context of the words behind a nested one. Behind encap in a next hop it is the same as
// on the line.
func wordsBehind(k *schema.Keyword) *schema.Context {
	if inner := schema.At(k.Inner()); inner != nil {
		return inner
	}
	return schema.At(strings.Replace(k.Inner(), "/"+kw.Nexthop+"/", "/", 1))
}

// nested reads the words behind one that has a context of its own. Behind nexthop everything is in it;
// behind encap one type of encapsulation, and behind that as many words as belong to it.
func nested(words []syntax.Word, plain []string, k *schema.Keyword, inner *schema.Context) ([]Token, *schema.Problem) {
	var tokens []Token
	for i := 0; i < len(words); {
		all := k.Name == kw.Nexthop
		if !all && (inner.Keyword(plain[i]) == nil || k.Name == kw.Encap && len(tokens) == 1) {
			break
		}
		t, used := option(words[i:], plain[i:], inner, i)
		tokens = append(tokens, t)
		i += used
	}
	if k.Name != kw.Encap || len(tokens) > 0 {
		return tokens, nil
	}
	types := schema.Item{Type: schema.Enum}
	for _, w := range inner.Keywords() {
		types.Words = append(types.Words, w.Name)
	}
	return nil, &schema.Problem{Missing: len(words) == 0, Item: types}
}

// length is how many words the tokens are made of.
func length(tokens []Token) int {
	n := 0
	for _, t := range tokens {
		n += 1 + len(t.Args)
	}
	return n
}

// keepsLine reports whether a bad argument costs only the option, and keepalived keeps the route or rule.
func keepsLine(t Token) bool {
	switch t.Keyword.Name {
	case kw.Features, kw.TTLPropagate, kw.Mpls, kw.Ila, // of routes
		kw.Ipproto, kw.Sport, kw.Dport: // of rules
		return true
	case kw.Protocol:
		return isRuleWord(t.Keyword)
	case kw.Weight:
		return t.Arg() == "0" // ends the list of next hops
	}
	return false
}

// isRuleWord reports whether a word is one of the lines of rules.
func isRuleWord(k *schema.Keyword) bool {
	return schema.Lookup(k.Context, kw.SuppressPrefixlength) != nil
}

// lineConsequence is the note that says what keepalived makes of a wrong line; none for lists in which it
// reads over the word.
func lineConsequence(list string, dropped, ends bool) []diag.Note {
	what := map[bool]string{true: "route", false: "rule"}[isRoutes(list)]
	switch {
	case list == kw.LinkbeatInterfaces:
		return []diag.Note{{Message: "keepalived takes the first way that works"}}
	case ends && isRouteOrRule(list):
		return []diag.Note{{Message: "keepalived ends at this line with status 2"}}
	case !isRouteOrRule(list) && (!dropped || !ordinalName(list)):
		return nil
	case ordinalName(list):
		return []diag.Note{{Message: "keepalived ignores the line"}}
	case dropped:
		return []diag.Note{{Message: fmt.Sprintf("keepalived drops the %s", what)}}
	}
	return []diag.Note{{Message: fmt.Sprintf("keepalived ignores the word and keeps the %s", what)}}
}

// swallowed reports a word that keepalived reads over because it stands behind a family.
func (c *checker) swallowed(entry *syntax.Statement, list *schema.Keyword, t Token, rest []Token) {
	for _, r := range rest {
		if r.Keyword == nil || r.Problem != nil {
			entry.Dropped = true
		}
	}
	w := t.Args[0]
	if reported(entry, w) {
		return
	}
	c.list = append(c.list, diag.Diagnostic{
		Rule: ruleInvalid, Severity: diag.Error, Span: w.Span,
		Message: fmt.Sprintf("%q is read over: keepalived takes it for an argument of %q", shortened(w.Text), t.Word.Text),
		Help:    fmt.Sprintf("write %q at the end of the line, or leave it out: the family comes from the addresses", t.Word.Text),
		Related: lineConsequence(list.Name, entry.Dropped, false),
	})
}
