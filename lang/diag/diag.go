// Package diag holds the one diagnostic type of the project and its renderers.
//
// Everything that can be wrong with a user's text is a [Diagnostic]: functions of the front end, the
// compiler and the linter return (value, List) and keep going. A Go error is for the machine (a file
// that cannot be read), never for the text.
//
//	list = append(list, diag.Diagnostic{
//		Rule: "invalid-value", Severity: diag.Error, Span: word.Span,
//		Message: `priority "300" is outside 1..255`,
//		Help:    "write a number from 1 to 255",
//	})
//	diag.WriteText(os.Stdout, list, diag.TextOptions{})
package diag

import (
	"cmp"
	"slices"

	"ka/lang/source"
)

// Severity says how bad a finding is. The zero value is invalid, so a forgotten severity is noticed.
type Severity uint8

// Info findings are shown on request; a Warning is something that does not do what it seems to; an
// Error stops a compile.
const (
	Invalid Severity = iota
	Info
	Warning
	Error
)

// String gives the word used in text, JSON and flags.
func (s Severity) String() string {
	return [...]string{"invalid", "info", "warning", "error"}[min(s, Error)]
}

// Diagnostic is one finding about the text.
type Diagnostic struct {
	// Rule is the kebab-case name of the rule: its identity, stable for ever.
	Rule     string
	Severity Severity
	// Message: lower case, no full stop, the token in double quotes, what is allowed.
	Message string
	// Span is the place that the finding is about.
	Span source.Span
	// Node is the name of the node it belongs to; the linter fills it in.
	Node string
	// Help is what to type.
	Help string
	// Related are the notes: other places (also in other nodes' files) that explain the finding.
	Related []Note
	// Fixes are the ways to repair it.
	Fixes []Fix
	// Subject names what the finding is about ("instance VI_1"); findings of one cause share it, so
	// that one can explain the others. It is not printed.
	Subject string
}

// Note is a further place or line of explanation. A Note without a valid Span is text only.
type Note struct {
	Message string
	Span    source.Span
	Node    string
}

// FixKind tells what a fix does to the meaning.
type FixKind uint8

// SameMeaning fixes never change what keepalived does (--fix); Intent fixes write what the text
// evidently meant, and so change what it does (--fix-intent).
const (
	SameMeaning FixKind = iota
	Intent
)

// String gives the word used in JSON.
func (k FixKind) String() string { return [...]string{"same-meaning", "intent"}[min(k, Intent)] }

// Fix is a set of edits that belong together.
type Fix struct {
	Kind  FixKind
	Title string
	Edits []Edit
}

// Edit replaces the bytes of Span by New.
type Edit struct {
	Span source.Span
	New  string
}

// List is a number of diagnostics.
type List []Diagnostic

// HasErrors reports whether any finding is an Error.
func (l List) HasErrors() bool { return l.Max() >= Error }

// Max returns the highest severity, Invalid for an empty list.
func (l List) Max() Severity {
	m := Invalid
	for i := range l {
		m = max(m, l[i].Severity)
	}
	return m
}

// Sort orders by file, place, rule and message, so that output never depends on the order of work.
func (l List) Sort() {
	slices.SortStableFunc(l, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(fileName(a.Span), fileName(b.Span)),
			cmp.Compare(a.Span.Start, b.Span.Start),
			cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Message, b.Message),
		)
	})
}

func fileName(s source.Span) string {
	if s.File == nil {
		return ""
	}
	return s.File.Name
}
