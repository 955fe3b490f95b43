package vrrp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"ka/compiler/plan"
)

// Sizes of the wire format, in bytes (RFC 3768 section 5.1, RFC 9568 section 5.1).
const (
	advertHeaderLen = 8
	authDataLen     = 8
	addressLen      = 4
	checksumOffset  = 6
)

// typeAdvert is the only type of packet; protocolVRRP is IP's number for VRRP.
const (
	typeAdvert   = 1
	protocolVRRP = 112
	protocolAH   = 51
)

// The largest intervals that the formats hold.
const (
	maxIntervalV2 = 255 * time.Second
	maxIntervalV3 = 4095 * centisecond
	centisecond   = 10 * time.Millisecond
)

// Advert is an advertisement of VRRP version 2 or 3 over IPv4.
type Advert struct {
	// Source and Destination are the IP addresses: version 3's checksum covers them.
	Source, Destination netip.Addr
	// Version is 2 or 3.
	Version uint8
	VRID    uint8
	// Priority 0 says that the sender gives up.
	Priority uint8
	// Interval is whole seconds up to 255 in version 2, whole centiseconds up to 4095 in version 3.
	Interval time.Duration
	// AuthType is version 2's authentication: 0 none, 1 PASS, 2 AH. AuthData holds the password,
	// padded with zeros; it is a secret, and version 3 has none.
	AuthType uint8
	AuthData [authDataLen]byte
	// Addresses are the virtual addresses, in the order of the configuration.
	Addresses []netip.Addr
}

// NewAdvert is the advert that an instance sends: with its effective priority, from its source.
func NewAdvert(inst plan.Instance, source netip.Addr, priority uint8) Advert {
	a := Advert{
		Source:      source,
		Destination: groupOf(inst),
		Version:     uint8(inst.Version),
		VRID:        inst.VRID,
		Priority:    priority,
		Interval:    inst.AdvertInterval,
		Addresses:   advertised(inst),
	}
	if inst.Version == 2 {
		a.AuthType = uint8(inst.Auth.Type)
		copy(a.AuthData[:], inst.Auth.Password)
	}
	return a
}

// advertised lists the addresses that adverts carry; the excluded ones are not among them.
func advertised(inst plan.Instance) []netip.Addr {
	list := make([]netip.Addr, 0, len(inst.VIPs))
	for _, vip := range inst.VIPs {
		list = append(list, vip.Prefix.Addr())
	}
	return list
}

// defaultGroup is the multicast group of RFC 3768 section 5.2.2.
var defaultGroup = netip.AddrFrom4([4]byte{224, 0, 0, 18})

func groupOf(inst plan.Instance) netip.Addr {
	if inst.Group.IsValid() {
		return inst.Group
	}
	return defaultGroup
}

// AppendBinary appends the VRRP packet, without the IP header, its checksum computed. It fails on a
// value that the format cannot hold.
func (a Advert) AppendBinary(b []byte) ([]byte, error) {
	if len(a.Addresses) > 255 {
		return b, fmt.Errorf("%d addresses: an advertisement holds 255", len(a.Addresses))
	}
	start := len(b)
	b = append(b, a.Version<<4|typeAdvert, a.VRID, a.Priority, uint8(len(a.Addresses)))
	switch a.Version {
	case 2:
		if a.Interval < 0 || a.Interval > maxIntervalV2 || a.Interval%time.Second != 0 {
			return b[:start], fmt.Errorf("interval %v: version 2 holds whole seconds up to 255", a.Interval)
		}
		b = append(b, a.AuthType, uint8(a.Interval/time.Second), 0, 0)
	case 3:
		if a.Interval < 0 || a.Interval > maxIntervalV3 || a.Interval%centisecond != 0 {
			return b[:start], fmt.Errorf("interval %v: version 3 holds hundredths of a second up to 40.95 s", a.Interval)
		}
		b = binary.BigEndian.AppendUint16(b, uint16(a.Interval/centisecond))
		b = append(b, 0, 0)
	default:
		return b[:start], fmt.Errorf("version %d: only 2 and 3 are known", a.Version)
	}
	for _, address := range a.Addresses {
		if !address.Is4() {
			return b[:start], fmt.Errorf("address %v: only IPv4 is sent", address)
		}
		ip := address.As4()
		b = append(b, ip[:]...)
	}
	if a.Version == 2 {
		b = append(b, a.AuthData[:]...)
	} else if !a.Source.Is4() || !a.Destination.Is4() {
		return b[:start], errors.New("version 3 needs the IPv4 source and destination for its checksum")
	}
	sum := checksum(b[start:], a.pseudoSum(len(b)-start))
	binary.BigEndian.PutUint16(b[start+checksumOffset:], sum)
	return b, nil
}

// pseudoSum is what the checksum covers besides the packet: nothing in version 2, the pseudo header
// in version 3.
func (a Advert) pseudoSum(length int) uint32 {
	if a.Version != 3 {
		return 0
	}
	source, destination := a.Source.As4(), a.Destination.As4()
	var pseudo [12]byte
	copy(pseudo[0:], source[:])
	copy(pseudo[4:], destination[:])
	pseudo[9] = protocolVRRP
	binary.BigEndian.PutUint16(pseudo[10:], uint16(length))
	return sum16(pseudo[:])
}

// ParseAdvert reads a VRRP packet, without the IP header, that source sent to destination. It fails
// unless the packet is an advertisement of version 2 or 3 of exactly its own length with a right
// checksum; what a receiver does about each of these is [Acceptance]'s concern.
func ParseAdvert(data []byte, source, destination netip.Addr) (Advert, error) {
	a, err := decodeAdvert(data, source, destination)
	if err != nil {
		return Advert{}, err
	}
	if want := advertLen(a.Version, len(a.Addresses)); len(data) != want {
		return Advert{}, fmt.Errorf("%d bytes: %d addresses need %d", len(data), len(a.Addresses), want)
	}
	if data[0]&0x0f != typeAdvert {
		return Advert{}, fmt.Errorf("type %d: only 1 is known", data[0]&0x0f)
	}
	if !a.checksumRight(data) {
		return Advert{}, errors.New("wrong checksum")
	}
	return a, nil
}

// advertLen is the length of an advert; the authentication bytes are always there in version 2.
func advertLen(version uint8, addresses int) int {
	n := advertHeaderLen + addressLen*addresses
	if version == 2 {
		n += authDataLen
	}
	return n
}

func (a Advert) checksumRight(data []byte) bool {
	return checksum(data, a.pseudoSum(len(data))) == 0
}

// decodeAdvert reads the fields and judges none but the version and that the addresses are there.
func decodeAdvert(data []byte, source, destination netip.Addr) (Advert, error) {
	if !source.Is4() || !destination.Is4() {
		return Advert{}, errors.New("not between IPv4 addresses")
	}
	if len(data) < advertHeaderLen {
		return Advert{}, fmt.Errorf("%d bytes: the header has %d", len(data), advertHeaderLen)
	}
	a := Advert{
		Source: source, Destination: destination,
		Version: data[0] >> 4, VRID: data[1], Priority: data[2],
	}
	count := int(data[3])
	if len(data) < advertLen(a.Version, count) {
		return Advert{}, fmt.Errorf("%d bytes: %d addresses need %d", len(data), count, advertLen(a.Version, count))
	}
	rest := data[advertHeaderLen:]
	for i := range count {
		a.Addresses = append(a.Addresses, netip.AddrFrom4([4]byte(rest[addressLen*i:])))
	}
	switch a.Version {
	case 2:
		a.AuthType = data[4]
		a.Interval = time.Duration(data[5]) * time.Second
		a.AuthData = [authDataLen]byte(rest[addressLen*count:])
	case 3:
		// The upper four bits are reserved: ignored on receipt.
		a.Interval = time.Duration(binary.BigEndian.Uint16(data[4:])&0x0fff) * centisecond
	default:
		return Advert{}, fmt.Errorf("version %d: only 2 and 3 are known", a.Version)
	}
	return a, nil
}
