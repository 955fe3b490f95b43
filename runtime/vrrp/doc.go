// Package vrrp is the virtual router redundancy protocol without its input and output: the wire codec,
// the acceptance of received packets, and the state machine of one instance.
//
// It is pure. Time, packets and events come in, actions go out; the caller sends, adds addresses and
// runs commands. karun drives it with sockets and timers, kalint with a virtual clock and a simulated
// wire: what kalint judges is what runs. A [Behaviour] names the differences between implementations.
//
// The machine runs VRRP version 2 and 3 over IPv4 multicast. It does not do IPv6, unicast peers, sync
// groups, authentication other than PASS ([Supported] says what karun runs of it), and it removes no
// addresses that a killed predecessor left behind: that is the caller's work before [Start]. Of old
// versions it does not play when 2.2.7 refreshes its gratuitous ARP (while it sends an advert).
//
//	m := vrrp.NewMachine(instance, vrrp.Karun())
//	run(m.Step(now, vrrp.Start{Source: address, LinkUp: true}))
//	for {
//		deadline, ok := m.NextDeadline()
//		select {
//		case packet := <-received:
//			run(m.Step(clock(), vrrp.PacketReceived{Packet: packet}))
//		case <-at(deadline, ok):
//			run(m.Step(clock(), vrrp.Tick{}))
//		}
//	}
//
// Facts are those of keepalived 2.4.3, checked against the daemon; where keepalived departs from
// RFC 3768 and RFC 9568, so does this package, unless docs/differences.md names the difference.
package vrrp
