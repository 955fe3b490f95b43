// Package arp is the frame with which a new master tells the link where an address is now.
//
// It writes and reads gratuitous ARP requests of IPv4 on Ethernet in keepalived's form, and nothing
// else: no neighbour advertisements (IPv6), no InfiniBand, no sockets.
//
//	frame := arp.AppendGratuitous(nil, mac, netip.MustParseAddr("192.0.2.10"))
//	// send it on an AF_PACKET socket of the interface; again for each round and address
//
//	g, err := arp.Parse(frame) // g.MAC, g.IP
package arp
