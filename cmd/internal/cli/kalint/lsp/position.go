package lsp

import (
	"unicode/utf16"
	"unicode/utf8"

	"ka/lang/source"
)

// Encoding is the unit in which the characters of a line are counted.
type Encoding string

// The encodings that this server speaks: UTF16 is what every client knows, UTF8 counts bytes.
const (
	UTF16 Encoding = "utf-16"
	UTF8  Encoding = "utf-8"
)

// negotiate takes bytes where the client offers them: nothing has to be counted then.
func negotiate(offered []string) Encoding {
	for _, e := range offered {
		if Encoding(e) == UTF8 {
			return UTF8
		}
	}
	return UTF16
}

// Position turns a byte offset of f into a place; what lies outside is moved to the nearest end.
func (e Encoding) Position(f *source.File, off int) Position {
	off = max(0, min(off, len(f.Data)))
	line := f.LineOf(off)
	start := f.LineSpan(line).Start
	return Position{Line: uint32(line - 1), Character: uint32(e.units(f.Data[start:off]))}
}

func (e Encoding) units(text []byte) int {
	if e == UTF8 {
		return len(text)
	}
	n := 0
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		n += utf16.RuneLen(r)
		text = text[size:]
	}
	return n
}

// Offset turns a place into a byte offset of f. A character behind the end of its line is the end of the
// line, a line behind the last one the end of the file, as the protocol wants it.
func (e Encoding) Offset(f *source.File, p Position) int {
	if uint64(p.Line) >= uint64(f.Lines())+1 {
		return len(f.Data)
	}
	span := f.LineSpan(int(p.Line) + 1)
	at := span.Start
	for units := 0; at < span.End && units < int(p.Character); {
		if e == UTF8 {
			at = min(span.End, span.Start+int(p.Character))
			break
		}
		r, size := utf8.DecodeRune(f.Data[at:span.End])
		units += utf16.RuneLen(r)
		at += size
	}
	return at
}

// rangeOf turns a span into a range.
func (e Encoding) rangeOf(s source.Span) Range {
	if !s.IsValid() {
		return Range{}
	}
	return Range{Start: e.Position(s.File, s.Start), End: e.Position(s.File, max(s.Start, s.End))}
}
