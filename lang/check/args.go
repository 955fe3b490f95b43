package check

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/source"
	"ka/lang/syntax"
)

// arguments holds the words behind a keyword against its grammar and drops the statement where
// keepalived would not act on it.
func (c *checker) arguments(s *syntax.Statement, k *schema.Keyword, ctx *schema.Context) {
	if judgedByCompiler(k.Name) && len(s.Args) > 0 {
		if k.Name == kw.AuthPass {
			c.surplus(s, k, 1, ctx) // the compiler reports a password that is cut
		}
		return // keepalived judges the words one by one
	}
	var buffer [8]string
	words := buffer[:0]
	for _, w := range s.Args {
		words = append(words, w.Text)
	}
	spec := k.Spec()
	switch {
	case k.Kind == schema.WordBlock:
		spec = nil // the words are in the block
	case k.Kind == schema.ListBlock && len(spec) > 0 && spec[len(spec)-1].Type == schema.Entry:
		spec = spec[:len(spec)-1]
	}
	used, p := spec.Match(words)
	switch {
	case p == nil && k.OnZero != "" && len(words) > 0 && isZero(words[0]):
		c.zero(s, k)
	case p == nil:
		c.surplus(s, k, used, ctx)
	case p.Missing:
		c.missing(s, k, p)
	default:
		c.invalid(s, k, p, s.Args[p.Index])
	}
}

// judgedByCompiler names the keywords whose words do not stand or fall together: a password is cut, and
// of the words behind the others keepalived ignores those that are wrong.
func judgedByCompiler(name string) bool {
	switch name {
	case kw.AuthPass, kw.UseVMAC, kw.UseIpvlan, kw.GARPExtraIf, kw.VMACGARPIntvl:
		return true
	}
	return false
}

// missing reports a keyword that ends too early; keepalived ignores it, or stops there.
func (c *checker) missing(s *syntax.Statement, k *schema.Keyword, p *schema.Problem) {
	s.Dropped = k.OnInvalid != schema.InvalidSkipped || p.Index < 2 // some options are complete
	if reported(s, s.Head) || anyReported(s) {
		return
	}
	d := diag.Diagnostic{
		Rule: ruleMissing, Severity: diag.Error, Span: s.Span,
		Message: fmt.Sprintf("%q needs %s", k.Name, p.Want()),
		Help:    fmt.Sprintf("write %s behind %q", p.Want(), lastWord(s).Text),
	}
	switch {
	case len(s.Args) > 0:
		// What the table says of a bare keyword does not hold.
	case k.NoArgument == schema.BareExit:
		d.Help += "; keepalived ends at this line with status 2"
	case k.NoArgument == schema.BareCrash:
		d.Help += "; keepalived crashes at this line"
	case k.Kind == schema.NamedBlock:
		d.Help += "; keepalived skips the whole block"
	}
	c.list = append(c.list, d)
}

// invalid reports a word that does not fit. The statement is dropped unless keepalived uses the word.
func (c *checker) invalid(s *syntax.Statement, k *schema.Keyword, p *schema.Problem, w syntax.Word) {
	s.Dropped = !p.Kept && !skipped(k, p)
	if reported(s, w) {
		return
	}
	c.list = append(c.list, invalidWord(k, p, w))
}

// skipped says that keepalived reads over a word that does not fit, and uses the rest of the line: an
// option. Without its interface the line is nothing.
func skipped(k *schema.Keyword, p *schema.Problem) bool {
	return k.OnInvalid == schema.InvalidSkipped && (p.Index > 0 || k.Spec()[0].Choice != nil && p.Item.Type != schema.Interface)
}

// invalidWord makes the finding about one word that does not fit.
func invalidWord(k *schema.Keyword, p *schema.Problem, w syntax.Word) diag.Diagnostic {
	d := diag.Diagnostic{
		Rule: ruleInvalid, Severity: diag.Error, Span: w.Span,
		Message: fmt.Sprintf("%q is not valid for %q: it takes %s", shown(k, w.Text), k.Name, p.Want()),
		Help:    "write " + p.Want(),
	}
	if p.Kept {
		d.Message = fmt.Sprintf("%q has too many decimals for %q: it takes %s; keepalived rounds it", shown(k, w.Text), k.Name, p.Want())
	}
	if k.Secret {
		d.Message = fmt.Sprintf("the value of %q is not valid: it takes %s", k.Name, p.Want())
	}
	if near, ok := schema.NearestWord(w.Text, enumWords(p.Item)); ok {
		d.Help = fmt.Sprintf("did you mean %q?", near)
		d.Fixes = []diag.Fix{replace(diag.Intent, wordSpan(w), near)}
	}
	if note := consequence(k, p, w); note != "" {
		d.Related = []diag.Note{{Message: note}}
	}
	return d
}

// consequence says what keepalived does about a word that does not fit; "" where it ignores the line.
func consequence(k *schema.Keyword, p *schema.Problem, w syntax.Word) string {
	used := k.OnInvalid
	switch {
	case p.Kept, used == "", used == schema.InvalidKept:
		return ""
	case used == schema.InvalidSkipped && !skipped(k, p):
		return ""
	case used == schema.InvalidSkipped:
		return "keepalived reads over it and uses the rest of the line"
	case used == schema.InvalidClamped:
		v, ok := clamped(k.Spec(), w.Text)
		if !ok {
			return ""
		}
		used = v
	case used == schema.InvalidCut:
		used = strconv.Quote(w.Text[:min(len(w.Text), p.Item.MaxLen)])
	}
	return fmt.Sprintf("keepalived uses %s in its place", used)
}

// zero reports a 0 that keepalived replaces.
func (c *checker) zero(s *syntax.Statement, k *schema.Keyword) {
	s.Dropped = true
	c.list = append(c.list, diag.Diagnostic{
		Rule: ruleInvalid, Severity: diag.Error, Span: s.Args[0].Span,
		Message: fmt.Sprintf("%q is not valid for %q: keepalived replaces it by %s", s.Args[0].Text, k.Name, k.OnZero),
		Help:    fmt.Sprintf("write %s, or a larger number", k.OnZero),
	})
}

// anyReported says that some word of the line holds a character that the front end reports.
func anyReported(s *syntax.Statement) bool {
	for _, w := range s.Args {
		if reported(s, w) {
			return true
		}
	}
	return false
}

func lastWord(s *syntax.Statement) syntax.Word {
	if n := len(s.Args); n > 0 {
		return s.Args[n-1]
	}
	return s.Head
}

// shown is a word as messages may show it.
func shown(k *schema.Keyword, text string) string {
	if k.Secret {
		return "***"
	}
	return shortened(text)
}

// shortened cuts a long word for a message, between two characters.
func shortened(text string) string {
	const longest = 60
	if len(text) <= longest {
		return text
	}
	end := longest
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// enumWords are the words that a typo may be compared with.
func enumWords(it schema.Item) []string {
	if it.Type == schema.Bool {
		return []string{"on", "off", "true", "false", "yes", "no"}
	}
	words := it.Words
	for _, alt := range it.Choice {
		for i := range alt[:min(1, len(alt))] {
			words = append(words[:len(words):len(words)], alt[i].Words...)
		}
	}
	return words
}

func isZero(word string) bool { return strings.Trim(word, "+0.") == "" && strings.Contains(word, "0") }

// wordSpan is the place of a word without its quotes, so that a replacement keeps them.
func wordSpan(w syntax.Word) source.Span {
	span := w.Span
	if w.Quoted && span.End-span.Start == len(w.Text)+2 {
		span.Start++
		span.End--
	}
	return span
}
