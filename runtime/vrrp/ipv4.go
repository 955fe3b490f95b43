package vrrp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
)

// The IPv4 header of adverts (reference vrrp 1.1): no options, Internetwork Control, TTL 255 so that a
// receiver knows that no router was between.
const (
	ipv4HeaderLen  = 20
	ipv4FirstByte  = 0x45
	tosInternetCtl = 0xc0
	requiredTTL    = 255
)

// AppendIPv4Packet appends the advert as a whole IPv4 packet, as it is sent on a raw socket, with the
// given identification and the header's checksum computed. It fails where AppendBinary does.
func AppendIPv4Packet(b []byte, a Advert, ipID uint16) ([]byte, error) {
	if a.IPv6() {
		return b, fmt.Errorf("to %v: not an IPv4 address", a.Destination)
	}
	start := len(b)
	b, err := a.AppendBinary(appendIPv4Header(b, a, ipID, requiredTTL, protocolVRRP))
	if err != nil {
		return b[:start], err
	}
	finishIPv4(b[start:])
	return b, nil
}

// appendIPv4Header appends a header of which length and checksum are still to be filled in.
func appendIPv4Header(b []byte, a Advert, ipID uint16, ttl, protocol uint8) []byte {
	b = append(b, ipv4FirstByte, tosInternetCtl, 0, 0)
	b = binary.BigEndian.AppendUint16(b, ipID)
	b = append(b, 0, 0, ttl, protocol, 0, 0)
	b = append(b, a.Source.AsSlice()...)
	return append(b, a.Destination.AsSlice()...)
}

// finishIPv4 fills in length and checksum of a packet that is complete.
func finishIPv4(packet []byte) {
	header := packet[:ipv4HeaderLen]
	binary.BigEndian.PutUint16(header[2:], uint16(len(packet)))
	binary.BigEndian.PutUint16(header[10:], checksum(header, 0))
}

// IPv4Header is what a receiver looks at of an IPv4 header.
type IPv4Header struct {
	// Len is the header's own length in bytes, TotalLen the whole packet's as the header has it.
	Len, TotalLen       int
	ID                  uint16
	TTL, Protocol       uint8
	Source, Destination netip.Addr
}

// ParseIPv4Header reads the header of a packet as a raw socket hands it over. The kernel has verified
// its checksum by then, and the total length against what arrived is a matter of acceptance.
func ParseIPv4Header(packet []byte) (IPv4Header, error) {
	if len(packet) < ipv4HeaderLen {
		return IPv4Header{}, fmt.Errorf("%d bytes: an IPv4 header has %d", len(packet), ipv4HeaderLen)
	}
	if packet[0]>>4 != 4 {
		return IPv4Header{}, errors.New("not IPv4")
	}
	h := IPv4Header{
		Len:         int(packet[0]&0x0f) * 4,
		TotalLen:    int(binary.BigEndian.Uint16(packet[2:])),
		ID:          binary.BigEndian.Uint16(packet[4:]),
		TTL:         packet[8],
		Protocol:    packet[9],
		Source:      netip.AddrFrom4([4]byte(packet[12:])),
		Destination: netip.AddrFrom4([4]byte(packet[16:])),
	}
	if h.Len < ipv4HeaderLen || h.Len > len(packet) {
		return IPv4Header{}, fmt.Errorf("header length %d in a packet of %d bytes", h.Len, len(packet))
	}
	return h, nil
}

// ParseIPv4Packet reads a whole IPv4 packet with an advert: strictly, as [ParseAdvert].
func ParseIPv4Packet(packet []byte) (IPv4Header, Advert, error) {
	h, err := ParseIPv4Header(packet)
	if err != nil {
		return h, Advert{}, err
	}
	if h.Protocol != protocolVRRP {
		return h, Advert{}, fmt.Errorf("protocol %d: VRRP is %d", h.Protocol, protocolVRRP)
	}
	if h.TotalLen != len(packet) {
		return h, Advert{}, fmt.Errorf("total length %d in a packet of %d bytes", h.TotalLen, len(packet))
	}
	a, err := ParseAdvert(packet[h.Len:], h.Source, h.Destination)
	return h, a, err
}

// sum16 adds up 16-bit words, an odd last byte padded with zero (RFC 1071).
func sum16(b []byte) uint32 {
	var sum uint32
	for len(b) >= 2 {
		sum += uint32(b[0])<<8 | uint32(b[1])
		b = b[2:]
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	return sum
}

// checksum is the ones' complement sum of RFC 1071 over b, added to carry. Over bytes that hold a
// right checksum it is 0.
func checksum(b []byte, carry uint32) uint16 {
	sum := carry + sum16(b)
	for sum>>16 != 0 {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
