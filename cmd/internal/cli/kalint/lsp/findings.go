package lsp

import (
	"strings"

	"ka/cmd/internal/cli"
	"ka/lang/diag"
	"ka/lang/source"
	"ka/lint"
)

// sourceName is who the findings are from.
const sourceName = "kalint"

// deprecatedRule is the rule whose findings clients strike through.
const deprecatedRule = "deprecated-keyword"

// presenter turns findings into what a client shows.
type presenter struct {
	enc Encoding
	// uri names a file as its client does.
	uri func(name string) string
	// docURL is the page of a rule, "" where there is none.
	docURL func(rule string) string
	// rules are the linter's by name.
	rules map[string]*lint.Rule
}

func rulesByName() map[string]*lint.Rule {
	out := map[string]*lint.Rule{}
	for _, r := range lint.Rules() {
		out[r.Name] = r
	}
	return out
}

// diagnostic shows one finding. A note without a place becomes part of the message, as does the help.
func (p presenter) diagnostic(d *diag.Diagnostic) Diagnostic {
	out := Diagnostic{
		Range: p.enc.rangeOf(d.Span), Code: d.Rule, Source: sourceName, Message: d.Message,
		Severity: map[diag.Severity]DiagnosticSeverity{
			diag.Error: SeverityError, diag.Warning: SeverityWarning, diag.Info: SeverityInformation,
		}[d.Severity],
	}
	for _, n := range d.Related {
		if !n.Span.IsValid() {
			out.Message += "\nnote: " + n.Message
			continue
		}
		out.RelatedInformation = append(out.RelatedInformation, DiagnosticRelatedInformation{
			Location: p.location(n.Span), Message: n.Message,
		})
	}
	if d.Help != "" {
		out.Message += "\nhelp: " + d.Help
	}
	if d.Rule == deprecatedRule {
		out.Tags = []DiagnosticTag{TagDeprecated}
	}
	if url := p.docURL(d.Rule); url != "" {
		out.CodeDescription = &CodeDescription{Href: url}
	}
	return out
}

func (p presenter) location(s source.Span) Location {
	return Location{URI: p.uri(s.File.Name), Range: p.enc.rangeOf(s)}
}

// byFile sorts findings into the files that they are in, by cli.FileKey; what has no place is left out.
func (p presenter) byFile(list diag.List) map[string][]Diagnostic {
	out := map[string][]Diagnostic{}
	for i := range list {
		if d := &list[i]; d.Span.IsValid() {
			key := cli.FileKey(d.Span.File.Name)
			out[key] = append(out[key], p.diagnostic(d))
		}
	}
	return out
}

// The kinds of code actions.
const (
	actionQuickFix = "quickfix"
	actionFixAll   = "source.fixAll.kalint"
)

// actions are the repairs of the findings that touch the bytes [start, end) of the file key, and the
// comment that hides each.
func (p presenter) actions(list diag.List, key string, start, end int) []CodeAction {
	out := []CodeAction{}
	for i := range list {
		d := &list[i]
		if !d.Span.IsValid() || d.Span.End < start || d.Span.Start > end || cli.FileKey(d.Span.File.Name) != key {
			continue
		}
		shown := []Diagnostic{p.diagnostic(d)}
		for _, fix := range d.Fixes {
			if len(fix.Edits) == 0 {
				continue
			}
			title := fix.Title
			if fix.Kind == diag.Intent {
				title += " (changes what keepalived does)"
			}
			out = append(out, CodeAction{
				Title: title, Kind: actionQuickFix, Diagnostics: shown,
				IsPreferred: fix.Kind == diag.SameMeaning, Edit: p.edit(fix.Edits),
			})
		}
		if edit, ok := p.ignoreEdit(d); ok {
			out = append(out, CodeAction{
				Title: "ignore this finding of " + d.Rule, Kind: actionQuickFix, Diagnostics: shown, Edit: p.edit([]diag.Edit{edit}),
			})
		}
	}
	return out
}

func (p presenter) edit(edits []diag.Edit) *WorkspaceEdit {
	w := &WorkspaceEdit{Changes: map[string][]TextEdit{}}
	for _, e := range edits {
		uri := p.uri(e.Span.File.Name)
		w.Changes[uri] = append(w.Changes[uri], TextEdit{Range: p.enc.rangeOf(e.Span), NewText: e.New})
	}
	return w
}

// ignoreEdit writes the comment that hides a finding above its line. What makes a file unusable cannot
// be ignored, and a comment inside a definition that goes on over lines would be part of it.
func (p presenter) ignoreEdit(d *diag.Diagnostic) (diag.Edit, bool) {
	if rule := p.rules[d.Rule]; rule == nil || rule.Structural {
		return diag.Edit{}, false
	}
	f := d.Span.File
	number := f.LineOf(d.Span.Start)
	if number > 1 && strings.HasSuffix(f.LineSpan(number-1).Text(), `\`) {
		return diag.Edit{}, false
	}
	line := f.LineSpan(number)
	text := line.Text()
	indent := text[:len(text)-len(strings.TrimLeft(text, " \t"))]
	return diag.Edit{
		Span: source.Span{File: f, Start: line.Start, End: line.Start},
		New:  indent + "# kalint:ignore " + d.Rule + " meant as it is\n",
	}, true
}
