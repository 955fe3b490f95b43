package syntax

import (
	"io"

	"github.com/alecthomas/participle/v2/lexer"

	"ka/lang/source"
)

// The tokens of the grammar. A token is a whole logical line, not a word: participle's own work grows
// with the number of tokens, and the words of a line need no grammar. Pos.Offset is the place in the
// expanded view.
const (
	tokenLine lexer.TokenType = iota + 1
	tokenOpen
	tokenClose
)

// lineLexer gives out the logical lines of the expanded view as tokens.
type lineLexer struct {
	lines []logicalLine
}

var kindTokens = [...]lexer.TokenType{textLine: tokenLine, openLine: tokenOpen, closeLine: tokenClose}

// Next returns the next logical line.
func (l *lineLexer) Next() (lexer.Token, error) {
	if len(l.lines) == 0 {
		return lexer.EOFToken(lexer.Position{}), nil
	}
	line := &l.lines[0]
	l.lines = l.lines[1:]
	return line.token(), nil
}

// token returns the line as the grammar takes it.
func (l *logicalLine) token() lexer.Token {
	return lexer.Token{Type: kindTokens[l.kind], Value: l.text, Pos: lexer.Position{Offset: l.offset}}
}

// definition is the lexer.Definition of the logical lines: text goes through the whole pipeline before
// it is cut into tokens.
type definition struct{}

// Symbols names the tokens for the grammar.
func (definition) Symbols() map[string]lexer.TokenType {
	return map[string]lexer.TokenType{"EOF": lexer.EOF, "Line": tokenLine, "Open": tokenOpen, "Close": tokenClose}
}

// Lex reads a whole text, expands it and balances its braces.
func (definition) Lex(filename string, r io.Reader) (lexer.Lexer, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	x := expand(source.New(filename, data), Options{})
	x.balance()
	return &lineLexer{lines: x.view.lines}, nil
}

// window is participle's lexer over one unit after the other. It reads all tokens before the parser gets the
// first, so that a lexer for each unit would need twice as much memory as the tree: here all units of a text
// take their turns in the tokens of one.
type window struct {
	lex    *lexer.PeekingLexer
	start  lexer.Checkpoint
	tokens []lexer.Token
}

// blankLexer gives out n tokens that are to be written over.
type blankLexer int

// Next returns the next token.
func (n *blankLexer) Next() (lexer.Token, error) {
	if *n--; *n < 0 {
		return lexer.EOFToken(lexer.Position{}), nil
	}
	return lexer.Token{Type: tokenLine}, nil
}

// over returns the lexer at the first of the lines. It is good until the next call.
func (w *window) over(lines []logicalLine) (*lexer.PeekingLexer, error) {
	if len(lines) >= len(w.tokens) {
		room := blankLexer(max(unitTokens, len(lines)))
		lex, err := lexer.Upgrade(&room)
		if err != nil {
			return nil, err
		}
		w.lex, w.start = lex, lex.MakeCheckpoint()
		w.tokens = lex.Range(0, lexer.RawCursor(max(unitTokens, len(lines))+1))
	}
	for i := range lines {
		w.tokens[i] = lines[i].token()
	}
	w.tokens[len(lines)] = lexer.EOFToken(lexer.Position{})
	w.lex.LoadCheckpoint(w.start)
	return w.lex, nil
}

// unitTokens is the number of tokens that a unit may reach before it is closed: few units for many short
// statements, and tokens that stay in the processor's cache.
const unitTokens = 250

// nextUnit returns the length of the next unit of lines: whole top-level statements (a line with the
// block behind it), as many as fit, at least one. The braces are balanced.
func nextUnit(lines []logicalLine) int {
	end := 0
	for end < len(lines) {
		n := statementLength(lines[end:])
		if end > 0 && end+n > unitTokens {
			break
		}
		end += n
	}
	return end
}

func statementLength(lines []logicalLine) int {
	if len(lines) < 2 || lines[1].kind != openLine {
		return 1
	}
	depth := 0
	for i := 1; i < len(lines); i++ {
		switch lines[i].kind {
		case openLine:
			depth++
		case closeLine:
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(lines)
}
