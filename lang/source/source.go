// Package source holds the text of configuration files and the places in it.
//
// A [File] is one file as read; a [Span] is a stretch of bytes of one file. Offsets are bytes inside
// the program; lines and columns (in Unicode code points, from 1) are worked out only when something
// is printed.
//
//	f := source.New("node1.conf", data)
//	s := source.Span{File: f, Start: 12, End: 20}
//	p := s.Position() // node1.conf:2:5
//
// The package reads no files: its callers hand the bytes in.
package source

import (
	"bytes"
	"fmt"
	"sort"
	"unicode/utf8"
)

var newline = []byte("\n")

// File is the text of one file under the name it is shown by.
type File struct {
	// Name is the path as the user gave it, or as the including file named it.
	Name string
	// Data is the whole text, byte for byte. It must not change after New.
	Data []byte
	// starts holds the offset of the first byte of each line, four bytes each: files are below 2 GiB.
	starts []int32
}

// New returns a File for data; it builds the line table at once, so that a File can be shared
// between goroutines without a lock.
func New(name string, data []byte) *File {
	f := &File{Name: name, Data: data, starts: make([]int32, 1, 1+bytes.Count(data, newline))}
	for at := 0; ; {
		n := bytes.IndexByte(data[at:], '\n')
		if n < 0 {
			return f
		}
		at += n + 1
		f.starts = append(f.starts, int32(at))
	}
}

// Lines returns the number of lines; a file that ends in a newline has no empty line behind it.
func (f *File) Lines() int {
	n := len(f.starts)
	if n > 1 && int(f.starts[n-1]) == len(f.Data) {
		n--
	}
	return n
}

// LineOf returns the number (from 1) of the line that holds the byte at off.
func (f *File) LineOf(off int) int {
	return sort.Search(len(f.starts), func(i int) bool { return int(f.starts[i]) > off })
}

// LineSpan returns the place of line n (from 1) without its line end. Outside the file it is empty.
func (f *File) LineSpan(n int) Span {
	if n < 1 || n > len(f.starts) {
		return Span{File: f, Start: len(f.Data), End: len(f.Data)}
	}
	start, end := int(f.starts[n-1]), len(f.Data)
	if n < len(f.starts) {
		end = int(f.starts[n]) - 1
	}
	for end > start && (f.Data[end-1] == '\r' || f.Data[end-1] == '\n') {
		end--
	}
	return Span{File: f, Start: start, End: end}
}

// Position returns the line and column of the byte at off.
func (f *File) Position(off int) Position {
	off = max(0, min(off, len(f.Data)))
	line := f.LineOf(off)
	return Position{File: f.Name, Line: line, Column: 1 + utf8.RuneCount(f.Data[f.starts[line-1]:off])}
}

// Position is a place as people and editors read it.
type Position struct {
	File string
	// Line and Column count from 1; Column counts Unicode code points.
	Line, Column int
}

// IsValid reports whether p names a place at all.
func (p Position) IsValid() bool { return p.Line > 0 }

// String gives file:line:col, or only the file where no line is known.
func (p Position) String() string {
	if !p.IsValid() {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Span is the stretch [Start, End) of a file's bytes. The zero Span is no place.
type Span struct {
	File       *File
	Start, End int
}

// IsValid reports whether s names a place.
func (s Span) IsValid() bool { return s.File != nil }

// Position returns the place where s starts.
func (s Span) Position() Position {
	if s.File == nil {
		return Position{}
	}
	return s.File.Position(s.Start)
}

// EndPosition returns the place behind the last byte of s.
func (s Span) EndPosition() Position {
	if s.File == nil {
		return Position{}
	}
	return s.File.Position(s.End)
}

// Text returns the bytes of s.
func (s Span) Text() string {
	if s.File == nil {
		return ""
	}
	return string(s.File.Data[s.Start:s.End])
}

// Join returns the span from the start of s to the end of t. Where they are in different files, or
// one is no place, the valid one that comes first wins.
func (s Span) Join(t Span) Span {
	if s.File == nil {
		return t
	}
	if t.File != s.File {
		return s
	}
	return Span{File: s.File, Start: min(s.Start, t.Start), End: max(s.End, t.End)}
}
