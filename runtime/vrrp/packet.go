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
	ipv4Len         = 4
	ipv6Len         = 16
	checksumOffset  = 6
	maxAddresses    = 255
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

// Advert is an advertisement of VRRP version 2 or 3, over IPv4 or IPv6.
type Advert struct {
	// Source and Destination are the IP addresses: the checksum of version 3 covers them, and in IPv6
	// that of both versions. They also say the family.
	Source, Destination netip.Addr
	// PseudoDestination stands in the checksum in place of Destination where it is valid: old daemons
	// put the multicast group there, also of unicast adverts (reference vrrp 1.4).
	PseudoDestination netip.Addr
	// PlainChecksum leaves the pseudo header out of version 3's checksum over IPv4.
	PlainChecksum bool
	// Version is 2 or 3.
	Version uint8
	VRID    uint8
	// Priority 0 says that the sender gives up.
	Priority uint8
	// Interval is whole seconds up to 255 in version 2, whole centiseconds up to 4095 in version 3.
	Interval time.Duration
	// AuthType is version 2's authentication: 0 none, 1 PASS, 2 AH. AuthData holds the password of PASS,
	// padded with zeros; it is a secret, and neither version 3 nor IPv6 has it.
	AuthType uint8
	AuthData [authDataLen]byte
	// Addresses are the virtual addresses, in the order of the configuration.
	Addresses []netip.Addr
}

// NewAdvert is the advert that an instance sends to its group: with the given priority, from source.
// What unicast, AH and signatures make of it is the [Sender]'s work.
func NewAdvert(inst plan.Instance, source netip.Addr, priority uint8) Advert {
	a := Advert{
		Source:        source,
		Destination:   groupOf(inst),
		PlainChecksum: inst.Deviations.ChecksumWithoutHeader,
		Version:       uint8(inst.Version),
		VRID:          inst.VRID,
		Priority:      priority,
		Interval:      inst.AdvertInterval,
		Addresses:     advertised(inst),
	}
	if inst.Version == 2 {
		a.AuthType = uint8(inst.Auth.Type)
		if inst.Auth.Type == plan.AuthPass {
			copy(a.AuthData[:], inst.Auth.Password)
		}
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
	if err := a.valid(); err != nil {
		return b, err
	}
	start := len(b)
	b = append(b, a.Version<<4|typeAdvert, a.VRID, a.Priority, uint8(len(a.Addresses)))
	if a.Version == 2 {
		b = append(b, a.AuthType, uint8(a.Interval/time.Second))
	} else {
		b = binary.BigEndian.AppendUint16(b, uint16(a.Interval/centisecond))
	}
	b = append(b, 0, 0)
	for _, address := range a.Addresses {
		b = append(b, address.AsSlice()...)
	}
	if a.Version == 2 && !a.IPv6() {
		b = append(b, a.AuthData[:]...)
	}
	a.putChecksum(b[start:])
	return b, nil
}

// IPv6 reports whether the advert goes over IPv6.
func (a Advert) IPv6() bool { return a.Destination.Is6() }

// valid looks for what the format cannot hold.
func (a Advert) valid() error {
	switch a.Version {
	case 2:
		if a.Interval < 0 || a.Interval > maxIntervalV2 || a.Interval%time.Second != 0 {
			return fmt.Errorf("interval %v: version 2 holds whole seconds up to 255", a.Interval)
		}
	case 3:
		if a.Interval < 0 || a.Interval > maxIntervalV3 || a.Interval%centisecond != 0 {
			return fmt.Errorf("interval %v: version 3 holds hundredths of a second up to 40.95 s", a.Interval)
		}
	default:
		return fmt.Errorf("version %d: only 2 and 3 are known", a.Version)
	}
	if !a.Source.IsValid() || !a.Destination.IsValid() || a.Source.Is6() != a.IPv6() || a.Source.Is4In6() || a.Destination.Is4In6() {
		return fmt.Errorf("from %v to %v: not two addresses of one family", a.Source, a.Destination)
	}
	if p := a.PseudoDestination; p.IsValid() && (!p.Is4() || a.IPv6()) {
		return fmt.Errorf("checksum for %v: only IPv4 has such checksums", p)
	}
	if len(a.Addresses) > maxAddresses {
		return fmt.Errorf("%d addresses: an advertisement holds %d", len(a.Addresses), maxAddresses)
	}
	for _, address := range a.Addresses {
		if !address.IsValid() || address.Is6() != a.IPv6() || address.Is4In6() {
			return fmt.Errorf("address %v: not of the family of the advertisement", address)
		}
	}
	return nil
}

// putChecksum computes the checksum of a packet: of IPv4 the advert alone, of IPv6 all that is behind
// the header, a signature included (reference vrrp 1.4).
func (a Advert) putChecksum(packet []byte) {
	packet[checksumOffset], packet[checksumOffset+1] = 0, 0
	binary.BigEndian.PutUint16(packet[checksumOffset:], checksum(packet, a.pseudoSum(len(packet))))
}

// pseudoSum is what the checksum covers besides the packet: in IPv6 always the pseudo header, in IPv4
// nothing in version 2 and the pseudo header in version 3, unless it is left out.
func (a Advert) pseudoSum(length int) uint32 {
	if !a.IPv6() && (a.Version != 3 || a.PlainChecksum) {
		return 0
	}
	destination := a.Destination
	if a.PseudoDestination.IsValid() {
		destination = a.PseudoDestination
	}
	return sum16(a.Source.AsSlice()) + sum16(destination.AsSlice()) + protocolVRRP + uint32(length)
}

// ParseAdvert reads a VRRP packet, without the IP header, that source sent to destination. It fails
// unless the packet is an advertisement of version 2 or 3 of exactly its own length with a right
// checksum; what a receiver does about each of these is [Acceptance]'s concern.
func ParseAdvert(data []byte, source, destination netip.Addr) (Advert, error) {
	a, err := decodeAdvert(data, source, destination)
	if err != nil {
		return Advert{}, err
	}
	if want := advertLen(a.Version, len(a.Addresses), a.IPv6()); len(data) != want {
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

// advertLen is the length of an advert; the authentication bytes are always there in version 2 over
// IPv4.
func advertLen(version uint8, addresses int, ipv6 bool) int {
	switch {
	case ipv6:
		return advertHeaderLen + ipv6Len*addresses
	case version == 2:
		return advertHeaderLen + ipv4Len*addresses + authDataLen
	}
	return advertHeaderLen + ipv4Len*addresses
}

func (a Advert) checksumRight(data []byte) bool {
	return checksum(data, a.pseudoSum(len(data))) == 0
}

// decodeAdvert reads the fields and judges none but the version and that the addresses are there.
func decodeAdvert(data []byte, source, destination netip.Addr) (Advert, error) {
	a := Advert{Source: source, Destination: destination}
	if !source.IsValid() || !destination.IsValid() || source.Is6() != a.IPv6() {
		return Advert{}, errors.New("not between two addresses of one family")
	}
	if len(data) < advertHeaderLen {
		return Advert{}, fmt.Errorf("%d bytes: the header has %d", len(data), advertHeaderLen)
	}
	a.Version, a.VRID, a.Priority = data[0]>>4, data[1], data[2]
	count := int(data[3])
	if want := advertLen(a.Version, count, a.IPv6()); len(data) < want {
		return Advert{}, fmt.Errorf("%d bytes: %d addresses need %d", len(data), count, want)
	}
	rest := data[advertHeaderLen:]
	a.Addresses = make([]netip.Addr, count)
	for i := range count {
		if a.IPv6() {
			a.Addresses[i] = netip.AddrFrom16([ipv6Len]byte(rest[ipv6Len*i:]))
		} else {
			a.Addresses[i] = netip.AddrFrom4([ipv4Len]byte(rest[ipv4Len*i:]))
		}
	}
	switch a.Version {
	case 2:
		a.AuthType = data[4]
		a.Interval = time.Duration(data[5]) * time.Second
		if !a.IPv6() {
			a.AuthData = [authDataLen]byte(rest[ipv4Len*count:])
		}
	case 3:
		// The upper four bits are reserved: ignored on receipt.
		a.Interval = time.Duration(binary.BigEndian.Uint16(data[4:])&0x0fff) * centisecond
	default:
		return Advert{}, fmt.Errorf("version %d: only 2 and 3 are known", a.Version)
	}
	return a, nil
}
