package lint

import (
	"cmp"
	"slices"
	"sort"

	"ka/lang/diag"
	"ka/lang/source"
)

// explain turns findings that another one explains into its notes: same subject, or same block, and the
// rule says so. What stands on a line that is too long was not read as it is written at all.
func explain(list diag.List, rules []*Rule, nodes []*Node) diag.List {
	bySubject, byBlock := map[string][]string{}, map[string][]string{}
	explained := map[string]bool{}
	for _, r := range rules {
		bySubject[r.Name], byBlock[r.Name] = r.Explains, r.ExplainsInBlock
		for _, name := range append(slices.Clone(r.Explains), r.ExplainsInBlock...) {
			explained[name] = true
		}
	}
	var candidates []int
	for j := range list {
		if explained[list[j].Rule] {
			candidates = append(candidates, j)
		}
	}
	blocks := topLevel(nodes)
	gone := make([]bool, len(list))
	for i := range list {
		a := &list[i]
		subjects, inBlock, wholeLine := bySubject[a.Rule], byBlock[a.Rule], a.Rule == lineTooLongRule
		if len(subjects) == 0 && len(inBlock) == 0 && !wholeLine {
			continue
		}
		possible := candidates
		if wholeLine {
			possible = neighbours(list, i)
		}
		for _, j := range possible {
			b := &list[j]
			if i == j || gone[i] || gone[j] {
				continue
			}
			switch {
			case a.Subject != "" && a.Subject == b.Subject && slices.Contains(subjects, b.Rule):
			case slices.Contains(inBlock, b.Rule) && blocks.same(a.Span, b.Span):
			case wholeLine && sameLine(a.Span, b.Span):
			default:
				continue
			}
			gone[j] = true
			a.Related = append(a.Related, diag.Note{Message: "hence: " + b.Message + " [" + b.Rule + "]", Span: b.Span, Node: b.Node})
			a.Related = append(a.Related, b.Related...)
		}
	}
	out := make(diag.List, 0, len(list))
	for i := range list {
		if !gone[i] {
			out = append(out, list[i])
		}
	}
	return out
}

// neighbours are the findings on the line of finding i; the list is sorted.
func neighbours(list diag.List, i int) []int {
	var out []int
	for j := i - 1; j >= 0 && sameLine(list[j].Span, list[i].Span); j-- {
		out = append(out, j)
	}
	for j := i + 1; j < len(list) && sameLine(list[j].Span, list[i].Span); j++ {
		out = append(out, j)
	}
	return out
}

func sameLine(a, b source.Span) bool {
	return a.File != nil && b.File != nil && a.File.Name == b.File.Name && a.Position().Line == b.Position().Line
}

// blockStarts are the places in each file where top-level statements start, sorted.
type blockStarts map[string][]int

func topLevel(nodes []*Node) blockStarts {
	out := blockStarts{}
	for _, n := range nodes {
		if n.Tree == nil {
			continue
		}
		for _, st := range n.Tree.Body {
			if f := st.Head.Span.File; f != nil {
				out[f.Name] = append(out[f.Name], st.Head.Span.Start)
			}
		}
	}
	for name, starts := range out {
		slices.SortFunc(starts, cmp.Compare[int])
		out[name] = slices.Compact(starts)
	}
	return out
}

// same reports whether two places are in the same top-level block of one file.
func (b blockStarts) same(x, y source.Span) bool {
	if x.File == nil || y.File == nil || x.File.Name != y.File.Name {
		return false
	}
	starts := b[x.File.Name]
	at := func(s source.Span) int { return sort.SearchInts(starts, s.Start+1) }
	return at(x) > 0 && at(x) == at(y)
}
