// Package syntax reads the text of keepalived.conf into a tree: the text pipeline (comments, includes,
// braces), logical lines, words, and the grammar over them.
//
// It looks at one text in two ways. The expanded view is what keepalived reads: includes followed,
// comments gone, cut into logical lines; [Parse] makes the tree from it. The surface view is one raw file
// as its author wrote it, comments and blank lines kept beside it; [Format] works on that.
//
// Which words are keywords, how many arguments they take and what they mean is not decided here: any
// word with any arguments and any block parses, and package check matches the result with the table.
// Only braces, quotes, includes and bytes that nobody can have meant are reported by this package.
//
//	tree, list := syntax.Parse(source.New("node.conf", data), syntax.Options{Reader: files})
//	for _, s := range tree.Body {
//		fmt.Println(s.Head.Text, len(s.Args), s.Block != nil)
//	}
package syntax
