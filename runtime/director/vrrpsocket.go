//go:build linux

package director

import (
	"errors"
	"fmt"
	"net/netip"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"ka/runtime/vrrp"
)

const (
	protocolVRRP = 112
	// readsPerWake bounds how many packets of one socket are read before deadlines are looked at.
	readsPerWake = 64
	// readsWhenLate bounds it where a deadline has passed: more than a socket's buffer holds.
	readsWhenLate = 1024
	// maxPacket is more than any advert has: 20 bytes of IP header, 8 + 4·255 + 8 of VRRP.
	maxPacket = 2048
	// priorityControl is TC_PRIO_CONTROL: adverts go before everything else.
	priorityControl = 6
	tosControl      = 0xc0
)

// pool is a pair of raw sockets that the instances of one interface and group share.
type pool struct {
	iface         string
	group         netip.Addr
	index         int
	receive, send int
	byVRID        [256]*instance
	unknown       uint64
	buf           []byte
}

// openPools opens the sockets of all instances.
func (v *vrrpProcess) openPools() error {
	for _, inst := range v.instances {
		p := v.findPool(inst.plan.Interface, inst.plan.Group)
		if p == nil {
			p = &pool{iface: inst.plan.Interface, group: inst.plan.Group, receive: -1, send: -1, buf: make([]byte, maxPacket)}
			v.pools = append(v.pools, p)
			if err := v.openPool(p); err != nil {
				return err
			}
		}
		inst.pool = p
		p.byVRID[inst.plan.VRID] = inst
	}
	return nil
}

func (v *vrrpProcess) findPool(iface string, group netip.Addr) *pool {
	for _, p := range v.pools {
		if p.iface == iface && p.group == group {
			return p
		}
	}
	return nil
}

// openPool opens the sockets of p on the interface that has its name now.
func (v *vrrpProcess) openPool(p *pool) error {
	l, ok := v.mirror.links[p.iface]
	if !ok {
		return fmt.Errorf("interface %q does not exist", p.iface)
	}
	p.close()
	p.index = l.Index
	err := p.openReceive()
	if err == nil {
		err = p.openSend()
	}
	if err == nil {
		err = v.wait(p.receive)
	}
	if err != nil {
		p.close()
		return fmt.Errorf("VRRP sockets on %q: %w", p.iface, err)
	}
	return nil
}

func (p *pool) close() {
	for _, fd := range []int{p.receive, p.send} {
		if fd >= 0 {
			_ = unix.Close(fd) // epoll forgets it by itself
		}
	}
	p.receive, p.send = -1, -1
}

// rawSocket opens a raw socket that is bound to the interface.
func (p *pool) rawSocket() (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, protocolVRRP)
	if err != nil {
		return -1, err
	}
	if err := unix.BindToDevice(fd, p.iface); err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// openReceive joins the group on the interface and binds to it: unicasts are not heard, as in
// keepalived (reference vrrp 4.1).
func (p *pool) openReceive() (err error) {
	if p.receive, err = p.rawSocket(); err != nil {
		return err
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

// openSend opens a socket that writes whole packets, hears nothing, and never hears itself.
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
	mreq := &unix.IPMreqn{Ifindex: int32(p.index)}
	return errors.Join(
		unix.SetsockoptSockFprog(p.send, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, prog),
		unix.SetsockoptInt(p.send, unix.IPPROTO_IP, unix.IP_HDRINCL, 1),
		unix.SetsockoptIPMreqn(p.send, unix.IPPROTO_IP, unix.IP_MULTICAST_IF, mreq),
		unix.SetsockoptInt(p.send, unix.IPPROTO_IP, unix.IP_MULTICAST_LOOP, 0),
		unix.SetsockoptInt(p.send, unix.IPPROTO_IP, unix.IP_TOS, tosControl),
		unix.SetsockoptInt(p.send, unix.SOL_SOCKET, unix.SO_PRIORITY, priorityControl),
	)
}

// readPackets hands what has come to the machines, by VRID, as many packets as limit says.
func (v *vrrpProcess) readPackets(p *pool, limit int) {
	for range limit {
		n, _, err := unix.Recvfrom(p.receive, p.buf, unix.MSG_DONTWAIT)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return // nothing more; the errors of a link that is down come by the watch
		}
		packet := vrrp.PacketReceived{Packet: p.buf[:n]}
		vrid, ok := vrrp.VRIDOf(packet)
		inst := p.byVRID[vrid]
		if !ok || inst == nil {
			p.unknown++
			continue
		}
		v.step(inst, packet)
	}
}

// sendAdvert sends one packet. An interface that is down takes none: the watch tells the machine.
func (v *vrrpProcess) sendAdvert(inst *instance, a vrrp.SendAdvert) {
	to := &unix.SockaddrInet4{Addr: a.Destination.As4()}
	err := unix.Sendto(inst.pool.send, a.Packet, unix.MSG_DONTROUTE|unix.MSG_DONTWAIT, to)
	if errors.Is(err, inst.sendErr) {
		return
	}
	inst.sendErr = err
	if err != nil {
		v.warn("advert-not-sent", "instance", inst.plan.Name, "priority", a.Priority, "error", err.Error())
	}
}
