package vrrp

import (
	"errors"
	"fmt"
	"net/netip"
)

// ipv6HeaderLen is the length of an IPv6 header; adverts have no extension headers.
const ipv6HeaderLen = 40

// Captured is an advert as it is seen on a wire, with what stands around it.
type Captured struct {
	Advert
	// TTL is the time to live, in IPv6 the hop limit.
	TTL uint8
	// Header says that it has an authentication header, with this number.
	Header   bool
	Sequence uint32
	// Signature is the trailer; nil: it is not signed.
	Signature *Trailer
}

// ReadPacket reads a whole packet of IPv4 or IPv6 with an advert, as it is seen on a wire. It verifies the
// checksums, but neither AH nor signatures, for which it takes the keys.
func ReadPacket(packet []byte) (Captured, error) {
	if len(packet) > 0 && packet[0]>>4 == 6 {
		return readIPv6(packet)
	}
	h, err := ParseIPv4Header(packet)
	if err != nil {
		return Captured{}, err
	}
	if h.TotalLen < h.Len || h.TotalLen > len(packet) {
		return Captured{}, fmt.Errorf("total length %d in a packet of %d bytes", h.TotalLen, len(packet))
	}
	c := Captured{TTL: h.TTL}
	data := packet[h.Len:h.TotalLen]
	switch h.Protocol {
	case protocolVRRP:
	case protocolAH:
		if len(data) < ahLen {
			return Captured{}, fmt.Errorf("%d bytes: an authentication header has %d", len(data), ahLen)
		}
		c.Header, c.Sequence = true, parseAH(data).sequence
		data = data[ahLen:]
	default:
		return Captured{}, fmt.Errorf("protocol %d: VRRP is %d", h.Protocol, protocolVRRP)
	}
	err = c.read(data, h.Source, h.Destination)
	return c, err
}

func readIPv6(packet []byte) (Captured, error) {
	if len(packet) < ipv6HeaderLen {
		return Captured{}, fmt.Errorf("%d bytes: an IPv6 header has %d", len(packet), ipv6HeaderLen)
	}
	length := int(packet[4])<<8 | int(packet[5])
	switch {
	case packet[6] != protocolVRRP:
		return Captured{}, fmt.Errorf("protocol %d: VRRP is %d", packet[6], protocolVRRP)
	case length > len(packet)-ipv6HeaderLen:
		return Captured{}, fmt.Errorf("length %d in a packet of %d bytes", length, len(packet))
	}
	source, destination := netip.AddrFrom16([16]byte(packet[8:])), netip.AddrFrom16([16]byte(packet[24:]))
	data := packet[ipv6HeaderLen : ipv6HeaderLen+length]
	if whole := (Advert{Source: source, Destination: destination}); !whole.checksumRight(data) {
		return Captured{}, errWrongChecksum
	}
	c := Captured{TTL: packet[7]}
	err := c.read(data, source, destination)
	return c, err
}

var errWrongChecksum = errors.New("wrong checksum")

// read reads what is behind the headers: the advert, and a signature where there is one.
func (c *Captured) read(data []byte, source, destination netip.Addr) (err error) {
	if c.Advert, err = decodeAdvert(data, source, destination); err != nil {
		return err
	}
	pdu := advertLen(c.Version, len(c.Addresses), c.IPv6())
	switch rest := data[pdu:]; len(rest) {
	case 0:
	case trailerLen:
		t, err := ParseTrailer(rest)
		if err != nil {
			return err
		}
		c.Signature = &t
	default:
		return fmt.Errorf("%d bytes behind the advertisement", len(rest))
	}
	if data[0]&0x0f != typeAdvert {
		return fmt.Errorf("type %d: only 1 is known", data[0]&0x0f)
	}
	if c.IPv6() {
		return nil // the checksum covers the signature
	}
	// The three forms that are sent (reference vrrp 1.4).
	plain, group := c.Advert, c.Advert
	plain.PlainChecksum, group.PseudoDestination = true, defaultGroup
	if !c.checksumRight(data[:pdu]) && !plain.checksumRight(data[:pdu]) && !group.checksumRight(data[:pdu]) {
		return errWrongChecksum
	}
	return nil
}
