// Package nlattr walks the attributes of netlink messages. It never reads behind a message, whatever
// the lengths in it say; it does not know what the attributes mean.
//
//	err := nlattr.Each(message[headerSize:], func(kind uint16, value []byte) error {
//		if kind == unix.IFA_LOCAL { … }
//		return nil
//	})
package nlattr

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
)

const (
	headerSize = 4
	// nested and byteOrder are flags in the type (NLA_F_NESTED, NLA_F_NET_BYTEORDER).
	nested, byteOrder = 0x8000, 0x4000
)

// ErrShort says that a message or an attribute is shorter than it says or than its type needs.
var ErrShort = errors.New("short netlink attribute")

// Each calls f for each attribute of b in order, until f gives an error.
func Each(b []byte, f func(kind uint16, value []byte) error) error {
	for len(b) >= headerSize {
		size := int(binary.NativeEndian.Uint16(b))
		if size < headerSize || size > len(b) {
			return ErrShort
		}
		kind := binary.NativeEndian.Uint16(b[2:]) &^ (nested | byteOrder)
		if err := f(kind, b[headerSize:size]); err != nil {
			return fmt.Errorf("attribute %d: %w", kind, err)
		}
		b = b[min((size+3)&^3, len(b)):]
	}
	return nil
}

// Uint8 reads the first byte of an attribute.
func Uint8(v []byte) (uint8, error) {
	if len(v) < 1 {
		return 0, ErrShort
	}
	return v[0], nil
}

// Uint16 reads a number in the machine's byte order.
func Uint16(v []byte) (uint16, error) {
	if len(v) < 2 {
		return 0, ErrShort
	}
	return binary.NativeEndian.Uint16(v), nil
}

// Uint32 reads a number in the machine's byte order.
func Uint32(v []byte) (uint32, error) {
	if len(v) < 4 {
		return 0, ErrShort
	}
	return binary.NativeEndian.Uint32(v), nil
}

// Port reads a number in network byte order.
func Port(v []byte) (uint16, error) {
	if len(v) < 2 {
		return 0, ErrShort
	}
	return binary.BigEndian.Uint16(v), nil
}

// Addr reads an address of the family that its length says.
func Addr(v []byte) (netip.Addr, error) {
	a, ok := netip.AddrFromSlice(v)
	if !ok {
		return netip.Addr{}, ErrShort
	}
	return a, nil
}

// String reads a text up to its first zero byte.
func String(v []byte) string {
	for i, c := range v {
		if c == 0 {
			return string(v[:i])
		}
	}
	return string(v)
}
