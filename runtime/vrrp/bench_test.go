package vrrp_test

import (
	"fmt"
	"net/netip"
	"testing"

	"ka/compiler/plan"
	"ka/runtime/vrrp"
)

// BenchmarkAdverts is what a node of 1 000 masters computes for one advert, sockets aside.
func BenchmarkAdverts(b *testing.B) {
	for _, version := range []int{2, 3} {
		b.Run(fmt.Sprintf("v%d", version), func(b *testing.B) {
			p := &plan.Plan{}
			for i := range 1000 {
				in := testInstance()
				in.Name, in.VRID, in.Version = fmt.Sprint(i), uint8(1+i%255), version
				in.Group = netip.MustParseAddr("224.0.0.18")
				p.Instances = append(p.Instances, in)
			}
			n := vrrp.NewNode(p, vrrp.Karun())
			for i := range p.Instances {
				n.Step(0, i, vrrp.Start{Source: netip.MustParseAddr("10.9.0.1"), LinkUp: true})
			}
			next := func() {
				at, _ := n.NextDeadline()
				i, _ := n.Due(at)
				n.Step(at, i, vrrp.Tick{})
			}
			for range 5000 {
				next()
			}
			b.ReportAllocs()
			for b.Loop() {
				next()
			}
		})
	}
}
