package lint

import (
	"fmt"
	"strings"

	"ka/lang/diag"
	"ka/lang/schema/kw"
	"ka/lint/cluster"
	"ka/lint/failover"
)

func ruleSyncGroupOrder() *Rule {
	return &Rule{
		Name:     "sync-group-order",
		Severity: diag.Error,
		Title:    "members of one sync group prefer different nodes",
		Text: `The members of a ` + "`" + kw.VRRPSyncGroup + "`" + ` are master on one node together. When one of them has the higher priority here and
another one there, each node takes the addresses from the other: the better advert of either makes a whole group backup.
Nodes that become masters at the same time go on for ever, and nobody has the addresses. In other cases whoever was
master first stays it, whatever the priorities say.

The rule plays it: all nodes start together, with the real state machines under a virtual clock. An error has not come
to rest within two minutes; a warning is an order that has no effect.

To share the load between two nodes, put instances that prefer different nodes into different groups.`,
		Bad:  "-- node1.conf --\n" + groupOfTwo("150", "100") + "-- node2.conf --\n" + groupOfTwo("100", "150"),
		Good: "-- node1.conf --\n" + groupOfTwo("150", "150") + "-- node2.conf --\n" + groupOfTwo("100", "100"),
		Run:  runSyncGroupOrder,
	}
}

// groupOfTwo is an example node with a sync group, and the priorities of its members.
func groupOfTwo(first, second string) string {
	var b strings.Builder
	b.WriteString(kw.VRRPSyncGroup + " G1 {\n    " + kw.Group + " {\n        VI_1\n        VI_2\n    }\n}\n")
	for i, priority := range []string{first, second} {
		fmt.Fprintf(&b, `vrrp_instance VI_%d {
    state BACKUP
    interface eth0
    virtual_router_id %d
    priority %s
    virtual_ipaddress {
        192.168.8.10%d/24
    }
}
`, i+1, 51+i, priority, i)
	}
	return b.String()
}

// opposed are two nodes whose groups have opposed orders: a has the higher priority in one member, b in another.
type opposed struct {
	a, b int
	// sibling and other are the names of that other member on either node.
	sibling, other string
}

func runSyncGroupOrder(s *Set, r *Reporter) {
	told := map[string]bool{}
	for _, vr := range s.Clusters.Routers {
		nodes, ok := s.participants(vr)
		if !ok {
			continue
		}
		o, found := findOpposed(nodes)
		if !found {
			continue
		}
		a, b := vr.Members[o.a], vr.Members[o.b]
		key := min(a.Node, b.Node) + "\x00" + max(a.Node, b.Node) + "\x00" + nodes[min(o.a, o.b)].Group.Name
		if !told[key] {
			told[key] = true
			r.Report(s.opposedOrder(nodes, o, a, b))
		}
	}
}

// findOpposed finds the first two nodes of opposed orders; a is the one that the router itself prefers.
func findOpposed(nodes []failover.Participant) (opposed, bool) {
	for i, a := range nodes {
		for j, b := range nodes {
			if a.Instance.Priority <= b.Instance.Priority {
				continue
			}
			for _, x := range a.Siblings {
				for _, y := range b.Siblings {
					if x.Router == y.Router && x.Instance.Priority < y.Instance.Priority {
						return opposed{i, j, x.Instance.Name, y.Instance.Name}, true
					}
				}
			}
		}
	}
	return opposed{}, false
}

// opposedOrder plays the nodes and says what happens.
func (s *Set) opposedOrder(nodes []failover.Participant, o opposed, a, b cluster.Member) diag.Diagnostic {
	group := nodes[o.a].Group
	d := diag.Diagnostic{
		Node: a.Node, Span: at(a, kw.Priority), Subject: "group " + group.Name, Severity: diag.Warning,
		Help: fmt.Sprintf("give all members of %q the higher priority on the same node, or put them into different groups", group.Name),
	}
	if st := s.groupStatement(a); st != nil {
		d.Related = append(d.Related, note(a, nameSpan(st), "the sync group"))
	}
	d.Related = append(d.Related, note(b, at(b, kw.Priority), "%q has %d here", b.Instance.Name, b.Instance.Priority))
	for _, side := range []struct {
		of   cluster.Member
		name string
	}{{a, o.sibling}, {b, o.other}} {
		if m, ok := s.memberNamed(side.of, side.name); ok {
			d.Related = append(d.Related, note(m, at(m, kw.Priority), "%q has %d here", m.Instance.Name, m.Instance.Priority))
		}
	}
	orders := fmt.Sprintf("in sync group %q, %q prefers %s and %q prefers %s", group.Name, a.Instance.Name, a.Node, o.sibling, b.Node)
	changes, _ := failover.Flaps(nodes)
	if changes > 0 {
		d.Severity = diag.Error
		d.Message = orders + ": started together, they take the addresses from each other and never come to rest"
		return d
	}
	d.Message = orders + ": whoever becomes master first stays it, whatever the priorities say"
	return d
}

// memberNamed finds another instance of a member's node.
func (s *Set) memberNamed(of cluster.Member, name string) (cluster.Member, bool) {
	for _, vr := range s.Clusters.Routers {
		for _, m := range vr.Members {
			if m.Index == of.Index && m.Instance.Name == name {
				return m, true
			}
		}
	}
	return cluster.Member{}, false
}
