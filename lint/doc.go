// Package lint judges a set of node files together.
//
// Each rule is one file (rule_<name>.go) with its documentation, a bad and a good example, both run by
// the tests, and one line in the list of rules.go. Rules of the front end (what lang and compiler find
// while they read) are files too, with no Run function: the finding is made where the text is read, the
// documentation lives here.
//
// The package reads no files and prints nothing: nodes come in as trees and plans, findings go out.
//
//	set := &lint.Set{Nodes: []*lint.Node{
//		{Name: "node1.conf", Tree: t1, Plan: p1, Diags: d1},
//		{Name: "node2.conf", Tree: t2, Plan: p2, Diags: d2},
//	}}
//	list := lint.Run(set, lint.Options{})
//	err := diag.WriteText(os.Stdout, list, diag.TextOptions{})
package lint
