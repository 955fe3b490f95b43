package arp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
)

// NeighbourLen is the length of a frame with a neighbour advertisement, Ethernet header included.
const NeighbourLen = 86

// The constants of the frame (RFC 4861, 4.4 and 4.6.1).
const (
	etherLen           = 14
	etherTypeIPv6      = 0x86dd
	ipv6HeaderLen      = 40
	ipv6FirstByte      = 0x60
	protocolICMPv6     = 58
	hopLimit           = 255
	advertisementType  = 136
	advertisementLen   = 32
	flagRouter         = 0x80
	flagOverride       = 0x20
	optionLinkAddress  = 2
	optionLengthEights = 1 // in units of 8 bytes
)

// allNodesMAC is the Ethernet address of ff02::1.
var (
	allNodesMAC = [macLen]byte{0x33, 0x33, 0, 0, 0, 1}
	allNodes    = netip.AddrFrom16([16]byte{0: 0xff, 1: 0x02, 15: 1})
)

// Neighbour is what an unsolicited neighbour advertisement says: the address IP is at MAC.
type Neighbour struct {
	MAC [macLen]byte
	// IP is an IPv6 address.
	IP netip.Addr
	// Router says that the machine forwards packets.
	Router bool
}

// AppendNeighbour appends the whole Ethernet frame that announces ip at mac to all nodes of the link, as
// keepalived sends it (reference vrrp 9): from the address itself, overriding what was known. Of
// anything but an IPv6 address it appends nothing.
func AppendNeighbour(b []byte, n Neighbour) []byte {
	if !n.IP.Is6() || n.IP.Is4In6() {
		return b
	}
	address, group := n.IP.As16(), allNodes.As16()
	b = append(b, allNodesMAC[:]...)
	b = append(b, n.MAC[:]...)
	b = binary.BigEndian.AppendUint16(b, etherTypeIPv6)
	b = append(b, ipv6FirstByte, 0, 0, 0, 0, advertisementLen, protocolICMPv6, hopLimit)
	b = append(b, address[:]...)
	b = append(b, group[:]...)
	flags := byte(flagOverride)
	if n.Router {
		flags |= flagRouter
	}
	message := len(b)
	b = append(b, advertisementType, 0, 0, 0, flags, 0, 0, 0)
	b = append(b, address[:]...)
	b = append(b, optionLinkAddress, optionLengthEights)
	b = append(b, n.MAC[:]...)
	binary.BigEndian.PutUint16(b[message+2:], icmpChecksum(b[message:], address, group))
	return b
}

// ParseNeighbour reads a frame of exactly the form that [AppendNeighbour] writes, with or without
// padding behind it. The error says what is different.
func ParseNeighbour(frame []byte) (Neighbour, error) {
	if len(frame) < NeighbourLen {
		return Neighbour{}, fmt.Errorf("%d bytes: the frame has %d", len(frame), NeighbourLen)
	}
	frame = frame[:NeighbourLen]
	if got := binary.BigEndian.Uint16(frame[12:]); got != etherTypeIPv6 {
		return Neighbour{}, fmt.Errorf("ethernet type %#04x: IPv6 is %#04x", got, etherTypeIPv6)
	}
	message := frame[etherLen+ipv6HeaderLen:]
	if message[0] != advertisementType {
		return Neighbour{}, fmt.Errorf("ICMPv6 type %d: a neighbour advertisement is %d", message[0], advertisementType)
	}
	n := Neighbour{
		MAC:    [macLen]byte(frame[6:]),
		IP:     netip.AddrFrom16([16]byte(message[8:])),
		Router: message[4]&flagRouter != 0,
	}
	// What is left has one form for what was read.
	if !bytes.Equal(AppendNeighbour(nil, n), frame) {
		return Neighbour{}, errors.New("not an unsolicited neighbour advertisement of an address for itself, to all nodes")
	}
	return n, nil
}

// icmpChecksum is the checksum of an ICMPv6 message whose own field is zero (RFC 4443, 2.3).
func icmpChecksum(message []byte, source, destination [16]byte) uint16 {
	sum := uint32(len(message)) + protocolICMPv6
	for _, part := range [][]byte{source[:], destination[:], message} {
		for ; len(part) >= 2; part = part[2:] {
			sum += uint32(binary.BigEndian.Uint16(part))
		}
	}
	for sum>>16 != 0 {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
