package vrrp_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"ka/compiler/plan"
)

// TestSimulationGroupTies: nodes of one priority whose addresses are ordered one way in IPv4 and the other way
// in IPv6 all lose a tie, and start at the same moment. A group comes to rest all the same.
func TestSimulationGroupTies(t *testing.T) {
	for _, size := range []int{2, 3} {
		for members := 2; members <= 4; members++ {
			s := newSimulation(1, false)
			for r := range members {
				ipv6 := r%2 == 1
				s.routers = append(s.routers, simRouter{vrid: uint8(51 + r), version: 3, interval: time.Second, address: simVIP(r, ipv6)})
			}
			s.grouped = true
			for i := range size {
				n := s.newNode(i)
				n.source6 = netip.MustParseAddr(fmt.Sprintf("fe80::%x", 9-i))
				g := plan.SyncGroup{Name: "G"}
				for r := range s.routers {
					in := s.instance(n, r)
					in.TrackScripts = nil
					n.plan.Instances = append(n.plan.Instances, in)
					g.Members = append(g.Members, in.Name)
				}
				n.plan.Groups.Sync = []plan.SyncGroup{g}
				s.nodes = append(s.nodes, n)
			}
			for i := range s.nodes {
				s.start(i)
			}
			s.run(20 * time.Second)
			s.judge()
			if s.failure != "" {
				t.Errorf("%d nodes, %d members: %s\n%s", size, members, s.failure, strings.Join(lastLines(s.lines, 20), "\n"))
			}
		}
	}
}
