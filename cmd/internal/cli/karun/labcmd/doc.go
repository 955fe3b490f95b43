// Package labcmd is "karun lab": it runs node files in throwaway network namespaces on one wire,
// plays failures, and prints who did what when and who owned each virtual address.
//
// The namespaces are runtime/lab's, a node and its events runtime/lab/node's. This package reads the
// files, finds interfaces and addresses for them, puts stand-ins in place of their commands, keeps to
// the schedule, and tells the story.
//
//	root.AddCommand(labcmd.New(std))      // lab
//	root.AddCommand(labcmd.NewInit(std))  // lab-init, hidden: the first process of a node
package labcmd
