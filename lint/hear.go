package lint

import (
	"slices"

	"ka/lint/cluster"
	"ka/lint/reception"
	"ka/runtime/vrrp"
)

// oldestKnown is the oldest version whose behaviour is known; older targets are judged by it, which is
// right for everything that the rules ask (all of it is older than 1.3.5).
const oldestKnown = "2.2.7"

// behaviours are those of the targets of the nodes, each once. A node without a target stands for all
// supported versions.
func (s *Set) behaviours(nodes ...string) []vrrp.Behaviour {
	var out []vrrp.Behaviour
	add := func(b vrrp.Behaviour) {
		if !slices.ContainsFunc(out, func(have vrrp.Behaviour) bool { return have.Name == b.Name }) {
			out = append(out, b)
		}
	}
	for _, node := range nodes {
		list := s.targetsOf(node)
		if len(list) == 0 {
			for _, b := range vrrp.Targets() {
				add(b)
			}
		}
		for _, t := range list {
			b, ok := vrrp.Keepalived(t.Version)
			if !ok {
				b, ok = vrrp.Keepalived(oldestKnown)
				b.Name = "keepalived " + t.Version
			}
			if ok {
				add(b)
			}
		}
	}
	return out
}

// deaf reports whether either of two members drops the other's adverts for one of the reasons, asked of
// the real encoder and acceptance. It is asked only of members whose plans differ; where it does not reach
// (IPv6), the difference is the answer.
func (s *Set) deaf(a, b cluster.Member, reasons ...vrrp.DropReason) bool {
	if !reception.Playable(*a.Instance) || !reception.Playable(*b.Instance) {
		return true
	}
	for _, pair := range [][2]cluster.Member{{a, b}, {b, a}} {
		for _, d := range reception.Differences(*pair[0].Instance, *pair[1].Instance, s.behaviours(pair[1].Node)) {
			if len(d.Drops) > 0 && slices.Contains(reasons, d.Reason) {
				return true
			}
		}
	}
	return false
}
