// Package compiler turns a tree and an explicit Environment into a plan.
//
// It is pure: the same text and the same Environment give the same plan, byte for byte. What belongs
// to the machine (interfaces, users, kernel features) is listed in the plan's needs. The compiler reads
// the text as keepalived reads it, and reports what keepalived silently does differently from what the
// text says; it does not judge several nodes together, that is the linter's work.
//
//	tree, list := lang.Load(file, opt)
//	p, more := compiler.Compile(tree, compiler.Environment{Node: "node1"}, compiler.Options{})
//	list = append(list, more...)
//	if compiler.Refused(list, compiler.Options{}) {
//		return list // print them; the plan is not to be used
//	}
//	data, err := plan.Encode(p)
package compiler
