package lsp

import (
	"bytes"

	"ka/lang"
	"ka/lang/source"
)

// FormatEdits formats f as kac fmt does, in one edit that leaves what is equal at both ends alone. It is
// empty where f is formatted already, and where formatting it could change what keepalived reads.
func FormatEdits(f *source.File, enc Encoding) []TextEdit {
	out, _ := lang.Format(f)
	if bytes.Equal(out, f.Data) || !lang.SameLines(f, source.New(f.Name, out)) {
		return []TextEdit{}
	}
	start := 0
	for line := 1; line <= f.Lines(); line++ {
		end := f.LineSpan(line + 1).Start
		if end > len(out) || !bytes.Equal(f.Data[start:end], out[start:end]) || end == start {
			break
		}
		start = end
	}
	old, text := f.Data[start:], out[start:]
	tail := 0
	for n := 1; n <= min(len(old), len(text)) && old[len(old)-n] == text[len(text)-n]; n++ {
		if old[len(old)-n] == '\n' {
			tail = n - 1
		}
	}
	span := source.Span{File: f, Start: start, End: len(f.Data) - tail}
	return []TextEdit{{Range: enc.rangeOf(span), NewText: string(text[:len(text)-tail])}}
}
