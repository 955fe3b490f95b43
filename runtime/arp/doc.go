// Package arp is the frame with which a new master tells the link where an address is now.
//
// It writes and reads gratuitous ARP requests of IPv4 and unsolicited neighbour advertisements of IPv6, on
// Ethernet, in keepalived's form, and nothing else: no InfiniBand, no sockets.
//
//	frame := arp.AppendGratuitous(nil, mac, netip.MustParseAddr("192.0.2.10"))
//	// send it on an AF_PACKET socket of the interface; again for each round and address
//
//	g, err := arp.Parse(frame) // g.MAC, g.IP
//
//	frame = arp.AppendNeighbour(nil, arp.Neighbour{MAC: mac, IP: netip.MustParseAddr("2001:db8::10")})
package arp
