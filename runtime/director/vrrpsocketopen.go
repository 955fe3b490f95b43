//go:build linux

package director

import (
	"errors"
	"fmt"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

const (
	// priorityControl is TC_PRIO_CONTROL: adverts go before everything else.
	priorityControl = 6
	tosControl      = 0xc0
	multicastHops   = 255
	// multicastAllIPv6 is IPV6_MULTICAST_ALL, for which x/sys has no name (linux/in6.h).
	multicastAllIPv6 = 29
	// ownBuffer is the receive buffer in bytes where none is configured: a node with a thousand instances
	// hears as many adverts at once, more than the usual buffer holds.
	ownBuffer = 1 << 20
)

// rawSocket opens a raw socket that is bound to the interface.
func (p *pool) rawSocket() (int, error) {
	family, protocol := unix.AF_INET, protocolVRRP
	if p.ipv6 {
		family = unix.AF_INET6
	}
	if p.ah {
		protocol = protocolAH
	}
	fd, err := unix.Socket(family, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, protocol)
	if err != nil || p.device == "" {
		return fd, err
	}
	if err := unix.BindToDevice(fd, p.device); err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// openReceive opens the socket that hears: multicast joins the group on the interface and binds to it,
// so that unicasts are not heard; unicast binds to its source, which need not be there yet.
func (p *pool) openReceive(buffer int) (err error) {
	if p.receive, err = p.rawSocket(); err != nil {
		return err
	}
	if buffer > 0 {
		if err := unix.SetsockoptInt(p.receive, unix.SOL_SOCKET, unix.SO_RCVBUF, buffer); err != nil {
			return fmt.Errorf("receive buffer: %w", err)
		}
	} else {
		// Best effort: without the right to it the system's own has to do.
		_ = unix.SetsockoptInt(p.receive, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, ownBuffer)
	}
	if p.ipv6 {
		return p.bindIPv6()
	}
	if p.source.IsValid() {
		return errors.Join(
			unix.SetsockoptInt(p.receive, unix.IPPROTO_IP, unix.IP_FREEBIND, 1),
			unix.Bind(p.receive, &unix.SockaddrInet4{Addr: p.source.As4()}))
	}
	group := p.group.As4()
	if err := unix.SetsockoptInt(p.receive, unix.IPPROTO_IP, unix.IP_MULTICAST_ALL, 0); err != nil {
		return err
	}
	mreq := &unix.IPMreqn{Multiaddr: group, Ifindex: int32(p.index)}
	if err := unix.SetsockoptIPMreqn(p.receive, unix.IPPROTO_IP, unix.IP_ADD_MEMBERSHIP, mreq); err != nil {
		return fmt.Errorf("join %s: %w", p.group, err)
	}
	return unix.Bind(p.receive, &unix.SockaddrInet4{Addr: group})
}

// bindIPv6 is the same for IPv6, which tells of the header only where it is asked. The checksum is left to
// acceptance, so that a wrong one is counted.
func (p *pool) bindIPv6() error {
	err := errors.Join(
		unix.SetsockoptInt(p.receive, unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1),
		unix.SetsockoptInt(p.receive, unix.IPPROTO_IPV6, unix.IPV6_RECVHOPLIMIT, 1))
	if err != nil {
		return err
	}
	// Kernels before 4.20 do not have it: acceptance looks at the destination too.
	_ = unix.SetsockoptInt(p.receive, unix.IPPROTO_IPV6, multicastAllIPv6, 0)
	if p.source.IsValid() {
		if err := unix.SetsockoptInt(p.receive, unix.IPPROTO_IPV6, unix.IPV6_FREEBIND, 1); err != nil {
			return err
		}
		return unix.Bind(p.receive, &unix.SockaddrInet6{Addr: p.source.As16(), ZoneId: p.zone(p.source)})
	}
	mreq := &unix.IPv6Mreq{Multiaddr: p.group.As16(), Interface: uint32(p.index)}
	if err := unix.SetsockoptIPv6Mreq(p.receive, unix.IPPROTO_IPV6, unix.IPV6_JOIN_GROUP, mreq); err != nil {
		return fmt.Errorf("join %s: %w", p.group, err)
	}
	return unix.Bind(p.receive, &unix.SockaddrInet6{Addr: p.group.As16(), ZoneId: p.zone(p.group)})
}

// openSend opens a socket that hears nothing, and never hears itself. Of IPv4 it writes whole packets.
func (p *pool) openSend() (err error) {
	if p.send, err = p.rawSocket(); err != nil {
		return err
	}
	dropAll, err := bpf.Assemble([]bpf.Instruction{bpf.RetConstant{Val: 0}})
	if err != nil {
		return err
	}
	filter := []unix.SockFilter{{Code: dropAll[0].Op, Jt: dropAll[0].Jt, Jf: dropAll[0].Jf, K: dropAll[0].K}}
	prog := &unix.SockFprog{Len: 1, Filter: &filter[0]}
	err = errors.Join(
		unix.SetsockoptSockFprog(p.send, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, prog),
		unix.SetsockoptInt(p.send, unix.SOL_SOCKET, unix.SO_PRIORITY, priorityControl))
	if p.ipv6 {
		return errors.Join(err, p.sendIPv6())
	}
	err = errors.Join(err,
		unix.SetsockoptInt(p.send, unix.IPPROTO_IP, unix.IP_HDRINCL, 1),
		unix.SetsockoptInt(p.send, unix.IPPROTO_IP, unix.IP_TOS, tosControl))
	if !p.group.IsValid() {
		return err
	}
	return errors.Join(err,
		unix.SetsockoptIPMreqn(p.send, unix.IPPROTO_IP, unix.IP_MULTICAST_IF, &unix.IPMreqn{Ifindex: int32(p.index)}),
		unix.SetsockoptInt(p.send, unix.IPPROTO_IP, unix.IP_MULTICAST_LOOP, 0))
}

// sendIPv6 sets what the kernel puts into the header. The checksum is in the packet.
func (p *pool) sendIPv6() error {
	err := unix.SetsockoptInt(p.send, unix.IPPROTO_IPV6, unix.IPV6_TCLASS, tosControl)
	if !p.group.IsValid() {
		return err
	}
	return errors.Join(err,
		unix.SetsockoptInt(p.send, unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_HOPS, multicastHops),
		unix.SetsockoptInt(p.send, unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_IF, p.index),
		unix.SetsockoptInt(p.send, unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_LOOP, 0))
}
