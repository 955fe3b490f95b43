package lint

import (
	"slices"

	"ka/compiler/plan"
	"ka/lang/check"
	"ka/lang/schema/kw"
	"ka/lang/syntax"
	"ka/lint/cluster"
	"ka/lint/failover"
)

// participants are the members of a virtual router with all that changes state together with them. False:
// something that decides about them is not known, or cannot be played.
func (s *Set) participants(vr *cluster.VirtualRouter) ([]failover.Participant, bool) {
	if len(vr.Members) < 2 || !s.decided(vr) {
		return nil, false
	}
	var nodes []failover.Participant
	for _, m := range vr.Members {
		p := failover.Participant{Name: m.Node, Instance: *m.Instance, Scripts: s.Nodes[m.Index].Plan.Scripts, Behaviour: s.behaviours(m.Node)[0]}
		group := s.syncGroup(m)
		if group == nil && s.grouped(m) {
			return nil, false // the group itself is not in the plan
		}
		if group != nil {
			if len(group.TrackFiles) > 0 {
				return nil, false
			}
			p.Group = group
			for _, name := range group.Members {
				if name == m.Instance.Name {
					continue
				}
				sibling, ok := s.sibling(m, name)
				if !ok {
					return nil, false
				}
				p.Siblings = append(p.Siblings, sibling)
			}
		}
		nodes = append(nodes, p)
	}
	return nodes, true
}

// decided reports whether everything is known that decides about a virtual router by itself.
func (s *Set) decided(vr *cluster.VirtualRouter) bool {
	return len(vr.Unsound) == 0 && !vr.Weak && s.playable(vr.Members)
}

// syncGroup is the sync group of an instance, nil for none.
func (s *Set) syncGroup(m cluster.Member) *plan.SyncGroup {
	groups := s.Nodes[m.Index].Plan.Groups.Sync
	i := slices.IndexFunc(groups, func(g plan.SyncGroup) bool { return slices.Contains(g.Members, m.Instance.Name) })
	if i < 0 {
		return nil
	}
	return &groups[i]
}

// sibling is another member of the group, with the virtual router that it is of.
func (s *Set) sibling(m cluster.Member, name string) (failover.Sibling, bool) {
	for i, vr := range s.Clusters.Routers {
		for _, other := range vr.Members {
			if other.Index == m.Index && other.Instance.Name == name {
				return failover.Sibling{Instance: *other.Instance, Router: i + 1}, s.decided(vr)
			}
		}
	}
	return failover.Sibling{}, false
}

// groupStatement is the vrrp_sync_group of the text that lists an instance, nil for none.
func (s *Set) groupStatement(m cluster.Member) *syntax.Statement {
	for _, g := range check.FindAll(s.Nodes[m.Index].Tree.Body, kw.VRRPSyncGroup) {
		for _, list := range check.FindAll(g.Children(), kw.Group) {
			for _, entry := range list.Children() {
				if entry.Head.Text == m.Instance.Name || slices.ContainsFunc(entry.Args, func(w syntax.Word) bool { return w.Text == m.Instance.Name }) {
					return g
				}
			}
		}
	}
	return nil
}

// grouped reports whether a sync group decides about the state of an instance.
func (s *Set) grouped(m cluster.Member) bool { return s.groupStatement(m) != nil }
