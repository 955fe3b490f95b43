package compiler

import (
	"fmt"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/schema/kw"
	"ka/lang/source"
	"ka/lang/syntax"
)

// trackers reads the track_script blocks. A script must stand further up in the text than the instance.
func (in *instance) trackers() {
	in.eachTracker(kw.TrackScript, func(entry *syntax.Statement, ctx *schema.Context) {
		n := entry.Head.Text
		sc := in.scripts[n]
		switch {
		case sc == nil:
			in.undefined(entry)
			return
		case sc.unusable:
			in.leaveOut(entry, fmt.Sprintf("%s %q has no command", kw.VRRPScript, n))
			return
		}
		weight, reverse := in.weigh(entry, ctx, sc.plan.Weight, sc.plan.Reverse)
		if !in.weightCounts(entry, kw.TrackScript, &weight) {
			return
		}
		sc.tracked = true
		in.out.TrackScripts = append(in.out.TrackScripts, plan.TrackScript{
			Origin: in.origin(entry), Script: n, Weight: weight, Reverse: reverse,
		})
	})
}

// eachTracker hands each line of the blocks of a keyword to use; a name is taken once.
func (in *instance) eachTracker(keyword string, use func(*syntax.Statement, *schema.Context)) {
	seen := map[string]bool{}
	for _, block := range check.FindAll(in.body, keyword) {
		ctx := schema.At(block.Keyword.Inner())
		for _, entry := range block.Children() {
			switch n := entry.Head.Text; {
			case entry.Dropped:
				in.leaveOut(entry, in.reason(entry))
			case seen[n]:
				in.listedTwice(entry, n)
			default:
				seen[n] = true
				use(entry, ctx)
			}
		}
	}
}

// weigh reads the words behind a name: the definition's own weight and direction hold unless the line
// gives others. Of a weight out of range only 254 and -254 count, as 253 and -253.
func (in *instance) weigh(entry *syntax.Statement, ctx *schema.Context, weight int, reverse bool) (int, bool) {
	for _, tok := range check.Line(entry, ctx) {
		switch {
		case tok.Is(kw.Weight):
			n, _ := schema.ParseInt(tok.Arg())
			switch {
			case tok.Problem == nil:
				weight = int(n)
			case n == 254, n == -254:
				weight = int(n / 254 * 253)
			}
		case tok.Problem != nil:
		case tok.Is(kw.Reverse):
			reverse = true
		case tok.Is(kw.Noreverse):
			reverse = false
		}
	}
	return weight, reverse
}

// unquoted is the place of a word between its quotes.
func unquoted(w syntax.Word) source.Span {
	span := w.Span
	if w.Quoted && span.End-span.Start == len(w.Text)+2 {
		span.Start++
		span.End--
	}
	return span
}

// scriptNames are the scripts defined so far, in their order.
func (c *compilation) scriptNames() []string {
	names := make([]string, len(c.order))
	for i, s := range c.order {
		names[i] = s.plan.Name
	}
	return names
}

// listedTwice reports an entry that its list has already; keepalived drops it.
func (c *compilation) listedTwice(entry *syntax.Statement, what string) {
	d := diag.Diagnostic{
		Rule: ruleDuplicateName, Severity: diag.Error, Span: entry.Head.Span,
		Message: fmt.Sprintf("%q is listed a second time; keepalived drops this entry", what),
		Help:    "remove the line",
	}
	c.report(d)
	c.leaveOut(entry, d.Message+" ["+d.Rule+"]")
}
