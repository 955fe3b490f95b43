package syntax

import (
	"ka/lang/diag"
	"ka/lang/schema"
	"ka/lang/source"
)

// Tree is what keepalived reads from a main file and its includes: a list of top-level statements.
type Tree struct {
	// Main is the file that was named; Files are all files that were read, Main first, each once.
	Main  *source.File
	Files []*source.File
	// Body holds the top-level statements in reading order.
	Body []*Statement
	// Includes are the include lines that were followed.
	Includes []Include
	// Asked is what the text asked its environment for.
	Asked Asked
	// Checked is what the check pass said of the statements. Whoever reads a tree later finds here why a
	// statement was dropped, and need not check again: that would write to a tree that others read.
	Checked diag.List
	// Features are the directives and predefined parameters that the text uses, each once, in reading order.
	Features []Feature

	origins treeOrigins
}

// Include is an include line and the files that it brought in.
type Include struct {
	Span  source.Span
	Files []*source.File
	// via is the include line that brought this one in, nil in the main file.
	via *Include
}

// Statement is one logical line: a head word, further words, and the block behind it if there is one.
// In list blocks (virtual_ipaddress and the like) each entry is a Statement too; its Head is the
// first word of the entry.
type Statement struct {
	Head Word
	Args []Word
	// Raw is the logical line as text, quotes kept: command lines are split anew from it.
	Raw string
	// Span reaches from the head to the last word of the line (not over the block).
	Span source.Span
	// Block is nil where no { follows.
	Block *Block

	// Keyword is the row of the table that the statement was matched with, filled in by the check
	// pass; nil where the word is unknown or stands in a list block.
	Keyword *schema.Keyword
	// Dropped says that keepalived does not act on this statement (it reports it, or reads over it).
	Dropped bool
}

// Block is the part between braces.
type Block struct {
	// Open and Close are the places of the braces; Close is not valid where the block is never closed.
	Open, Close source.Span
	Body        []*Statement
}

// Word is one word of a line, without its quotes.
type Word struct {
	Text string
	// Quoted says that the word stood in double quotes.
	Quoted bool
	Span   source.Span
}

// Misread reports whether the word holds a character that keepalived takes for part of it, and its author did
// not (a no-break space, a typographic quote). The front end has reported the line already.
func (w Word) Misread() bool { return misread(w.Text) }

// Arg returns the i-th word behind the head, and whether it is there.
func (s *Statement) Arg(i int) (Word, bool) {
	if i < 0 || i >= len(s.Args) {
		return Word{}, false
	}
	return s.Args[i], true
}

// Children returns the statements of the block, nil where there is none.
func (s *Statement) Children() []*Statement {
	if s.Block == nil {
		return nil
	}
	return s.Block.Body
}
