package arp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
)

// FrameLen is the length of a frame, Ethernet header included; it is not padded.
const FrameLen = 42

// The constants of the frame (RFC 826).
const (
	etherTypeARP  = 0x0806
	etherTypeIPv4 = 0x0800
	hardwareEther = 1
	macLen        = 6
	ipLen         = 4
	opRequest     = 1
)

// broadcast is every station on the link.
var broadcast = [macLen]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// Gratuitous is what a gratuitous ARP request says: the address IP is at MAC.
type Gratuitous struct {
	MAC [macLen]byte
	// IP is an IPv4 address.
	IP netip.Addr
}

// AppendGratuitous appends the whole Ethernet frame that announces ip at mac, as keepalived sends it
// (reference vrrp 9): a broadcast request whose sender and target are the address, and
// whose target hardware address is the broadcast address. Of anything but an IPv4 address it appends
// nothing.
func AppendGratuitous(b []byte, mac [6]byte, ip netip.Addr) []byte {
	if !ip.Is4() {
		return b
	}
	address := ip.As4()
	b = append(b, broadcast[:]...)
	b = append(b, mac[:]...)
	b = binary.BigEndian.AppendUint16(b, etherTypeARP)
	b = binary.BigEndian.AppendUint16(b, hardwareEther)
	b = binary.BigEndian.AppendUint16(b, etherTypeIPv4)
	b = append(b, macLen, ipLen)
	b = binary.BigEndian.AppendUint16(b, opRequest)
	b = append(b, mac[:]...)
	b = append(b, address[:]...)
	b = append(b, broadcast[:]...)
	return append(b, address[:]...)
}

// Parse reads a frame of exactly the form that [AppendGratuitous] writes, with or without Ethernet's
// padding behind it. The error says what is different.
func Parse(frame []byte) (Gratuitous, error) {
	if len(frame) < FrameLen {
		return Gratuitous{}, fmt.Errorf("%d bytes: the frame has %d", len(frame), FrameLen)
	}
	number := func(at int) int { return int(binary.BigEndian.Uint16(frame[at:])) }
	switch {
	case number(12) != etherTypeARP:
		return Gratuitous{}, fmt.Errorf("ethernet type %#04x: ARP is %#04x", number(12), etherTypeARP)
	case number(14) != hardwareEther || number(16) != etherTypeIPv4 || frame[18] != macLen || frame[19] != ipLen:
		return Gratuitous{}, errors.New("not for IPv4 on Ethernet")
	case number(20) != opRequest:
		return Gratuitous{}, fmt.Errorf("operation %d: a request is %d", number(20), opRequest)
	case [macLen]byte(frame) != broadcast || [macLen]byte(frame[32:]) != broadcast:
		return Gratuitous{}, errors.New("not to everybody")
	case [macLen]byte(frame[6:]) != [macLen]byte(frame[22:]):
		return Gratuitous{}, errors.New("the ethernet source is not the sender")
	case [ipLen]byte(frame[28:]) != [ipLen]byte(frame[38:]):
		return Gratuitous{}, errors.New("sender and target address differ")
	}
	return Gratuitous{
		MAC: [macLen]byte(frame[6:]),
		IP:  netip.AddrFrom4([4]byte(frame[28:])),
	}, nil
}
