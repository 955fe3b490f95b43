package syntax

import (
	"bytes"
	"strings"

	"ka/lang/diag"
	"ka/lang/source"
)

// indentation is what a block adds in front of its lines.
const indentation = "    "

// Format returns the text of f with each line indented by its depth, white space at line ends removed,
// runs of empty lines made one, and newlines as line ends. Comments are kept as they are. The logical
// lines of the result are those of f: what could change them (a line that is too long, or would be; a
// backslash at the end; the lines of a definition; a quote that is never closed) stays as it is, and so
// does a top-level region whose braces do not balance.
func Format(f *source.File) ([]byte, diag.List) {
	s, x, _ := layout(f)
	list := x.sink.finish()
	if s.Damaged {
		return f.Data, list
	}
	p := printer{out: bytes.NewBuffer(make([]byte, 0, len(f.Data)))}
	for n, line := range s.Lines {
		raw := rawLine(f, n+1)
		if line.Opaque || line.Unbalanced {
			p.verbatim(raw)
			continue
		}
		p.line(raw, line.Depth)
	}
	return p.out.Bytes(), list
}

// rawLine returns line n of f without its newline, carriage returns kept.
func rawLine(f *source.File, n int) string {
	start := f.LineSpan(n).Start
	rest := f.Data[start:]
	if i := bytes.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[:i]
	}
	return string(rest)
}

// printer writes the lines of a formatted file.
type printer struct {
	out *bytes.Buffer
	// blank says that an empty line waits to be written before the next line.
	blank bool
	// started is set once a line was written: empty lines at the start of a file go.
	started bool
}

func (p *printer) flush() {
	if p.blank && p.started {
		p.out.WriteByte('\n')
	}
	p.blank, p.started = false, true
}

// verbatim writes a line as it is.
func (p *printer) verbatim(raw string) {
	p.flush()
	p.out.WriteString(raw)
	p.out.WriteByte('\n')
}

// line writes a line at a depth.
func (p *printer) line(raw string, depth int) {
	text := strings.TrimRight(raw, "\r")
	kept := strings.TrimLeft(text, blanks)
	body := strings.TrimRight(kept, blanks)
	if body == "" {
		p.blank = true
		return
	}
	switch body[len(body)-1] {
	case '\r':
		p.verbatim(raw)
		return
	case '\\':
		body = kept
	}
	if depth*len(indentation)+len(body) > maxLineBytes {
		p.verbatim(raw)
		return
	}
	p.flush()
	for range depth {
		p.out.WriteString(indentation)
	}
	p.out.WriteString(body)
	p.out.WriteByte('\n')
}
