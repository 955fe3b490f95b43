// Package failover plays small failures of a virtual router and tells who owns its addresses after
// each.
//
// The nodes are real machines of runtime/vrrp with the real encoder and acceptance, on a wire without
// faults, under a virtual clock; the tracked scripts run with the real counters of rise and fall. A
// scenario says which node starts first, alone, and so becomes owner, and what then fails or recovers;
// after each step the play goes on until nothing can change any more. Everything is deterministic.
//
// It plays a virtual router on one wire, and with it all that its sync groups move: their other members
// have wires of their own. Interfaces are not played, and with unicast peers everybody hears everybody.
// Where a configuration names no source address, addresses from 192.0.2.0/24 or of the link are given out
// in node order; they decide only between masters of equal priority.
//
//	trace := failover.Play(nodes, failover.Scenario{
//		First: 0,
//		Steps: []failover.Step{{Kind: failover.CheckFails, Node: 0, Script: "chk_nginx"}},
//	})
//	for _, line := range trace.Lines {
//		fmt.Println(line) // t=8.000s lb1 VI_1 priority 101→81: script "chk_nginx" failed
//	}
//	owners := trace.Last().Owners
//
// [Analyse] plays every tracked check of every node that can be the owner, and returns those whose
// failure moves nothing although a healthy node is there, each with its cause and its repair. [Flaps]
// tells clusters that never come to rest.
package failover
