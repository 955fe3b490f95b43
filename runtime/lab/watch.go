//go:build linux

package lab

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// AddressEvent is an address that came or went, as the kernel tells every netlink listener.
type AddressEvent struct {
	Time    time.Time
	Added   bool
	Address netip.Prefix
	// Interface is the name of the host's interface, "if7" for one that the lab did not make.
	Interface string
	// Flags are the kernel's IFA_F_ bits, Scope its number.
	Flags uint32
	Scope uint8
}

// watchBuffer is the size of a watching socket's buffer, in bytes.
const watchBuffer = 16 << 20

// Watch calls f for each address that is added to the host or removed from it from now on, in order,
// on a goroutine of its own. An address that is added again shows once more.
func (h *Host) Watch(f func(AddressEvent)) error {
	var fd int
	err := h.Do(func() (err error) {
		fd, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
		if err != nil {
			return err
		}
		// Thousands of events in one burst; beyond the system's limit where that is permitted.
		if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, watchBuffer) != nil {
			_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, watchBuffer)
		}
		groups := uint32(1<<(unix.RTNLGRP_IPV4_IFADDR-1) | 1<<(unix.RTNLGRP_IPV6_IFADDR-1))
		if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}); err != nil {
			_ = unix.Close(fd)
			return err
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("watch %s: %w", h.Name, err)
	}
	sock := os.NewFile(uintptr(fd), "watch")
	h.lab.keep(sock, func() { h.readAddresses(sock, f) })
	return nil
}

func (h *Host) readAddresses(sock *os.File, f func(AddressEvent)) {
	buf := make([]byte, 1<<16)
	for {
		n, err := sock.Read(buf)
		if errors.Is(err, unix.ENOBUFS) {
			continue // more events than the buffer holds: the ones behind still come
		}
		if err != nil {
			return
		}
		now := time.Now()
		msgs, err := syscall.ParseNetlinkMessage(buf[:n])
		if err != nil {
			continue
		}
		for i := range msgs {
			if e, ok := h.parseAddress(&msgs[i]); ok {
				e.Time = now
				f(e)
			}
		}
	}
}

// parseAddress reads RTM_NEWADDR and RTM_DELADDR: struct ifaddrmsg (family, prefix length, flags,
// scope, index) and its attributes.
func (h *Host) parseAddress(m *syscall.NetlinkMessage) (e AddressEvent, ok bool) {
	if m.Header.Type != unix.RTM_NEWADDR && m.Header.Type != unix.RTM_DELADDR || len(m.Data) < unix.SizeofIfAddrmsg {
		return e, false
	}
	index := int(binary.NativeEndian.Uint32(m.Data[4:8]))
	e = AddressEvent{Added: m.Header.Type == unix.RTM_NEWADDR, Interface: h.linkName(index), Flags: uint32(m.Data[2]), Scope: m.Data[3]}
	var addr, local netip.Addr
	for kind, value := range attributes(m.Data[unix.SizeofIfAddrmsg:]) {
		switch kind {
		case unix.IFA_ADDRESS:
			addr, _ = netip.AddrFromSlice(value)
		case unix.IFA_LOCAL:
			local, _ = netip.AddrFromSlice(value)
		case unix.IFA_FLAGS:
			if len(value) >= 4 {
				e.Flags = binary.NativeEndian.Uint32(value)
			}
		}
	}
	if local.IsValid() {
		addr = local // behind IFA_ADDRESS may be a peer
	}
	e.Address = netip.PrefixFrom(addr, int(m.Data[1]))
	return e, addr.IsValid()
}

// attributes walks over netlink attributes: length, type, value, padding to four bytes. (The standard
// library's parser panics where the padding of the last one is missing.)
func attributes(b []byte) iter.Seq2[uint16, []byte] {
	return func(yield func(uint16, []byte) bool) {
		for len(b) >= unix.SizeofRtAttr {
			n := int(binary.NativeEndian.Uint16(b))
			if n < unix.SizeofRtAttr || n > len(b) || !yield(binary.NativeEndian.Uint16(b[2:]), b[unix.SizeofRtAttr:n]) {
				return
			}
			b = b[min((n+3)&^3, len(b)):]
		}
	}
}

func (h *Host) linkName(index int) string {
	h.lab.mu.Lock()
	defer h.lab.mu.Unlock()
	if name, ok := h.links[index]; ok {
		return name
	}
	return fmt.Sprintf("if%d", index)
}
