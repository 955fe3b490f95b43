package check

import (
	"ka/lang/schema/kw"
	"ka/lang/syntax"
)

// members finds the names of instances that stand in a sync or track group without the list around them.
// The missing list is one mistake, which is reported where the group is read: the names are no unknown keywords.
type members struct {
	// bare are the lines of nothing but such names.
	bare map[*syntax.Statement]bool
	tree *syntax.Tree
	// instances are the names in the tree, looked for once.
	instances map[string]bool
}

// look adds the lines of one block.
func (m *members) look(s *syntax.Statement) {
	if s.Keyword.Name != kw.VRRPSyncGroup && s.Keyword.Name != kw.TrackGroup {
		return
	}
	lines := s.Children()
	for _, line := range lines {
		if line.Head.Text == kw.Group {
			return
		}
	}
	for _, line := range lines {
		if line.Block == nil && m.named(line.Head) && allOf(line.Args, m.named) {
			m.bare[line] = true
		}
	}
}

func allOf(words []syntax.Word, is func(syntax.Word) bool) bool {
	for _, w := range words {
		if !is(w) {
			return false
		}
	}
	return true
}

// named reports whether a word is the name of an instance.
func (m *members) named(w syntax.Word) bool {
	if m.instances == nil {
		m.instances = map[string]bool{}
		for _, s := range m.tree.Body {
			if s.Head.Text == kw.VRRPInstance && len(s.Args) > 0 {
				m.instances[s.Args[0].Text] = true
			}
		}
	}
	return m.instances[w.Text]
}
