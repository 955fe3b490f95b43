package lint

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"ka/lang/diag"
	"ka/lang/source"
)

// explain turns findings that another one explains into its notes: same subject, or same block, and the
// rule says so. What stands on a line that is too long was not read as it is written at all.
func explain(list diag.List, rules []*Rule, nodes []*Node) diag.List {
	byName := map[string]*Rule{}
	for _, r := range rules {
		byName[r.Name] = r
	}
	x := indexExplained(list, rules, topLevel(nodes))
	gone := make([]bool, len(list))
	for i := range list {
		a, rule := &list[i], byName[list[i].Rule]
		if gone[i] || rule == nil {
			continue
		}
		possible := x.take(a, rule)
		if a.Rule == lineTooLongRule {
			possible = append(possible, neighbours(list, i)...)
		}
		if len(rule.ExplainsOnLine) > 0 {
			possible = append(possible, slices.DeleteFunc(neighbours(list, i), func(j int) bool {
				return !slices.Contains(rule.ExplainsOnLine, list[j].Rule)
			})...)
		}
		if rule.ExplainsInside {
			possible = append(possible, inside(list, i)...)
		}
		if rule.ExplainsItsText {
			possible = append(possible, aboutText(list, i, byName)...)
		}
		for _, j := range possible {
			if i == j || gone[j] {
				continue
			}
			b := &list[j]
			gone[j] = true
			if rule.ExplainsItsText || len(rule.ExplainsOnLine) > 0 {
				a.Severity = max(a.Severity, b.Severity)
			}
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

// explained finds, among many findings, those that one of them explains.
type explained struct {
	blocks    blockStarts
	bySubject map[subjectKey][]int
	byBlock   map[blockKey][]int
}

// subjectKey and blockKey are what an explanation has in common with what it explains, and the rule.
type (
	subjectKey struct{ subject, rule string }
	blockKey   struct {
		file  string
		block int
		rule  string
	}
)

// indexExplained notes the findings whose rule some other rule explains.
func indexExplained(list diag.List, rules []*Rule, blocks blockStarts) explained {
	subjects, inBlock := map[string]bool{}, map[string]bool{}
	for _, r := range rules {
		for _, name := range r.Explains {
			subjects[name] = true
		}
		for _, name := range r.ExplainsInBlock {
			inBlock[name] = true
		}
	}
	x := explained{blocks: blocks, bySubject: map[subjectKey][]int{}, byBlock: map[blockKey][]int{}}
	for j := range list {
		d := &list[j]
		if subjects[d.Rule] && d.Subject != "" {
			k := subjectKey{d.Subject, d.Rule}
			x.bySubject[k] = append(x.bySubject[k], j)
		}
		if block := blocks.of(d.Span); inBlock[d.Rule] && block > 0 {
			k := blockKey{d.Span.File.Name, block, d.Rule}
			x.byBlock[k] = append(x.byBlock[k], j)
		}
	}
	return x
}

// take returns the findings that a explains, in their order. They are handed out once: the first finding
// that explains others has them.
func (x *explained) take(a *diag.Diagnostic, rule *Rule) []int {
	var out []int
	for _, name := range rule.Explains {
		k := subjectKey{a.Subject, name}
		out = append(out, x.bySubject[k]...)
		delete(x.bySubject, k)
	}
	if block := x.blocks.of(a.Span); block > 0 {
		for _, name := range rule.ExplainsInBlock {
			k := blockKey{a.Span.File.Name, block, name}
			out = append(out, x.byBlock[k]...)
			delete(x.byBlock, k)
		}
	}
	slices.Sort(out)
	return out
}

// inside are the findings whose place starts within that of finding i.
func inside(list diag.List, i int) []int {
	a := list[i].Span
	var out []int
	for j, b := range list {
		if i != j && a.File != nil && b.Span.File == a.File && a.Start <= b.Span.Start && b.Span.Start < a.End {
			out = append(out, j)
		}
	}
	return out
}

// aboutText are the findings about the text of finding i, wherever its file holds it, and those about what
// lacks on such a line. Findings about the keyword itself are none of them.
func aboutText(list diag.List, i int, rules map[string]*Rule) []int {
	a := list[i]
	text := a.Span.Text()
	var out []int
	for j, b := range list {
		if i == j || b.Span.File != a.Span.File || a.Span.File == nil {
			continue
		}
		if r := rules[b.Rule]; r != nil && r.ExplainsItsText {
			continue
		}
		line := b.Span.File.LineSpan(b.Span.Position().Line)
		on := line.Text()
		for from := 0; ; {
			n := strings.Index(on[from:], text)
			if n < 0 {
				break
			}
			start := line.Start + from + n
			if aboutWholeLine[b.Rule] || b.Span.Start < start+len(text) && start < max(b.Span.End, b.Span.Start+1) {
				out = append(out, j)
				break
			}
			from += n + len(text)
		}
	}
	return out
}

// aboutWholeLine are the rules about how many words a line has, and which: nobody knows that of a line with a
// placeholder.
var aboutWholeLine = map[string]bool{
	"missing-argument": true, "extra-words": true, "script-arguments-lost": true, "script-shell-syntax": true,
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

// of numbers the top-level block that a place is in, from 1; 0 is none.
func (b blockStarts) of(s source.Span) int {
	if s.File == nil {
		return 0
	}
	return sort.SearchInts(b[s.File.Name], s.Start+1)
}
