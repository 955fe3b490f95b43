// Package check matches the statements of a tree with the keyword table.
//
// [Check] walks the blocks, fills in Statement.Keyword and Statement.Dropped, and reports what is not a
// keyword of its block, lacks an argument, or has a value out of its range. It judges one tree; what
// needs the sense of several statements together belongs to the compiler, what needs several nodes to
// the linter. It reads no files and changes no text: repairs are offered as fixes.
//
//	tree, list := syntax.Parse(file)
//	list = append(list, check.Check(tree)...)
//	for _, inst := range check.FindAll(tree.Body, kw.VRRPInstance) {
//		prio, _, ok := check.Value(inst.Children(), kw.Priority)
//		fmt.Println(prio, ok)
//	}
package check
