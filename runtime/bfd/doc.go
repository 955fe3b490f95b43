// Package bfd is Bidirectional Forwarding Detection (RFC 5880, RFC 5881, RFC 5883) as far as keepalived
// speaks it: asynchronous mode without authentication and without echo packets. It is pure: time and packets
// come in, packets and changes go out; sockets are those of runtime/director.
//
//	s := bfd.NewSession(inst, 0, seed)
//	for _, a := range s.Step(now, bfd.Start{}) {
//		switch a := a.(type) {
//		case bfd.Send:
//			transmit(a.Packet.AppendBinary(nil))
//		case bfd.Changed:
//			tell(a.Up)
//		}
//	}
//	wake, ok := s.NextDeadline()
package bfd
