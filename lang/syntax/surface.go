package syntax

import (
	"slices"
	"sort"
	"strings"

	"ka/lang/diag"
	"ka/lang/source"
)

// TokenKind tells the tokens of the surface view apart.
type TokenKind uint8

// The kinds of tokens: a word, a brace, and a line that is taken as it is (a definition, a line that is
// too long).
const (
	WordToken TokenKind = iota
	OpenToken
	CloseToken
	OpaqueToken
)

// Token is a piece of a raw file that is neither white space nor comment.
type Token struct {
	Kind TokenKind
	Span source.Span
}

// Comment is a comment, from its sign to the end of its line.
type Comment struct {
	// Token is the index of the first token behind the comment; len(Tokens) at the end of the file.
	Token int
	Span  source.Span
	// Alone says that nothing else stands on the line.
	Alone bool
}

// Blank is a run of empty lines.
type Blank struct {
	// Token is the index of the first token behind the lines.
	Token int
	// Line is the number of the first empty line, Count how many there are.
	Line, Count int
}

// SurfaceLine is what is known of a raw line.
type SurfaceLine struct {
	// Depth is the number of blocks that the line stands in; a closing brace that starts a line stands
	// outside the block that it closes.
	Depth int
	// Opaque lines, and those of a region whose braces do not balance, are not touched.
	Opaque, Unbalanced bool
	// text says that something other than a comment stands on the line.
	text bool
}

// Surface is one raw file as its author wrote it: directives not carried out, comments and empty lines
// in tables beside the tokens.
type Surface struct {
	File     *source.File
	Tokens   []Token
	Comments []Comment
	Blanks   []Blank
	// Lines holds one entry for each raw line.
	Lines []SurfaceLine
	// Damaged says that the file is too large or too deeply nested to be looked at as a whole.
	Damaged bool
}

// NewSurface looks at f as it is written. The findings are those about bytes, quotes and braces.
func NewSurface(f *source.File) (*Surface, diag.List) {
	s, x, lines := layout(f)
	s.tokens(x, lines)
	s.trivia(x)
	return s, x.sink.finish()
}

// layout works out what is known of the raw lines of f; lines are the logical ones before repair.
func layout(f *source.File) (s *Surface, x *expander, lines []logicalLine) {
	x = newExpander(f, Options{})
	x.surface = true
	x.readFile(f, nil)
	lines = x.view.lines
	broken := x.balance()
	s = &Surface{File: f, Lines: make([]SurfaceLine, f.Lines()), Damaged: x.tooDeep || x.stopped}
	if len(f.Data) == 0 {
		s.Lines = nil
	}
	s.depths(x, broken)
	for _, off := range x.opaque {
		s.lineAt(x, off).Opaque = true
	}
	return s, x, lines
}

// lineAt returns the entry of the raw line that holds offset off of the expanded view.
func (s *Surface) lineAt(x *expander, off int) *SurfaceLine {
	return &s.Lines[min(s.File.LineOf(x.view.place(off).Start), len(s.Lines))-1]
}

// tokens lists words and braces in the order of the file.
func (s *Surface) tokens(x *expander, lines []logicalLine) {
	var words []Word
	opaque := map[int]bool{}
	for _, off := range x.opaque {
		n := s.File.LineOf(x.view.place(off).Start)
		if !opaque[n] {
			s.Tokens = append(s.Tokens, Token{Kind: OpaqueToken, Span: s.File.LineSpan(n)})
		}
		opaque[n] = true
	}
	for _, l := range lines {
		if len(opaque) > 0 && opaque[s.File.LineOf(x.view.place(l.offset).Start)] {
			continue
		}
		if l.kind != textLine {
			kind := OpenToken
			if l.kind == closeLine {
				kind = CloseToken
			}
			s.Tokens = append(s.Tokens, Token{Kind: kind, Span: x.view.span(l.offset, 1)})
			continue
		}
		words = appendWords(words[:0], l.text, l.offset)
		for _, w := range words {
			s.Tokens = append(s.Tokens, Token{Span: x.view.span(w.Span.Start, w.Span.End-w.Span.Start)})
		}
	}
	slices.SortStableFunc(s.Tokens, func(a, b Token) int { return a.Span.Start - b.Span.Start })
}

// depths works out the depth of each raw line from the balanced braces, and which lines belong to a
// top-level region where something had to be repaired.
func (s *Surface) depths(x *expander, broken []int) {
	// start holds the first raw line (from 0) of the region, bad whether it was repaired.
	lines := x.view.lines
	depth, start, bad := 0, 0, false
	repaired := map[int]bool{}
	for _, off := range broken {
		if off >= 0 {
			repaired[s.File.LineOf(x.view.place(off).Start)-1] = true
		}
	}
	i := 0
	for n := range s.Lines {
		here := &s.Lines[n]
		here.Depth, bad = depth, bad || repaired[n]
		leading := true
		for i < len(lines) && (lines[i].offset < 0 || s.File.LineOf(x.view.place(lines[i].offset).Start)-1 == n) {
			l := lines[i]
			i++
			bad = bad || l.offset < 0
			switch l.kind {
			case openLine:
				depth++
			case closeLine:
				if depth--; leading {
					here.Depth = max(0, depth)
				}
			}
			leading = leading && l.kind == closeLine
			here.text = true
		}
		if depth == 0 && here.text || n == len(s.Lines)-1 {
			for k := start; k <= n && bad; k++ {
				s.Lines[k].Unbalanced = true
			}
			start, bad = n+1, false
		}
	}
}

// trivia fills the tables of comments and empty lines.
func (s *Surface) trivia(x *expander) {
	next := func(at int) int {
		return sort.Search(len(s.Tokens), func(i int) bool { return s.Tokens[i].Span.Start >= at })
	}
	for _, span := range x.comments {
		line := s.File.LineSpan(s.File.LineOf(span.Start))
		alone := strings.Trim(string(s.File.Data[line.Start:span.Start]), blanks) == ""
		s.Comments = append(s.Comments, Comment{Token: next(span.Start), Span: span, Alone: alone})
	}
	for n := range s.Lines {
		line := s.File.LineSpan(n + 1)
		if strings.Trim(line.Text(), blanks) != "" {
			continue
		}
		if k := len(s.Blanks) - 1; k >= 0 && s.Blanks[k].Line+s.Blanks[k].Count == n+1 {
			s.Blanks[k].Count++
			continue
		}
		s.Blanks = append(s.Blanks, Blank{Token: next(line.Start), Line: n + 1, Count: 1})
	}
}
