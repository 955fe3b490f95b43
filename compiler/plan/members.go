package plan

import (
	"encoding/binary"
	"net/netip"
)

// MaxGroupAddresses bounds the addresses of one line of a virtual_server_group. Each of them is a
// service of its own in the kernel.
const MaxGroupAddresses = 1 << 16

// Addresses calls each with every address of the member, in order; never for a mark.
func (m *GroupMember) Addresses(each func(netip.Addr)) {
	a := m.First
	for range addressesBetween(m.First, m.Last) {
		each(a)
		a = a.Next()
	}
}

// AddressCount is the number of addresses of the member: 0 for a mark, and where the range is empty,
// of two families, or larger than MaxGroupAddresses.
func (m *GroupMember) AddressCount() int { return addressesBetween(m.First, m.Last) }

func addressesBetween(first, last netip.Addr) int {
	if !first.IsValid() || first.BitLen() != last.BitLen() || last.Less(first) {
		return 0
	}
	a, b := first.As16(), last.As16()
	if [12]byte(a[:12]) != [12]byte(b[:12]) {
		return 0
	}
	n := uint64(binary.BigEndian.Uint32(b[12:])) - uint64(binary.BigEndian.Uint32(a[12:])) + 1
	if n > MaxGroupAddresses {
		return 0
	}
	return int(n)
}
