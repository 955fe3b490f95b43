// Package lang is the front door to the text of keepalived.conf: it reads a file and its includes into a
// checked syntax tree, formats it, and applies the fixes that findings carry.
//
// It opens no files and knows nothing of what a configuration does: the text of includes comes through a
// [Reader], the meaning is made by package compiler, the judgement by package lint.
//
//	f := source.New("node1.conf", data)
//	tree, findings := lang.Load(f, lang.Options{Reader: files})
//	diag.WriteText(os.Stdout, findings, diag.TextOptions{})
//	if findings.HasErrors() {
//		fixed, applied, skipped := lang.ApplyFixes(f, findings, true)
//		...
//	}
//	for _, s := range tree.Body {
//		fmt.Println(s.Span.Position(), s.Head.Text)
//	}
package lang
