// Package editors writes what editors know of keepalived.conf from the keyword table: a TextMate grammar
// and snippets, for the folder docs/editors/vscode, which is an extension of VS Code.
//
//	grammar := editors.Grammar()    // syntaxes/keepalived.tmLanguage.json
//	snippets := editors.Snippets()  // snippets/keepalived.json
//
// The grammar's regular expressions keep to what all engines have in common (no look-around), so that the
// tests can run them. It writes no file: its test holds docs/editors against it, and -update writes.
package editors
