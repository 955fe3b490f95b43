package syntax

import (
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"ka/lang/source"
)

// unit is the root of the grammar: some top-level statements. The reader cuts the text into units, so
// that each block of a file can be parsed on its own.
type unit struct {
	Body []*Statement
}

// grammar fills the tree. Its root is a Parseable: participle's reflection would cost ten times the work of
// reading a line (reflection per field, an allocation per token).
var grammar = participle.MustBuild[unit](participle.Lexer(definition{}))

// Parse reads the statements of a unit off the logical lines; participle calls it.
func (u *unit) Parse(lex *lexer.PeekingLexer) error {
	a := newArena(countTokens(lex))
	var buf [16]*Statement
	body := buf[:0]
	for lex.Peek().Type == tokenLine {
		s := &a.statements.take(1)[0]
		if err := s.parse(lex, a); err != nil {
			return err
		}
		body = append(body, s)
	}
	u.Body = a.bodies.keep(body)
	return nil
}

// countTokens looks ahead for how many lines and opening braces a unit has.
func countTokens(lex *lexer.PeekingLexer) (lines, braces int) {
	start := lex.MakeCheckpoint()
	for ; ; lex.Next() {
		switch lex.Peek().Type {
		case tokenLine:
			lines++
		case tokenOpen:
			braces++
		case lexer.EOF:
			lex.LoadCheckpoint(start)
			return lines, braces
		}
	}
}

// parse reads a statement; the next token is its line. The lexer has balanced the braces and bounded
// their depth.
func (s *Statement) parse(lex *lexer.PeekingLexer, a *arena) error {
	line := lex.Next()
	s.readLine(line.Value, line.Pos.Offset, a)
	if lex.Peek().Type != tokenOpen {
		return nil
	}
	s.Block = &a.blocks.take(1)[0]
	return s.Block.parse(lex, a)
}

// readLine splits a logical line into head and arguments.
func (s *Statement) readLine(text string, off int, a *arena) {
	var buf [8]Word
	words := appendWords(buf[:0], text, off)
	s.Raw = text
	s.Span.Start, s.Span.End = off, off+len(text)
	if len(words) > 0 {
		s.Head = words[0]
		s.Args = a.words.keep(words[1:])
	}
}

// parse reads a block from its opening brace to its closing one.
func (b *Block) parse(lex *lexer.PeekingLexer, a *arena) error {
	var buf [16]*Statement
	body := buf[:0]
	b.Open = braceSpan(lex.Next())
	for lex.Peek().Type == tokenLine {
		s := &a.statements.take(1)[0]
		if err := s.parse(lex, a); err != nil {
			return err
		}
		body = append(body, s)
	}
	b.Body = a.bodies.keep(body)
	if t := lex.Peek(); t.Type != tokenClose {
		return &participle.UnexpectedTokenError{Unexpected: *t}
	}
	b.Close = braceSpan(lex.Next())
	return nil
}

// grammarFile and the types below it are the same grammar in participle's own notation: the source of
// the EBNF, and the reference that the hand-written reader is tested against.
type grammarFile struct {
	Statements []*grammarStatement `parser:"@@*"`
}

type grammarStatement struct {
	Line  string        `parser:"@Line"`
	Block *grammarBlock `parser:"@@?"`
}

type grammarBlock struct {
	Statements []*grammarStatement `parser:"Open @@* Close"`
}

var fullGrammar = participle.MustBuild[grammarFile](participle.Lexer(definition{}))

// EBNF returns the grammar of the expanded view, for the documentation. The productions of the words
// stand beside those that participle prints: a line is split without it.
func EBNF() string {
	text := fullGrammar.String()
	for from, to := range map[string]string{
		"GrammarFile": "File", "GrammarStatement": "Statement", "GrammarBlock": "Block",
		"<line>": "Line", "<open>": `"{"`, "<close>": `"}"`,
	} {
		text = strings.ReplaceAll(text, from, to)
	}
	return strings.TrimSpace(text) + `
Line = Word { blank Word } end .
Word = '"' { any-but-quote } '"' | { any-but-blank-and-quote } .
`
}

// braceSpan returns the place of a brace in the expanded view; one that nobody wrote has none.
func braceSpan(t *lexer.Token) source.Span {
	return source.Span{Start: t.Pos.Offset, End: t.Pos.Offset + len(t.Value)}
}
