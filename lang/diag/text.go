package diag

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"

	"ka/lang/source"
)

// TextOptions say how findings are shown to people.
type TextOptions struct {
	// Color paints severities and carets for a terminal.
	Color bool
	// SecretWords are keywords whose values are masked in snippets, beside those of the keyword table,
	// which always are.
	SecretWords []string
	// NoSnippets leaves the source lines out: one line for each finding, note and help.
	NoSnippets bool
}

// WriteText writes the findings as people read them and editors jump to them:
//
//	node1.conf:4:14: error: priority "300" is outside 1..255 [invalid-value]
//	  4 |     priority 300
//	    |              ^~~
//	node2.conf:4:14: note: the other node has "100"
//	  4 |     priority 100
//	    |              ^~~
//	help: write a number from 1 to 255
//
// The order is that of the list. The error is the writer's.
func WriteText(w io.Writer, list List, opt TextOptions) error {
	t := &textWriter{w: bufio.NewWriter(w), opt: opt, paint: newPainter(opt.Color)}
	for i := range list {
		t.diagnostic(&list[i])
	}
	return t.w.Flush()
}

type textWriter struct {
	w     *bufio.Writer
	opt   TextOptions
	paint painter
}

// line writes one line; a writer that fails is noticed when the buffer is flushed.
func (t *textWriter) line(parts ...string) {
	for _, p := range parts {
		_, _ = t.w.WriteString(p)
	}
	_ = t.w.WriteByte('\n')
}

func (t *textWriter) diagnostic(d *Diagnostic) {
	t.line(t.place(d.Span), t.paint.severity(d.Severity), " ", t.paint.bold(printable(d.Message)), " [", d.Rule, "]")
	t.snippet(d.Span)
	for _, n := range d.Related {
		t.line(t.place(n.Span), t.paint.note("note:"), " ", printable(n.Message))
		if !sameLine(n.Span, d.Span) {
			t.snippet(n.Span)
		}
	}
	if d.Help != "" {
		t.line(t.paint.note("help:"), " ", printable(d.Help))
	}
}

// place gives "file:line:col: ", nothing where there is no place.
func (t *textWriter) place(s source.Span) string {
	if !s.IsValid() {
		return ""
	}
	return t.paint.bold(printable(s.Position().String())+":") + " "
}

func sameLine(a, b source.Span) bool {
	return a.IsValid() && a.File == b.File && a.File.LineOf(a.Start) == b.File.LineOf(b.Start)
}

// snippet writes the line that s starts on, and a caret with waves under the part of s that is on it.
func (t *textWriter) snippet(s source.Span) {
	if t.opt.NoSnippets || !s.IsValid() || len(s.File.Data) == 0 {
		return
	}
	number := s.File.LineOf(s.Start)
	line := s.File.LineSpan(number)
	start := min(max(s.Start, line.Start), line.End) - line.Start
	end := min(max(s.End, line.Start), line.End) - line.Start
	text, marks := render(line.Text(), start, end, t.opt.SecretWords)
	gutter := fmt.Sprintf("%3d", number)
	if text != "" {
		text = " " + text
	}
	t.line(t.paint.gutter(gutter+" |"), text)
	t.line(t.paint.gutter(strings.Repeat(" ", len(gutter))+" |"), " ", marks[:caretAt(marks)], t.paint.caret(marks[caretAt(marks):]))
}

func caretAt(marks string) int { return max(0, strings.IndexByte(marks, '^')) }

// painter colours words, or leaves them alone.
type painter struct{ enabled bool }

func newPainter(enabled bool) painter { return painter{enabled: enabled} }

func (p painter) with(s string, attributes ...color.Attribute) string {
	if !p.enabled {
		return s
	}
	c := color.New(attributes...)
	c.EnableColor()
	return c.Sprint(s)
}

func (p painter) severity(s Severity) string {
	word := s.String() + ":"
	switch s {
	case Error:
		return p.with(word, color.FgRed, color.Bold)
	case Warning:
		return p.with(word, color.FgYellow, color.Bold)
	}
	return p.with(word, color.FgCyan, color.Bold)
}

func (p painter) bold(s string) string   { return p.with(s, color.Bold) }
func (p painter) note(s string) string   { return p.with(s, color.FgCyan) }
func (p painter) gutter(s string) string { return p.with(s, color.FgBlue) }
func (p painter) caret(s string) string  { return p.with(s, color.FgGreen, color.Bold) }
