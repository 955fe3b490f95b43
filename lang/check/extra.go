package check

import (
	"fmt"
	"strings"

	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// surplus reports words behind a complete keyword: keepalived reads over them (reference language 15).
// used is how many words belong to the keyword.
func (c *checker) surplus(s *syntax.Statement, k *schema.Keyword, used int, ctx *schema.Context) {
	if k.OneWord && len(s.Args) > 1 {
		c.oneWord(s, k)
		return
	}
	if used >= len(s.Args) || takesCommand(k) || anyReported(s) {
		c.separator(s, k)
		return
	}
	w := s.Args[used]
	d := diag.Diagnostic{
		Rule: ruleExtra, Severity: diag.Warning, Span: w.Span,
		Message: fmt.Sprintf("%s behind %q has no effect: keepalived reads over it", surplusWord(s, used, k), lastOf(s, used)),
		Help:    fmt.Sprintf("remove %s", surplusWord(s, used, k)),
	}
	next := ctx.Keyword(w.Text)
	switch {
	case next != nil && next.IsWord():
		d.Message = fmt.Sprintf("two settings on one line: keepalived reads over %q and what is behind it", w.Text)
		d.Help = fmt.Sprintf("write %q on a line of its own", w.Text)
	case k.Kind == schema.Flag && used == 0 && k.Args == "":
		d.Rule = ruleFlagValue
		d.Message = fmt.Sprintf("%q takes no value", s.Head.Text)
		d.Help = fmt.Sprintf("write %q alone", s.Head.Text)
		if on, ok := schema.ParseBool(w.Text); ok && !on {
			d.Message = fmt.Sprintf("%q takes no value: %q behind it switches it on", s.Head.Text, w.Text)
			d.Help = "remove the line to leave it off"
			d.Fixes = []diag.Fix{removeLine(s)}
		}
	case used == 1 && s.Args[0].Text == "=":
		d.Span = s.Args[0].Span
		d.Message = fmt.Sprintf("keepalived takes the \"=\" for the value of %q, and reads over what is behind it", s.Head.Text)
		d.Help = "write the value without \"=\""
		d.Fixes = []diag.Fix{replace(diag.Intent, s.Args[0].Span, "")}
	case k.Secret:
		d.Help = "put a password with blanks in double quotes"
	}
	c.list = append(c.list, d)
}

// surplusWord names the first word too many, where it may be shown.
func surplusWord(s *syntax.Statement, used int, k *schema.Keyword) string {
	if k.Secret {
		return "the second word"
	}
	return `"` + shortened(s.Args[used].Text) + `"`
}

// lastOf is the last word that counts, for a message; never a secret.
func lastOf(s *syntax.Statement, used int) string {
	if used == 0 || s.Keyword.Secret {
		return s.Head.Text
	}
	return shortened(s.Args[used-1].Text)
}

// takesCommand reports whether the words are split like a shell's, or given to a program: what is too
// many there has a rule of its own.
func takesCommand(k *schema.Keyword) bool {
	spec := k.Spec()
	return len(spec) > 0 && (spec[0].Type == schema.Command || spec[0].Kind == "regex")
}

// separator reports a semicolon that other languages end a line with, where it becomes part of a word.
func (c *checker) separator(s *syntax.Statement, k *schema.Keyword) {
	if len(s.Args) == 0 {
		return
	}
	w := &s.Args[len(s.Args)-1]
	if w.Quoted || len(w.Text) < 2 || !strings.HasSuffix(w.Text, ";") || k.Secret || takesCommand(k) || anyReported(s) {
		return
	}
	c.list = append(c.list, diag.Diagnostic{
		Rule: ruleExtra, Severity: diag.Warning, Span: w.Span,
		Message: fmt.Sprintf("the semicolon becomes part of the value %q", shortened(w.Text)),
		Help:    fmt.Sprintf("write %q", shortened(strings.TrimRight(w.Text, ";"))),
		Fixes:   []diag.Fix{replace(diag.Intent, w.Span, strings.TrimRight(w.Text, ";"))},
	})
}

// oneWord reports further words behind a keyword that keepalived then does not act on.
func (c *checker) oneWord(s *syntax.Statement, k *schema.Keyword) {
	s.Dropped = true
	if anyReported(s) {
		return
	}
	d := diag.Diagnostic{
		Rule: ruleInvalid, Severity: diag.Error, Span: s.Args[1].Span,
		Message: fmt.Sprintf("%q takes one word, %q is too many; keepalived ignores the line", k.Name, s.Args[1].Text),
		Help:    "write one word; put one with blanks in double quotes",
	}
	if k.Kind.HasBlock() {
		d.Message = fmt.Sprintf("%q takes one name, %q is a word too many; keepalived skips the whole block", k.Name, s.Args[1].Text)
		if k.NoArgument == schema.BareExit {
			d.Message = fmt.Sprintf("%q takes one name, %q is a word too many; keepalived ends at this line with status 2", k.Name, s.Args[1].Text)
		}
		d.Help = fmt.Sprintf("write the name in double quotes: %s \"%s\"", k.Name, strings.Join(texts(s.Args), " "))
	}
	c.list = append(c.list, d)
}

// single is a keyword that was seen, and where.
type single struct {
	keyword *schema.Keyword
	first   *syntax.Statement
}

// repeated notes a statement of a block, whose keywords are seen[from:], and reports a second one of a keyword
// that holds one value.
func (c *checker) repeated(seen *[]single, from int, s *syntax.Statement, ctx *schema.Context) {
	k := s.Keyword
	if k == nil || s.Dropped || k.Repeatable {
		return
	}
	if k.AliasOf != "" {
		if other := ctx.Keyword(k.AliasOf); other != nil {
			k = other
		}
	}
	switch k.Repeat {
	case schema.RepeatLast, schema.RepeatLastNoted, schema.RepeatFirstNoted, schema.RepeatReplace, schema.RepeatLost:
	default:
		return
	}
	for i := from; i < len(*seen); i++ {
		x := &(*seen)[i]
		if x.keyword != k {
			continue
		}
		switch same := sameWords(x.first, s); {
		case !same, k.Repeat == schema.RepeatFirstNoted && k.Name != kw.IPFamily && k.Name != kw.Version:
			c.twice(x.first, s, k, ctx)
		case k.Repeat == schema.RepeatLastNoted:
			c.again(x.first, s)
		}
		if k.Repeat != schema.RepeatFirstNoted {
			x.first = s
		}
		return
	}
	*seen = append(*seen, single{k, s})
}

func sameWords(a, b *syntax.Statement) bool {
	if len(a.Args) != len(b.Args) || a.Block != nil {
		return false
	}
	for i := range a.Args {
		if a.Args[i].Text != b.Args[i].Text {
			return false
		}
	}
	return true
}

// again reports a line that says what another said before, of a keyword whose second use keepalived reports.
func (c *checker) again(first, second *syntax.Statement) {
	c.list = append(c.list, diag.Diagnostic{
		Rule: ruleDuplicate, Severity: diag.Info, Span: second.Head.Span,
		Message: fmt.Sprintf("%q is given twice, with the same value", second.Head.Text),
		Help:    "remove this line",
		Related: []diag.Note{{Message: "the first", Span: first.Span}},
	})
}

// twice reports the statement that does not count.
func (c *checker) twice(first, second *syntax.Statement, k *schema.Keyword, ctx *schema.Context) {
	d := diag.Diagnostic{
		Rule: ruleDuplicate, Severity: diag.Warning, Span: second.Head.Span,
		Message: fmt.Sprintf("%q is given twice; keepalived uses the first", second.Head.Text),
		Help:    "remove this line",
		Related: []diag.Note{{Message: "the first, which counts", Span: first.Span}},
	}
	switch k.Repeat {
	case schema.RepeatFirstNoted:
	case schema.RepeatLost:
		d.Severity = diag.Error
		d.Message = fmt.Sprintf("%q is given twice; keepalived drops the whole %s, and reads what follows in it at the top level",
			second.Head.Text, blockName(ctx.Path))
		d.Help = "write all names between the braces of the first"
		d.Related[0].Message = "the first"
	default:
		d.Message = fmt.Sprintf("%q is given twice; keepalived uses the last", second.Head.Text)
		d.Help = "remove the first"
		d.Related[0].Message = "the first, which does not count"
	}
	c.list = append(c.list, d)
}
