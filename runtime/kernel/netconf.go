//go:build linux

package kernel

import (
	"encoding/binary"
	"fmt"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"ka/runtime/internal/nlattr"
)

// The attributes of a netconf message (linux/netconf.h), and the length of its header with padding.
const (
	netconfHeader     = 4
	netconfIndex      = 1
	netconfForwarding = 2
)

// decodeNetconf reads the body of an RTM_NEWNETCONF: whether an interface forwards packets of IPv6. The
// settings for all interfaces and for new ones are not listed.
func decodeNetconf(b []byte) (index int, forwards bool, err error) {
	if len(b) < netconfHeader {
		return 0, false, nlattr.ErrShort
	}
	if b[0] != unix.AF_INET6 {
		return 0, false, errNotOurs
	}
	known := false
	err = nlattr.Each(b[netconfHeader:], func(kind uint16, v []byte) error {
		if len(v) < 4 {
			return nil
		}
		switch n := int32(binary.NativeEndian.Uint32(v)); kind {
		case netconfIndex:
			index = int(n)
		case netconfForwarding:
			forwards, known = n != 0, true
		}
		return nil
	})
	if err == nil && (index <= 0 || !known) {
		err = errNotOurs
	}
	return index, forwards, err
}

// dumpForwarding marks the links that forward packets of IPv6. A kernel without IPv6 has none.
func dumpForwarding(socket *nl.SocketHandle, links map[int]Link) error {
	msgs, err := dump(socket, unix.RTM_GETNETCONF, unix.RTM_NEWNETCONF, netconfRequest{})
	if err != nil {
		return fmt.Errorf("read which interfaces forward: %w", err)
	}
	for _, m := range msgs {
		if index, forwards, err := decodeNetconf(m); err == nil {
			if l, ok := links[index]; ok {
				l.ForwardsIPv6 = forwards
				links[index] = l
			}
		}
	}
	return nil
}

// netconfRequest is the header of a request for IPv6.
type netconfRequest struct{}

// Len is the length of the header, Serialize writes it.
func (netconfRequest) Len() int { return netconfHeader }

// Serialize writes the header: the family and padding.
func (netconfRequest) Serialize() []byte { return []byte{unix.AF_INET6, 0, 0, 0} }
