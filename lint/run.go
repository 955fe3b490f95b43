package lint

import (
	"cmp"
	"slices"

	"ka/lang/diag"
	"ka/lang/source"
	"ka/lint/cluster"
	"ka/lint/failover"
)

// Options say how a run judges.
type Options struct {
	// Targets are the versions of keepalived to judge for. None: the worst of the supported ones, which
	// the message then names.
	Targets []Target
	// NodeTargets holds the version of each node that has one of its own, by the name of the node.
	NodeTargets map[string]Target
	// Off turns rules off by name; Severity replaces a rule's severity.
	Off      map[string]bool
	Severity map[string]diag.Severity
	// Plays keeps what was played from one run to the next; nil keeps nothing.
	Plays *failover.Memory
}

// Run judges the nodes together. The list holds the findings of the front end and of the rules, each
// mistake once, info findings included, in the order of file and place. Set.Clusters and Set.Targets
// are filled in.
func Run(set *Set, opt Options) diag.List {
	rules := Rules()
	compileOnly := map[string]bool{}
	for _, r := range rules {
		compileOnly[r.Name] = r.CompileOnly
	}
	set.Targets, set.nodeTargets = opt.Targets, opt.NodeTargets
	set.plays, set.memory = nil, opt.Plays
	set.memory.Turn()
	set.Clusters = cluster.Group(clusterNodes(set.Nodes, compileOnly))

	var list diag.List
	for _, n := range set.Nodes {
		if n.Tree != nil {
			n.commands = commandsOf(n.Tree)
		}
		for _, d := range n.Diags {
			if compileOnly[d.Rule] {
				continue
			}
			if d.Node == "" {
				d.Node = n.Name
			}
			list = append(list, d)
		}
	}
	for _, r := range rules {
		if r.Run == nil || opt.Off[r.Name] {
			continue
		}
		rep := &Reporter{rule: r}
		r.Run(set, rep)
		list = append(list, rep.list...)
	}
	names := nodesByFile(set.Nodes)
	for i := range list {
		place(&list[i], names)
	}
	list = set.withoutNewNames(list)
	list.Sort()
	list = once(list)
	list = swallowSame(list)
	list = explain(list, rules, set.Nodes)
	list = applyIgnores(list, set.Nodes, opt)
	list = reweigh(list, opt)
	for _, n := range set.Nodes {
		if n.Tree != nil {
			n.Tree.Annotate(list)
		}
	}
	return list
}

// clusterNodes hands the nodes to package cluster, with the blocks that a mistake makes unsound.
func clusterNodes(nodes []*Node, compileOnly map[string]bool) []cluster.Node {
	out := make([]cluster.Node, len(nodes))
	for i, n := range nodes {
		out[i] = cluster.Node{
			Name: n.Name, Tree: n.Tree, Plan: n.Plan, Segment: n.Segment,
			Unsound: unsound(n.Diags, compileOnly),
		}
	}
	return out
}

// nodesByFile maps each file to the node that reads it.
func nodesByFile(nodes []*Node) map[*source.File]string {
	out := map[*source.File]string{}
	for _, n := range nodes {
		if n.Tree == nil {
			continue
		}
		for _, f := range n.Tree.Files {
			out[f] = n.Name
		}
	}
	return out
}

// place fills in the nodes that a finding and its notes are about.
func place(d *diag.Diagnostic, names map[*source.File]string) {
	if d.Node == "" {
		d.Node = names[d.Span.File]
	}
	for i := range d.Related {
		if r := &d.Related[i]; r.Node == "" && r.Span.IsValid() {
			r.Node = names[r.Span.File]
		}
	}
}

// once drops findings that are there twice, because two nodes include the same file. The list is sorted.
func once(list diag.List) diag.List {
	return slices.CompactFunc(list, func(a, b diag.Diagnostic) bool {
		return a.Rule == b.Rule && a.Message == b.Message && samePlace(a.Span, b.Span)
	})
}

func samePlace(a, b source.Span) bool {
	if a.File == nil || b.File == nil {
		return a.File == b.File
	}
	return a.Start == b.Start && a.End == b.End && a.File.Name == b.File.Name
}

// swallowSame drops a finding where a worse one of the same rule is about the same words, itself or in
// one of its notes: a rule that sees two nodes knows more than the front end that saw one.
func swallowSame(list diag.List) diag.List {
	least := map[string]diag.Severity{}
	for _, d := range list {
		if have, ok := least[d.Rule]; !ok || d.Severity < have {
			least[d.Rule] = d.Severity
		}
	}
	worse := map[string][]diag.Diagnostic{}
	for _, d := range list {
		if d.Severity > least[d.Rule] {
			worse[d.Rule] = append(worse[d.Rule], d)
		}
	}
	return slices.DeleteFunc(slices.Clone(list), func(d diag.Diagnostic) bool {
		return slices.ContainsFunc(worse[d.Rule], func(o diag.Diagnostic) bool {
			if o.Severity <= d.Severity {
				return false
			}
			return overlaps(o.Span, d.Span) || slices.ContainsFunc(o.Related, func(n diag.Note) bool { return overlaps(n.Span, d.Span) })
		})
	})
}

func overlaps(a, b source.Span) bool {
	return a.File != nil && b.File != nil && a.File.Name == b.File.Name && a.Start < b.End && b.Start < a.End
}

// reweigh applies the severities that the user chose, and drops what is turned off.
func reweigh(list diag.List, opt Options) diag.List {
	list = slices.DeleteFunc(list, func(d diag.Diagnostic) bool { return opt.Off[d.Rule] })
	for i := range list {
		list[i].Severity = cmp.Or(opt.Severity[list[i].Rule], list[i].Severity)
	}
	return list
}
