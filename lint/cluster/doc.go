// Package cluster says what belongs together: which instances of different nodes are one virtual
// router, which virtual servers are the same one, and which virtual routers collide.
//
// It judges nothing; the rules of package lint do. It knows only what the texts say: where a network
// follows from nothing that was written, two instances are unrelated.
//
//	r := cluster.Group([]cluster.Node{{Name: "node1", Tree: t1, Plan: p1}, {Name: "node2", Tree: t2, Plan: p2}})
//	for _, vr := range r.Routers {
//		for _, m := range vr.Members {
//			fmt.Println(vr.Name(), m.Node, m.Instance.Priority)
//		}
//	}
package cluster
