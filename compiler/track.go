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
	seen := map[string]bool{}
	for _, block := range check.FindAll(in.body, kw.TrackScript) {
		ctx := schema.At(block.Keyword.Inner())
		for _, entry := range block.Children() {
			if entry.Dropped {
				in.leaveOut(entry, in.reason(entry))
				continue
			}
			n := entry.Head.Text
			sc := in.scripts[n]
			switch {
			case sc == nil:
				in.undefined(entry)
				continue
			case sc.unusable:
				in.leaveOut(entry, fmt.Sprintf("%s %q has no command", kw.VRRPScript, n))
				continue
			case seen[n]:
				in.listedTwice(entry, n)
				continue
			}
			seen[n] = true
			sc.tracked = true
			in.out.TrackScripts = append(in.out.TrackScripts, in.tracker(entry, ctx, sc))
		}
	}
}

// tracker reads one line: the script's own weight and direction hold unless the line gives others.
func (in *instance) tracker(entry *syntax.Statement, ctx *schema.Context, sc *script) plan.TrackScript {
	t := plan.TrackScript{
		Origin: in.origin(entry), Script: sc.plan.Name,
		Weight: sc.plan.Weight, Reverse: sc.plan.Reverse,
	}
	for _, tok := range check.Line(entry, ctx) {
		switch {
		case tok.Problem != nil:
		case tok.Is(kw.Weight):
			n, _ := schema.ParseInt(tok.Arg())
			t.Weight = int(n)
		case tok.Is(kw.Reverse):
			t.Reverse = true
		case tok.Is(kw.Noreverse):
			t.Reverse = false
		}
	}
	return t
}

// undefined reports a script that is not defined, or not yet.
func (in *instance) undefined(entry *syntax.Statement) {
	n := entry.Head.Text
	d := diag.Diagnostic{
		Rule: ruleUndefined, Severity: diag.Error, Span: entry.Head.Span, Subject: in.subject(),
		Message: fmt.Sprintf("%s %q is not defined; keepalived tracks nothing here", kw.VRRPScript, n),
		Help:    fmt.Sprintf("define \"%s %s\" above the instance, or remove the line", kw.VRRPScript, n),
	}
	if later := in.names[n]; later != nil {
		d.Message = fmt.Sprintf("%s %q is defined further down; keepalived takes it as undefined here and tracks nothing", kw.VRRPScript, n)
		d.Help = fmt.Sprintf("move \"%s %s\" above the instance", kw.VRRPScript, n)
		d.Related = []diag.Note{{Message: "defined here", Span: later.Span}}
	} else if near, ok := schema.NearestWord(n, in.scriptNames()); ok {
		d.Help = fmt.Sprintf("did you mean %q?", near)
		d.Fixes = []diag.Fix{{
			Kind: diag.Intent, Title: fmt.Sprintf("write %q", near),
			Edits: []diag.Edit{{Span: unquoted(entry.Head), New: near}},
		}}
	}
	in.report(d)
	in.leaveOut(entry, d.Message+" ["+d.Rule+"]")
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
