package vrrp

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/binary"
	"fmt"
)

// The authentication header (IP protocol 51) as keepalived has it (reference vrrp 1.6): the fields of
// RFC 2402, the authentication of RFC 2403 over what does not change on the way.
const (
	ahLen          = 24
	ahICVLen       = 12
	ahICVOffset    = 12
	ahPayloadWords = 4 // the length in words of 32 bits, less 2
	// ahLastSequence is where the counter stops: a new master starts again from 0.
	ahLastSequence = 0xfffffffd
)

// authenticationHeader is what a receiver looks at of an authentication header.
type authenticationHeader struct {
	nextHeader uint8
	spi        [ipv4Len]byte
	sequence   uint32
	icv        [ahICVLen]byte
}

// parseAH reads an authentication header; b holds at least that.
func parseAH(b []byte) authenticationHeader {
	return authenticationHeader{
		nextHeader: b[0],
		spi:        [ipv4Len]byte(b[4:]),
		sequence:   binary.BigEndian.Uint32(b[8:]),
		icv:        [ahICVLen]byte(b[ahICVOffset:]),
	}
}

// appendAH appends an authentication header whose value is still to be filled in.
func appendAH(b []byte, a Advert, sequence uint32) []byte {
	b = append(b, protocolVRRP, ahPayloadWords, 0, 0)
	b = append(b, a.Source.AsSlice()...)
	b = binary.BigEndian.AppendUint32(b, sequence)
	return append(b, make([]byte, ahICVLen)...)
}

// ahValue computes the value over a whole packet with a header of headerLen bytes: the key is the
// password padded to 8 bytes, and what routers may change counts as zero. In multicast nobody changes
// the TTL, so it counts.
func ahValue(key [authDataLen]byte, packet []byte, headerLen int, unicast bool) [ahICVLen]byte {
	header := make([]byte, headerLen+ahLen)
	copy(header, packet)
	header[1] = 0               // type of service
	header[6], header[7] = 0, 0 // flags and fragment
	if unicast {
		header[8] = 0
	}
	header[10], header[11] = 0, 0 // checksum
	clear(header[headerLen+ahICVOffset:])
	mac := hmac.New(md5.New, key[:])
	mac.Write(header)
	mac.Write(packet[headerLen+ahLen:])
	return [ahICVLen]byte(mac.Sum(nil))
}

// ahCounter counts the adverts of both directions of an instance (reference vrrp 1.6): a backup that
// becomes master goes on where the old master stopped.
type ahCounter struct {
	sequence uint32
	// cycled says that the end of the numbers was reached.
	cycled bool
	// own says that the number is that of an advert which was sent.
	own bool
}

// next is the number of the next advert.
func (c *ahCounter) next() uint32 {
	if c.sequence > ahLastSequence {
		c.cycled = true
	} else {
		c.sequence++
	}
	c.own = true
	return c.sequence
}

// restart begins anew where the numbers have run out: a new master does.
func (c *ahCounter) restart() {
	if c.cycled {
		*c = ahCounter{}
	}
}

// overtake leaves a number free behind that of a lower master, as keepalived does before it answers.
func (c *ahCounter) overtake() {
	if c.sequence <= ahLastSequence {
		c.sequence++
	}
}

// isNew reports whether a number was not heard before. That of the latest own advert was not: two masters that
// count in step, and send at the same time, would never hear each other. keepalived takes it for an old one.
func (c *ahCounter) isNew(sequence uint32, b Behaviour) bool {
	return sequence > c.sequence || sequence == c.sequence && c.own && !b.OwnNumberIsOld
}

// judgeAH verifies an advert with an authentication header, in keepalived's order: the value, the
// index, the number. The number counts as heard from then on.
func (c *Acceptance) judgeAH(packet []byte, h IPv4Header) (DropReason, string) {
	ah := parseAH(packet[h.Len:])
	if ah.nextHeader != protocolVRRP {
		return DropAHNextHeader, fmt.Sprintf("protocol %d behind the authentication header, %d expected", ah.nextHeader, protocolVRRP)
	}
	want := ahValue(c.ahKey, packet, h.Len, c.unicast)
	switch counter := &c.session.ah; {
	case !hmac.Equal(want[:], ah.icv[:]):
		return DropAHValue, "the value of the authentication header is wrong: another password, or the packet was changed"
	case ah.spi != h.Source.As4():
		return DropAHIndex, "the index of the authentication header is not the source address"
	case !counter.isNew(ah.sequence, c.behaviour):
		return DropAHReplayed, fmt.Sprintf("sequence number %d was there already, the latest is %d", ah.sequence, counter.sequence)
	default:
		*counter = ahCounter{sequence: ah.sequence}
	}
	return "", ""
}
