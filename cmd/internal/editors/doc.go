// Package editors writes what editors know of keepalived.conf from the keyword table: a TextMate grammar
// and a tree of snippets.
package editors
