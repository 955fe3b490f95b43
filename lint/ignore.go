package lint

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"

	"ka/lang/diag"
	"ka/lang/source"
)

// unusedIgnoreRule names the rule that reports comments that hide nothing.
const unusedIgnoreRule = "unused-ignore"

// ignorePattern finds "# kalint:ignore RULE reason" and "! kalint:ignore RULE reason".
var ignorePattern = regexp.MustCompile(`[#!][ \t]*(kalint:ignore)\b[ \t]*([^ \t\r]*)[ \t]*([^\r]*)`)

// ignore is one comment that hides a finding.
type ignore struct {
	rule, reason string
	span         source.Span
	// line is the line of the text that it is about.
	line int
	used bool
}

// applyIgnores drops the findings that comments hide, and reports the comments that hide nothing.
func applyIgnores(list diag.List, nodes []*Node, opt Options) diag.List {
	rules := map[string]*Rule{}
	for _, r := range Rules() {
		rules[r.Name] = r
	}
	ignores := map[string][]*ignore{}
	var order []string
	for _, n := range nodes {
		if n.Tree == nil {
			continue
		}
		for _, f := range n.Tree.Files {
			if _, ok := ignores[f.Name]; ok {
				continue
			}
			ignores[f.Name] = findIgnores(f)
			order = append(order, f.Name)
		}
	}
	out := slices.DeleteFunc(list, func(d diag.Diagnostic) bool {
		if !d.Span.IsValid() {
			return false
		}
		line := d.Span.Position().Line
		hidden := false
		for _, ig := range ignores[d.Span.File.Name] {
			if ig.line == line && ig.rule == d.Rule && ig.reason != "" && rules[ig.rule] != nil && !rules[ig.rule].Structural {
				ig.used, hidden = true, true
			}
		}
		return hidden
	})
	names := nodesByFile(nodes)
	for _, name := range order {
		for _, ig := range ignores[name] {
			if ig.used || opt.Off[ig.rule] {
				continue
			}
			d := ig.complaint(rules)
			place(&d, names)
			out = append(out, d)
		}
	}
	out.Sort()
	return out
}

// complaint says why the comment hides nothing.
func (ig *ignore) complaint(rules map[string]*Rule) diag.Diagnostic {
	d := diag.Diagnostic{Rule: unusedIgnoreRule, Severity: diag.Warning, Span: ig.span}
	name := strconv.Quote(ig.rule)
	switch rule := rules[ig.rule]; {
	case ig.rule == "":
		d.Message = `"kalint:ignore" names no rule`
		d.Help = `write "kalint:ignore RULE reason"`
	case rule == nil:
		d.Message = `"kalint:ignore" names no rule: there is none called ` + name
		d.Help = `"kalint --rules" lists them`
	case rule.Structural:
		d.Message = "findings of " + name + " cannot be ignored: the file cannot be used as it is"
		d.Help = "repair the text and take the comment away"
	case ig.reason == "":
		d.Message = `"kalint:ignore ` + ig.rule + `" gives no reason, so it hides nothing`
		d.Help = "write the reason behind the rule: \"kalint:ignore " + ig.rule + " REASON\""
	default:
		d.Message = "nothing to ignore here: no finding of " + name + " on this line"
		d.Help = "take the comment away, or put it on or above the line of the finding"
	}
	return d
}

// findIgnores finds the comments of a file. A comment behind text is about its own line, one on a line
// of its own about the next line that holds text.
func findIgnores(f *source.File) []*ignore {
	if !bytes.Contains(f.Data, []byte("kalint:ignore")) {
		return nil
	}
	var out, waiting []*ignore
	for line := 1; line <= f.Lines(); line++ {
		span := f.LineSpan(line)
		text := f.Data[span.Start:span.End]
		start := bytes.TrimLeft(text, " \t")
		own := len(start) > 0 && start[0] != '#' && start[0] != '!'
		if own {
			for _, ig := range waiting {
				ig.line = line
			}
			waiting = nil
		}
		m := ignorePattern.FindSubmatchIndex(text)
		if m == nil || bytes.Count(text[:m[0]], []byte(`"`))%2 != 0 {
			continue
		}
		ig := &ignore{
			rule:   string(text[m[4]:m[5]]),
			reason: string(bytes.TrimSpace(text[m[6]:m[7]])),
			span:   source.Span{File: f, Start: span.Start + m[2], End: span.Start + max(m[3], m[5])},
			line:   line,
		}
		out = append(out, ig)
		if !own {
			waiting = append(waiting, ig)
		}
	}
	return out
}
