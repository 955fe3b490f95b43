//go:build linux

package lab

import (
	"encoding/binary"
	"fmt"
	"iter"
	"net/netip"
	"runtime"
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

const (
	// watchBuffer is the size of a watching socket's buffer, in bytes.
	watchBuffer = 16 << 20
	// watchPriority is the real-time priority of a watching thread: above every daemon's.
	watchPriority = 90
)

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
	ended, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		_ = unix.Close(fd)
		return fmt.Errorf("watch %s: %w", h.Name, err)
	}
	h.lab.keep(closer(func() error {
		_, err := unix.Write(ended, []byte{1, 0, 0, 0, 0, 0, 0, 1}) // not 0 in either byte order
		return err
	}), func() {
		defer unix.Close(ended)
		defer unix.Close(fd)
		h.readAddresses(fd, ended, f)
	})
	return nil
}

// closer makes a Closer of a function.
type closer func() error

func (c closer) Close() error { return c() }

// readAddresses reads until ended is readable. The kernel does not say when an event was, so a thread with a
// real-time priority takes the time, where that is permitted: a daemon that keeps the processors busy would
// make its own events look late.
func (h *Host) readAddresses(fd, ended int, f func(AddressEvent)) {
	runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
	_ = unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO,
		Priority: watchPriority, Flags: unix.SCHED_FLAG_RESET_ON_FORK}, 0)
	buf := make([]byte, 1<<16)
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}, {Fd: int32(ended), Events: unix.POLLIN}}
	for {
		if _, err := unix.Poll(fds, -1); err != nil && err != unix.EINTR || fds[1].Revents != 0 {
			return
		}
		n, _, err := unix.Recvfrom(fd, buf, unix.MSG_DONTWAIT)
		if err != nil {
			continue // ENOBUFS: more events than the buffer holds; the ones behind still come
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
