package lint

import (
	"slices"
	"unicode"

	"ka/compiler/plan"
	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lang/source"
	"ka/lang/syntax"
	"ka/lint/cluster"
)

// unsound tells which blocks hold an error, so that nothing can be proved from them.
//
// Three kinds of errors take nothing away from a block: characters on a line that holds nothing else,
// authentication that is not used, and what is correct but not compiled by this release. The last one
// does where it keeps an address or the authentication out of the plan.
func unsound(list diag.List, compileOnly map[string]bool) func(*syntax.Statement) bool {
	var wrong, missing []source.Span
	for _, d := range list {
		switch {
		case d.Severity != diag.Error || !d.Span.IsValid():
		case compileOnly[d.Rule]:
			missing = append(missing, d.Span)
		case d.Rule != authIgnoredRule && !blankLine(d.Span):
			wrong = append(wrong, d.Span)
		}
	}
	wrongAt, missingAt := byFile(wrong), byFile(missing)
	return func(st *syntax.Statement) bool {
		if wrongAt.in(st) {
			return true
		}
		return missingAt.in(st) && slices.ContainsFunc(st.Children(), func(child *syntax.Statement) bool {
			compared := child.Head.Text == kw.VirtualIpaddress || child.Head.Text == kw.Authentication
			return compared && missingAt.in(child)
		})
	}
}

// places are the starts of spans by the name of their file, sorted.
type places map[string][]int

func byFile(spans []source.Span) places {
	out := places{}
	for _, s := range spans {
		out[s.File.Name] = append(out[s.File.Name], s.Start)
	}
	for _, starts := range out {
		slices.Sort(starts)
	}
	return out
}

// in reports whether one of the places lies in st or in its block, also where parts of the block are
// included from another file.
func (p places) in(st *syntax.Statement) bool {
	if len(p) == 0 {
		return false
	}
	head := st.Head.Span
	end := st.Span.End
	if st.Block != nil {
		end = len(head.File.Data)
		if c := st.Block.Close; c.IsValid() && c.File == head.File {
			end = c.End
		}
	}
	starts := p[head.File.Name]
	if i, _ := slices.BinarySearch(starts, head.Start); i < len(starts) && starts[i] < end {
		return true
	}
	if len(p) == 1 && starts != nil {
		return false // all places are in this file
	}
	return slices.ContainsFunc(st.Children(), func(child *syntax.Statement) bool {
		return (child.Head.Span.File != head.File || child.Block != nil) && p.in(child)
	})
}

// blankLine reports whether the line that s starts on holds only blanks, braces and invisible characters.
func blankLine(s source.Span) bool {
	line := s.File.LineSpan(s.Position().Line).Text()
	for _, r := range line {
		if !unicode.IsSpace(r) && r != '{' && r != '}' && !syntax.HasInvisible(string(r)) {
			return false
		}
	}
	return true
}

// playable reports whether the play knows everything that decides who is master: no file is tracked, whose number
// nobody knows, and everyone hears everyone.
func (s *Set) playable(members []cluster.Member) bool {
	return everyoneHears(members) && !slices.ContainsFunc(members, func(m cluster.Member) bool {
		return len(m.Instance.TrackFiles) > 0
	})
}

// everyoneHears reports whether all members send by multicast, or all to all others.
func everyoneHears(members []cluster.Member) bool {
	for i, a := range members {
		for j, b := range members {
			u := a.Instance.Unicast
			switch {
			case i == j:
			case (u == nil) != (b.Instance.Unicast == nil):
				return false
			case u == nil || !b.Instance.Source.IsValid():
			case !slices.ContainsFunc(u.Peers, func(p plan.Peer) bool { return p.Address == b.Instance.Source }):
				return false
			}
		}
	}
	return true
}
