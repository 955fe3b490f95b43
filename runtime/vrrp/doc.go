// Package vrrp is the virtual router redundancy protocol without its input and output: the wire codec,
// the acceptance of received packets, the state machine of an instance, and sync groups.
//
// It is pure. Time, packets and events come in, actions go out; the caller sends, adds addresses and
// runs commands. karun drives it with sockets and timers, kalint with a virtual clock and a simulated
// wire: what kalint judges is what runs. A [Behaviour] names the differences between implementations.
//
// It speaks VRRP version 2 and 3 over IPv4 and IPv6, to a multicast group or to unicast peers, with the
// authentications that keepalived has: PASS, AH, and signatures (auth_hmac). A [Sender] makes the packets
// of an instance, an [Acceptance] judges what it receives, a [Machine] runs one instance, a [Node] all
// instances of a plan with their sync groups. [Supported] says what karun does not run. A machine removes
// no addresses that a killed predecessor left behind: that is the caller's work before [Start]. Of old
// versions it does not play when 2.2.7 refreshes its gratuitous ARP (while it sends an advert).
//
//	n := vrrp.NewNode(p, vrrp.Karun())
//	run(n.Step(now, 0, vrrp.Start{Source: address, LinkUp: true}))
//	for {
//		deadline, ok := n.NextDeadline()
//		select {
//		case packet := <-received:
//			run(n.Step(clock(), packet.instance, vrrp.PacketReceived{Packet: packet.bytes}))
//		case <-at(deadline, ok):
//			i, _ := n.Due(clock())
//			run(n.Step(clock(), i, vrrp.Tick{}))
//		}
//	}
//
// Facts are those of keepalived 2.4.3, checked against the daemon; where keepalived departs from
// RFC 3768 and RFC 9568, so does this package, unless docs/differences.md names the difference.
package vrrp
