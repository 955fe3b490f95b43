// Package lsp is a language server for keepalived.conf: findings across the node set of a workspace,
// completion and hover from the keyword table, definitions, symbols, quick fixes and formatting, over
// the Language Server Protocol 3.17 on a stream.
//
// What to answer for a text and a place in it ([Complete], [Hover], [Symbols], [FormatEdits]) is apart from the transport ([Serve]), so
// tests and benchmarks call it directly. The package judges nothing itself: a [Linter] does. It writes
// no files, and the values of secrets are never part of an answer.
//
//	err := lsp.Serve(ctx, stream, linter, lsp.Options{Version: "1.0"})
package lsp
